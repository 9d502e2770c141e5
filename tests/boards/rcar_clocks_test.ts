// The clocks, resets and device groups of rcar against the tables they are taken from, written out here a second time: ids,
// names and rates are what guests match on.
import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { rcarFaithfulBoard } from "../../boards/rcar_faithful.ts";
import { createModel } from "../../scp/model/model.ts";

/** Rates at boot in Hz by the names in the order of their ids, for the crystal of 16.64 MHz. */
const TABLE: readonly (readonly [names: string, rateHz: number])[] = [
  ["ztr", 266_240_000],
  ["ztrd2", 133_120_000],
  ["zt", 399_360_000],
  ["zx s0d1", 798_720_000],
  ["s0d2", 399_360_000],
  ["s0d3", 266_240_000],
  ["s0d4", 199_680_000],
  ["s0d6", 133_120_000],
  ["s0d8", 99_840_000],
  ["s0d12", 66_560_000],
  ["s1d1", 532_480_000],
  ["s1d2", 266_240_000],
  ["s1d4", 133_120_000],
  ["s2d1", 399_360_000],
  ["s2d2", 199_680_000],
  ["s2d4", 99_840_000],
  ["s3d1", 266_240_000],
  ["s3d2", 133_120_000],
  ["s3d4", 66_560_000],
  ["sd0 sd1 sd2 sd3", 199_680_000],
  ["cl", 33_280_000],
  ["cr", 399_360_000],
  ["cp cpex", 8_320_000],
  ["canfd csi0 mso hdmi", 12_480_000],
  ["osc", 130_000],
  ["r", 32_500],
  ["s0", 798_720_000],
  ["s1", 532_480_000],
  ["s2", 399_360_000],
  ["s3", 266_240_000],
  ["sdsrc", 798_720_000],
  ["rint", 32_500],
  ["fdp1-1 fdp1-0", 798_720_000],
  ["scif5 scif4 scif3 scif1 scif0", 66_560_000],
  ["msiof3 msiof2 msiof1 msiof0", 12_480_000],
  ["sys-dmac2 sys-dmac1 sys-dmac0", 266_240_000],
  ["sceg-pub", 399_360_000],
  ["cmt3 cmt2 cmt1 cmt0", 32_500],
  ["tpu0 scif2", 66_560_000],
  ["sdif3 sdif2 sdif1 sdif0", 199_680_000],
  ["pcie1 pcie0 usb-dmac30 usb3-if0 usb-dmac31 usb-dmac0 usb-dmac1", 266_240_000],
  ["rwdt", 32_500],
  ["intc-ex", 8_320_000],
  ["intc-ap audmac1 audmac0", 266_240_000],
  ["drif31 drif30 drif21 drif20 drif11 drif10 drif01 drif00", 133_120_000],
  ["hscif4 hscif3 hscif2 hscif1 hscif0", 266_240_000],
  ["thermal", 8_320_000],
  ["pwm", 66_560_000],
  ["fcpvd2 fcpvd1 fcpvd0", 399_360_000],
  ["fcpvb1 fcpvb0 fcpvi1 fcpvi0 fcpf1 fcpf0 fcpcs", 798_720_000],
  ["vspd2 vspd1 vspd0", 399_360_000],
  ["vspbc vspbd vspi1 vspi0", 798_720_000],
  ["ehci3 ehci2 ehci1 ehci0 hsusb hsusb3", 133_120_000],
  ["cmm3 cmm2 cmm1 cmm0", 399_360_000],
  ["csi20 csi41 csi40", 12_480_000],
  ["du3 du2 du1 du0", 399_360_000],
  ["lvds", 199_680_000],
  ["hdmi1 hdmi0", 12_480_000],
  ["vin7 vin6 vin5 vin4 vin3 vin2 vin1 vin0", 399_360_000],
  ["etheravb sata0", 133_120_000],
  ["imr3 imr2 imr1 imr0", 399_360_000],
  ["gpio7 gpio6 gpio5 gpio4 gpio3 gpio2 gpio1 gpio0", 66_560_000],
  ["can-fd", 133_120_000],
  ["can-if1 can-if0", 66_560_000],
  ["i2c6 i2c5", 133_120_000],
  ["i2c-dvfs", 8_320_000],
  ["i2c4 i2c3 i2c2 i2c1 i2c0", 133_120_000],
  ["ssi-all ssi9 ssi8 ssi7 ssi6 ssi5 ssi4 ssi3 ssi2 ssi1 ssi0", 66_560_000],
  ["scu-all scu-dvc1 scu-dvc0 scu-ctu1-mix1 scu-ctu0-mix0", 66_560_000],
  ["scu-src9 scu-src8 scu-src7 scu-src6 scu-src5 scu-src4 scu-src3 scu-src2 scu-src1 scu-src0", 66_560_000],
  ["x12_clk", 24_576_000],
  ["x21_clk x22_clk", 33_000_000],
  ["x23_clk", 25_000_000],
  ["audio_clkout", 12_288_000],
  ["audio_clk_a", 22_579_200],
  ["audio_clk_c can_clk", 0],
  ["pcie_bus_clk", 100_000_000],
  ["scif_clk", 14_745_600],
  ["usb3s0_clk", 100_000_000],
  ["usb_extal_clk", 50_000_000],
];

