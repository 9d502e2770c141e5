// The module clocks of the R-Car H3 and the clocks of the boards around it, ids 40 to 199 of SCP-firmware's product/rcar. A
// module clock is a gate at the rate of its parent. What SCP does not have is marked as an extension.
import type { ClockInput } from "../clock.ts";

/** Names in the order of their ids, from 40 on, and the parents they hang under (SCP). */
const MODULES: readonly (readonly [parent: string, names: string])[] = [
  ["s0d1", "fdp1-1 fdp1-0"], // 40
  ["s3d4", "scif5 scif4 scif3 scif1 scif0"],
  ["mso", "msiof3 msiof2 msiof1 msiof0"], // 47
  ["s3d1", "sys-dmac2 sys-dmac1"],
  ["s0d3", "sys-dmac0"],
  ["cr", "sceg-pub"],
  ["r", "cmt3 cmt2 cmt1 cmt0"], // 55
  ["s3d4", "tpu0 scif2"],
  ["sd3", "sdif3"], // 61
  ["sd2", "sdif2"],
  ["sd1", "sdif1"],
  ["sd0", "sdif0"],
  ["s3d1", "pcie1 pcie0 usb-dmac30 usb3-if0 usb-dmac31 usb-dmac0 usb-dmac1"], // 65
  ["r", "rwdt"], // 72
  ["cp", "intc-ex"],
  ["s0d3", "intc-ap"],
  ["s1d2", "audmac1 audmac0"], // 75
  ["s3d2", "drif31 drif30 drif21 drif20 drif11 drif10 drif01 drif00"],
  ["s3d1", "hscif4 hscif3 hscif2 hscif1 hscif0"], // 85
  ["cp", "thermal"], // 90
  ["s0d12", "pwm"],
  ["s0d2", "fcpvd2 fcpvd1 fcpvd0"],
  ["s0d1", "fcpvb1 fcpvb0 fcpvi1 fcpvi0 fcpf1 fcpf0 fcpcs"], // 95
  ["s0d2", "vspd2 vspd1 vspd0"], // 102
  ["s0d1", "vspbc vspbd vspi1 vspi0"],
  ["s3d2", "ehci3 ehci2 ehci1 ehci0 hsusb hsusb3"], // 109
  ["s2d1", "cmm3 cmm2 cmm1 cmm0"],
  ["csi0", "csi20 csi41 csi40"], // 119
  ["s2d1", "du3 du2 du1 du0"],
  ["s0d4", "lvds"], // 126
  ["hdmi", "hdmi1 hdmi0"],
  ["s0d2", "vin7 vin6 vin5 vin4 vin3 vin2 vin1 vin0"], // 129
  ["s0d6", "etheravb"], // 137
  ["s3d2", "sata0"],
  ["s0d2", "imr3 imr2 imr1 imr0"], // 139
  ["s3d4", "gpio7 gpio6 gpio5 gpio4 gpio3 gpio2 gpio1 gpio0"],
  ["s3d2", "can-fd"], // 151
  ["s3d4", "can-if1 can-if0"],
  ["s0d6", "i2c6 i2c5"], // 154
  ["cp", "i2c-dvfs"],
  ["s0d6", "i2c4 i2c3"], // 157
  ["s3d2", "i2c2 i2c1 i2c0"],
  ["s3d4", "ssi-all"], // 162
  ["ssi-all", "ssi9 ssi8 ssi7 ssi6 ssi5 ssi4 ssi3 ssi2 ssi1 ssi0"],
  ["s3d4", "scu-all"], // 173
  ["scu-all", "scu-dvc1 scu-dvc0 scu-ctu1-mix1 scu-ctu0-mix0"],
  ["scu-all", "scu-src9 scu-src8 scu-src7 scu-src6 scu-src5 scu-src4 scu-src3 scu-src2 scu-src1 scu-src0"],
];

/** Those that run when the boot loader hands over (SCP); all others are off. */
const RUNNING_AT_BOOT = new Set(["sceg-pub", "scif2", "intc-ex", "intc-ap", "thermal"]);

/** The power domains of the video engines, of those that have one beside the always-on one (Linux' device tree). */
const POWER_DOMAINS: Readonly<Record<string, string>> = {
  ...domainOf("a3vp", "fdp1-1 fdp1-0 fcpvb1 fcpvb0 fcpvi1 fcpvi0 fcpf1 fcpf0 vspbc vspbd vspi1 vspi0"),
  ...domainOf("a3vc", "imr3 imr2 imr1 imr0"),
};

