// A board for tests of power capping: domains in every unit, a child listed before its parent, one that is only measured, one
// that another kind of agent caps and that starts capped. No leakage and no load profile, so that power is what one computes.
import { type Board, defineBoard } from "../../boards/board.ts";
import { WHOLE_BOARD } from "../../boards/view.ts";
import type { PowerBlock } from "../../boards/chip.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE, messageIdOf, messageTypeOf } from "../../scp/core/header.ts";
import { statusName } from "../../scp/core/status.ts";
import type { PowercapChange } from "../../scp/model/powercap_domain.ts";
import { connectAgent, type TestAgent } from "./platform.ts";

/** The protocol. */
export const POWERCAP = 0x18;

/** Wire ids of the domains, and of one that is not there. */
export const CAPPED = { cpu: 0, gpu: 1, soc: 2, io: 3, npu: 4, missing: 5 } as const;

/** The agents' ids. */
export const AGENT = { OSPM: 1, PSCI: 2 } as const;

/** How often governors look, us. */
export const PERIOD_US = 20_000;

const BLOCK: Omit<PowerBlock, "name" | "operatingPoints"> = {
  node: "die",
  rail: null,
  fixedW: 0,
  loadW: 0,
  dynamicUwPerMhzV2: 1000,
  idleActivity: 0,
  leakageA: 0,
  leakageVolts: 1,
};

const NOTHING = { ...BLOCK, dynamicUwPerMhzV2: 0, operatingPoints: [{ mhz: 0, volts: 1 }] } as const;

/** What a busy block draws at each of its levels, W. */
export const CPU_W = [0.32, 0.64, 1.215, 2] as const;
export const GPU_W = [0.3, 0.8] as const;
export const NPU_W = [0.25, 0.5] as const;
export const REST_W = 0.5;

/** What the block `io` draws without and with load, W, and the unit of its domain. */
export const IO_W = [1, 3] as const;
export const IO_UNIT_W = 0.25;

/** The board. */
export const POWERCAP_BOARD: Board = defineBoard({
  name: "powercap",
  title: "Power capping domains of all kinds",
  identity: { vendor: "test", subVendor: "powercap", implementationVersion: 1 },
  agents: [
    { name: "OSPM", kind: "OSPM", isTrusted: true, view: WHOLE_BOARD },
    { name: "PSCI", kind: "PSCI", view: WHOLE_BOARD },
  ],
  thermal: {
    nodes: [{ name: "die", heatCapacityJPerK: 1 }],
    links: [{ from: "die", to: "ambient", resistanceKPerW: 1 }],
  },
  power: {
    rails: [],
    blocks: [
      {
        ...BLOCK,
        name: "cpu",
        operatingPoints: [
          { mhz: 500, volts: 0.8 },
          { mhz: 1000, volts: 0.8 },
          { mhz: 1500, volts: 0.9 },
          { mhz: 2000, volts: 1 },
        ],
      },
      { ...BLOCK, name: "gpu", operatingPoints: [{ mhz: 300, volts: 1 }, { mhz: 800, volts: 1 }] },
      { ...BLOCK, name: "npu", operatingPoints: [{ mhz: 250, volts: 1 }, { mhz: 500, volts: 1 }] },
      { ...NOTHING, name: "io", fixedW: 1, loadW: 2 },
      { ...NOTHING, name: "rest", fixedW: 0.5 },
    ],
    phases: [],
  },
  performanceDomains: [
    {
      id: 0,
      name: "cpu",
      block: "cpu",
      levels: [500, 1000, 1500, 2000].map((mhz) => ({ level: mhz, mhz, powerCost: 0 })),
      latencyUs: 1_000,
    },
    {
      id: 1,
      name: "gpu",
      block: "gpu",
      levels: [300, 800].map((mhz) => ({ level: mhz, mhz, powerCost: 0 })),
    },
    {
      id: 2,
      name: "npu",
      block: "npu",
      levels: [250, 500].map((mhz) => ({ level: mhz, mhz, powerCost: 0 })),
    },
  ],
  powercapDomains: [
    {
      id: CAPPED.cpu,
      name: "cpu",
      parent: "soc",
      blocks: ["cpu"],
      unit: "uW",
      cap: { min: 100_000, max: 4_000_000, step: 1_000 },
      sustainablePower: 1_215_000,
      accuracyPercent: 1.5,
    },
    {
      id: CAPPED.gpu,
      name: "gpu_power_with_a_long_name",
      parent: "soc",
      blocks: ["gpu"],
      cap: { min: 100, max: 2_000, step: 5 },
      averaging: { minUs: 1_000, maxUs: 2_000_000, stepUs: 1_000 },
      bootAveragingUs: 2_000,
      supportsAsync: false,
      notifiesCap: false,
      notifiesPower: false,
    },
    { id: CAPPED.soc, name: "soc", blocks: ["rest"], cap: { min: 500, max: 10_000, step: 1 } },
    {
      id: CAPPED.io,
      name: "io",
      parent: "soc",
      blocks: ["io"],
      unit: "abstract",
      unitUw: IO_UNIT_W * 1e6,
      cap: { min: 16, max: 16, step: 0 },
      averaging: { minUs: 50_000, maxUs: 50_000, stepUs: 0 },
    },
    {
      id: CAPPED.npu,
      name: "npu",
      blocks: ["npu"],
      cap: { min: 200, max: 1_000, step: 100 },
      bootCap: 300,
      isMonitored: false,
      setBy: ["PSCI"],
    },
  ],
  sensors: [],
});

