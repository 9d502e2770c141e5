// Who sees what of the R-Car H3: views by name, from which those of agents are made. PSCI's is SCP-firmware's table of resource
// permissions, product/rcar, without the protocols that it denies PSCI altogether. Those of guests are guesses of what such
// guests need; that nobody but the driver assistance has the inertial sensors is from the same source as the sensors.
import { VEHICLE_SENSORS } from "../packs/vehicle_sensors.ts";
import type { ViewInput } from "../view.ts";

/** Control of modules: their clocks, and the resets that have the same names. */
function modules(...patterns: readonly string[]) {
  const rules = Object.fromEntries(patterns.map((pattern) => [pattern, "control"] as const));
  return { clock: rules, resetDomain: rules };
}

const DISPLAY_AND_SOUND = modules("du*", "cmm*", "vspd*", "fcpvd*", "lvds", "hdmi*", "ssi*", "audmac*");

/** The views. */
export const RCAR_VIEWS = {
  psci: {
    powerDomain: "control",
    systemPower: "control",
    performanceDomain: "read",
    commands: { performance: ["PERFORMANCE_DESCRIBE_LEVELS"] },
  },
  /** What every guest may know of the chip. */
  chip: {
    sensor: { thermal1: "read", thermal2: "read", thermal3: "read" },
    performanceDomain: "read",
    powercapDomain: "read",
    systemPower: "control",
  },
  cockpit: {
    extends: ["chip"],
    sensor: {
      temp_board: "read",
      temp_exterior: "read",
      temp_batt_avg: "read",
      volt_12v: "read",
      volt_traction: "read",
      [VEHICLE_SENSORS.soc_traction.name]: "read",
      "tire_*": "read",
    },
    // Graphics, and what draws pictures and plays sound.
    powerDomain: { "3dg-*": "control" },
    ...DISPLAY_AND_SOUND,
    // Sample rate converters have no resets.
    clock: { ...DISPLAY_AND_SOUND.clock, "scu-*": "control", "audio_*": "read" },
  },
  adas: {
    extends: ["chip"],
    sensor: { accel: "read", gyro: "read", "wheel_*": "read" },
    // Cameras, and what looks at their pictures.
    powerDomain: { a3ir: "control", "a3v*": "control", a2vc1: "control" },
    ...modules("vin*", "csi*", "imr*", "vspi*", "fcpvi*", "can-*"),
    voltageDomain: "read",
  },
} as const satisfies Readonly<Record<string, ViewInput>>;