const EXPECTED = TABLE.flatMap(([names, rateHz]) => names.split(" ").map((name) => [name, rateHz] as const));

Deno.test("rcarFaithfulBoard has the 200 clocks of the firmware at their ids", () => {
  assertEquals(rcarFaithfulBoard.clocks.map(({ name }) => name), EXPECTED.map(([name]) => name));
  // Ids that other parts of the reference name.
  for (
    const [id, name] of [[29, "csi0"], [60, "scif2"], [137, "etheravb"], [172, "ssi0"], [
      187,
      "scu-src0",
    ]] as const
  ) {
    assertEquals(rcarFaithfulBoard.clocks[id]!.name, name);
  }
});

Deno.test("rcarBoard has the same clocks, one of them with a longer name", () => {
  const others = rcarBoard.clocks.filter(({ name }, id) => name !== EXPECTED[id]![0]);
  assertEquals(others.map(({ id, name }) => [id, name]), [[199, "usb_extal_clk_crystal"]]);
  assertEquals(rcarBoard.clocks.length, 200);
});

for (const board of [rcarBoard, rcarFaithfulBoard]) {
  Deno.test(`${board.name} boots with the rates of the table`, () => {
    const { clocks } = createModel(board, { seed: 1 }).clockTree;
    assertEquals(clocks.map((clock) => clock.outputHz), EXPECTED.map(([, rateHz]) => rateHz));
  });

  Deno.test(`${board.name} boots with five module clocks running, and none of those with a gate above them`, () => {
    const { clocks } = createModel(board, { seed: 1 }).clockTree;
    const gated = clocks.filter((clock) => clock.description.hasGate);
    assertEquals(gated.length, 156);
    const running = gated.filter((clock) => clock.isRunning).map(({ name }) => name);
    assertEquals(running, ["sceg-pub", "scif2", "intc-ex", "intc-ap", "thermal"]);
    assert(clocks.every((clock) => clock.description.hasGate || clock.isRunning));
  });

  Deno.test(`${board.name} has a reset for each module clock from fdp1-1 to ssi0, under its name`, () => {
    assertEquals(board.resetDomains.map(({ name }) => name), EXPECTED.slice(40, 173).map(([name]) => name));
    assertEquals(board.resetDomains.length, 133);
  });
}