/** A platform of the board with its agents. */
export interface PowercapSetting extends Platform {
  readonly ospm: TestAgent;
  readonly psci: TestAgent;
}

/** Makes the platform; all blocks but `io` are busy at their fastest level. */
export function createPowercaps(release: Release = "3.2", board: Board = POWERCAP_BOARD): PowercapSetting {
  const platform = createPlatform(board, { release });
  for (const block of ["cpu", "gpu", "npu"]) platform.model.setInput(`utilisation.${block}`, 1);
  return { ...platform, ospm: connectAgent(platform.machine), psci: connectAgent(platform.machine, "PSCI") };
}

/** The domains of such a platform, its time, and the changes that any of them told of. */
export function createPowercapDomains() {
  const { machine, model } = createPowercaps();
  const domain = (id: keyof typeof CAPPED) => model.powercapTree.domains[CAPPED[id]]!;
  const changes: PowercapChange[] = [];
  for (const each of model.powercapTree.domains) each.listen((change) => changes.push(change));
  return {
    machine,
    model,
    changes,
    cpu: domain("cpu"),
    gpu: domain("gpu"),
    soc: domain("soc"),
    io: domain("io"),
    npu: domain("npu"),
    step: (untilUs: number) => machine.step(untilUs),
  };
}

/**
 * What an agent heard of power capping: `cap AGENT DOMAIN CAP INTERVAL`, `power AGENT DOMAIN POWER`, or of a delayed response
 * `set DOMAIN CAP` or its failure. Clears it.
 */
export function heardOfPowercaps(agent: TestAgent): string[] {
  return agent.heard.splice(0).map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    if (messageTypeOf(header) !== 3) {
      const status = statusName(view.getInt32(HEADER_SIZE, true));
      if (status !== "SUCCESS") return status;
      const values = readFields(powercap.POWERCAP_CAP_SET.delayed!, view, HEADER_SIZE + 4, message.length);
      return `set ${Object.values(values!).join(" ")}`;
    }
    const isCap = messageIdOf(header) === powercap.POWERCAP_CAP_CHANGED.id;
    const { payload } = isCap ? powercap.POWERCAP_CAP_CHANGED : powercap.POWERCAP_MEASUREMENTS_CHANGED;
    const values = readFields(payload, view, HEADER_SIZE, message.length);
    return `${isCap ? "cap" : "power"} ${Object.values(values!).join(" ")}`;
  });
}