function domainOf(domain: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, domain]));
}

/** Interrupts and the watchdog are not for guests to stop. */
const NOT_FOR_GUESTS: Partial<ClockInput> = { rights: { VM1: { state: false }, VM2: { state: false } } };
/**
 * The sampling edge of a memory card interface is tuned by its phase. Its duty cycle is told, too: Linux asks for that of
 * every clock with extended configuration, and counts a refusal as an error.
 */
const TUNABLE: Partial<ClockInput> = {
  phaseMrad: { lowest: 0, highest: 6283, start: 0 },
  dutyCyclePercent: { lowest: 50, highest: 50, start: 50 },
};
const PULSE_WIDTH: Partial<ClockInput> = { dutyCyclePercent: { lowest: 1, highest: 99, start: 50 } };

/** What some module clocks can do beyond SCP: extensions, each a feature of the protocol that the board would lack. */
const EXTENSIONS: Readonly<Record<string, Partial<ClockInput>>> = {
  "intc-ap": NOT_FOR_GUESTS,
  rwdt: NOT_FOR_GUESTS,
  sdif0: TUNABLE,
  sdif1: TUNABLE,
  sdif2: TUNABLE,
  sdif3: TUNABLE,
  pwm: PULSE_WIDTH,
  tpu0: {
    dutyCyclePercent: { lowest: 1, highest: 99, start: 50 },
    phaseMrad: { lowest: 0, highest: 6283, start: 0 },
  },
};

/** Parents whose rate can change: agents can hear of it at their children, too. */
const CHANGEABLE = new Set(["mso", "sd0", "sd1", "sd2", "sd3", "csi0", "hdmi"]);

const FIRST_MODULE_ID = 40;

/** Ids 40 to 187, in order. */
export const RCAR_MODULE_CLOCKS: readonly ClockInput[] = MODULES
  .flatMap(([parent, names]) => names.split(" ").map((name) => ({ parent, name })))
  .map(({ parent, name }, place): ClockInput => ({
    id: FIRST_MODULE_ID + place,
    name,
    parents: [parent],
    hasGate: true,
    startsEnabled: RUNNING_AT_BOOT.has(name),
    enableDelayUs: 10, // a guess: Linux polls the status of the gate for up to 10 us
    draws: { block: "rest", uwPerMhz: 10 }, // a guess: all together about a third of a watt
    powerDomain: POWER_DOMAINS[name] ?? null,
    notifiesRate: CHANGEABLE.has(parent),
    ...EXTENSIONS[name],
  }));

/** A crystal or a clock from outside. */
function external(id: number, name: string, rateHz: number): ClockInput {
  return { id, name, rateHz };
}

/**
 * Extension: SCP has the clocks of the display units fixed at 33 MHz. Here they come from a clock synthesizer on the board, as
 * on Salvator-XS, which makes any multiple of 25 kHz from its crystal and takes a while to lock.
 */
function synthesized(id: number, name: string): ClockInput {
  return {
    id,
    name,
    parents: ["x23_clk"],
    ratio: { kind: "multipliers", lowest: 40, highest: 8000, multiplier: 1320, divider: 1000 },
    rateLatencyUs: 5_000,
    notifiesRate: true,
    notifiesRequests: true,
  };
}

/** Ids 188 to 199, in order: rates of SCP, Hz; 0 is not populated. */
export const RCAR_EXTERNAL_CLOCKS: readonly ClockInput[] = [
  external(188, "x12_clk", 24_576_000),
  synthesized(189, "x21_clk"),
  synthesized(190, "x22_clk"),
  external(191, "x23_clk", 25_000_000),
  external(192, "audio_clkout", 12_288_000),
  external(193, "audio_clk_a", 22_579_200),
  external(194, "audio_clk_c", 0),
  external(195, "can_clk", 0),
  external(196, "pcie_bus_clk", 100_000_000),
  external(197, "scif_clk", 14_745_600),
  external(198, "usb3s0_clk", 100_000_000),
  // SCP calls it usb_extal_clk; the longer name is an extension, as the board has no other that a descriptor cannot hold.
  external(199, "usb_extal_clk_crystal", 50_000_000),
];