Deno.test("rcarFaithfulBoard has none of our extensions, and tells what its firmware tells", () => {
  for (const clock of rcarFaithfulBoard.clocks) {
    assertEquals([clock.parents.length > 1, clock.notifiesRate, clock.notifiesRequests], [
      false,
      false,
      false,
    ]);
    assertEquals([clock.dutyCyclePercent, clock.phaseMrad, clock.rights], [null, null, {}]);
    assertEquals([clock.rateLatencyUs, clock.enableDelayUs], [0, 0]);
  }
  const { clocks } = createModel(rcarFaithfulBoard, { seed: 1 }).clockTree;
  for (const id of [28, 29, 30, 31]) {
    const triplet = {
      kind: "steps",
      lowestHz: 12_480_000,
      highestHz: 798_720_000,
      stepHz: 12_480_000,
    } as const;
    assertEquals(clocks[id]!.offer, triplet);
    // A rate of the triplet that the divider does not have becomes one that it has.
    assertEquals(clocks[id]!.setRate(1, 62 * 12_480_000, "down"), "SUCCESS");
    assertEquals(clocks[id]!.outputHz, 399_360_000);
  }
  const hiding = clocks.filter((clock) => clock.description.hidesRate).map(({ description }) =>
    description.id
  );
  assertEquals([hiding[0], hiding.at(-1), hiding.length], [40, 187, 148]);
  for (const domain of rcarFaithfulBoard.resetDomains) {
    assertEquals([domain.supportsAsync, domain.notifies, domain.tellsLatency], [false, false, false]);
  }
});

Deno.test("rcarBoard has something to show for every message of the clock and reset protocols", () => {
  const { clocks, resetDomains } = rcarBoard;
  const has = (what: string, test: (clock: typeof clocks[number]) => boolean) => {
    assert(clocks.some(test), what);
    assert(clocks.some((clock) => !test(clock)), `not ${what}`);
  };
  has("a list of rates", (clock) => clock.ratio.kind === "dividers");
  has("a triplet", (clock) => clock.ratio.kind === "multipliers");
  has("a change that takes time", (clock) => clock.rateLatencyUs > 0);
  has("parents to choose from", (clock) => clock.parents.length > 1);
  has("a duty cycle", (clock) => clock.dutyCyclePercent !== null);
  has("a phase", (clock) => clock.phaseMrad !== null);
  has("restricted rights", (clock) => Object.keys(clock.rights).length > 0);
  has("notifications of changes", (clock) => clock.notifiesRate);
  has("notifications of requests", (clock) => clock.notifiesRequests);
  has("an extended name", (clock) => clock.name.length > 15);
  has("an enable delay", (clock) => clock.enableDelayUs > 0);
  has("a limit", (clock) => clock.rateMinHz > 0);
  has("a power domain of its own", (clock) => clock.powerDomain === "a3vp");
  has("a gate", (clock) => clock.hasGate);
  assert(
    resetDomains.some(({ supportsAsync }) => supportsAsync) && resetDomains.some(({ notifies }) => notifies),
  );
  assert(resetDomains.some(({ ownStates }) => ownStates.length > 0));
});

Deno.test("rcarBoard has the 26 device groups of the firmware first, and what they tie together", () => {
  const names = rcarBoard.devices.slice(0, 26).map(({ name }) => name);
  assertEquals(
    names.join(" "),
    [
      "CPU ETHERAVB HDMI0 HDMI1 I2C0 I2C1 I2C2 I2C3 I2C4 GPIO0 GPIO1 GPIO2 SDHI0 SDHI1 SDHI2 SDHI3 INTC_AP",
      "DMAC0 DMAC1 DMAC2 AUDMAC0 AUDMAC1 USB0 USB1 USB2 USB3",
    ].join(" "),
  );
  const resourcesOf = (name: string) => {
    const { clock, resetDomain } = rcarBoard.devices.find((device) => device.name === name)!.resources;
    return [clock, resetDomain];
  };
  assertEquals(resourcesOf("ETHERAVB"), [["etheravb", "s0d3", "s0d6"], ["etheravb"]]);
  assertEquals(resourcesOf("SDHI2"), [["sdif2", "sd2"], ["sdif2"]]);
});

Deno.test("rcarBoard keeps guests from clocks that are not theirs, and no one else", () => {
  const { clocks } = createModel(rcarBoard, { seed: 1 }).clockTree;
  const denied = (agentId: number) =>
    clocks.filter((clock) => clock.description.hasGate && !clock.permissionsOf(agentId).state).map((
      { name },
    ) => name);
  assertEquals([1, 3, 4, 5].map(denied), [[], [], ["rwdt", "intc-ap"], ["rwdt", "intc-ap"]]);
});
