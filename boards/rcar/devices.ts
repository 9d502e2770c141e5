// The groups of resources that permissions name as one. The first 26, with their ids, are those of SCP-firmware's
// product/rcar; of two of them its tables are quoted (ETHERAVB, SDHI), the others are filled in the same way. Those behind
// them are for hardware that SCP does not have: an extension.
import type { DeviceDescription } from "../board.ts";
import { VEHICLE_SENSORS } from "../packs/vehicle_sensors.ts";
import { RCAR_PIN_FUNCTIONS, RCAR_PIN_GROUPS } from "./pin_functions.ts";
import { RCAR_PINS } from "./pins.ts";
import { RCAR_POWERCAP_DOMAINS } from "./powercap_domains.ts";
import { RCAR_VOLTAGE_DOMAINS } from "./rails.ts";

/** A device whose reset and module clock have one name, with what else belongs to it. */
function moduleDevice(name: string, module: string, moreClocks: readonly string[] = []): DeviceDescription {
  return { name, resources: { clock: [module, ...moreClocks], resetDomain: [module] } };
}

/** Devices of one kind, numbered. */
function numbered(
  name: string,
  count: number,
  moduleOf: (channel: number) => string,
  moreClocksOf: (channel: number) => readonly string[] = () => [],
): DeviceDescription[] {
  return Array.from(
    { length: count },
    (_, channel) => moduleDevice(`${name}${channel}`, moduleOf(channel), moreClocksOf(channel)),
  );
}

/** A USB port: its host controller, and what only it has beside that. */
function usb(channel: number, moreModules: readonly string[]): DeviceDescription {
  const modules = [`ehci${channel}`, ...moreModules];
  return { name: `USB${channel}`, resources: { clock: modules, resetDomain: modules } };
}

const CORES = Array.from({ length: 8 }, (_, place) => `CLUS${place >> 2}CORE${place & 3}`);

/** Of SCP, ids 0 to 25. */
const OF_SCP: readonly DeviceDescription[] = [
  {
    name: "CPU",
    resources: {
      powerDomain: [...CORES, "CLUS0", "CLUS1"],
      performanceDomain: ["LITTLE_CPU", "BIG_CPU"],
    },
  },
  moduleDevice("ETHERAVB", "etheravb", ["s0d3", "s0d6"]),
  ...numbered("HDMI", 2, (channel) => `hdmi${channel}`),
  ...numbered("I2C", 5, (channel) => `i2c${channel}`),
  ...numbered("GPIO", 3, (channel) => `gpio${channel}`),
  ...numbered("SDHI", 4, (channel) => `sdif${channel}`, (channel) => [`sd${channel}`]),
  moduleDevice("INTC_AP", "intc-ap"),
  ...numbered("DMAC", 3, (channel) => `sys-dmac${channel}`),
  ...numbered("AUDMAC", 2, (channel) => `audmac${channel}`),
  usb(0, ["hsusb", "usb-dmac0", "usb-dmac1"]),
  usb(1, []),
  usb(2, []),
  usb(3, ["hsusb3", "usb-dmac30", "usb-dmac31"]),
];

/** All groups; the place is the device id. */
export const RCAR_DEVICES: readonly DeviceDescription[] = [
  ...OF_SCP,
  { name: "THERMAL", resources: { sensor: ["thermal1", "thermal2", "thermal3"] } },
  {
    name: "POWER",
    resources: { sensor: ["volt_dvfs", "curr_dvfs", "power_soc", "energy_soc", "temp_board"] },
  },
  { name: "VEHICLE", resources: { sensor: Object.values(VEHICLE_SENSORS).map(({ name }) => name) } },
  { name: "GPU", resources: { powerDomain: ["3dg-a", "3dg-b", "3dg-c", "3dg-d", "3dg-e"] } },
  { name: "SYSTEM", resources: { systemPower: ["system"] } },
  {
    name: "PINS",
    resources: {
      pin: RCAR_PINS.map(({ name }) => name),
      pinGroup: RCAR_PIN_GROUPS.map(({ name }) => name),
      pinFunction: RCAR_PIN_FUNCTIONS.map(({ name }) => name),
    },
  },
  { name: "RAILS", resources: { voltageDomain: RCAR_VOLTAGE_DOMAINS.map(({ name }) => name) } },
  { name: "CAPS", resources: { powercapDomain: RCAR_POWERCAP_DOMAINS.map(({ name }) => name) } },
];
