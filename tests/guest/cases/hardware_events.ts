// What the platform tells the guest of hardware that another agent has changed, or asked to change: power domains,
// performance levels and limits, clock rates, resets and power caps, each with the id of the agent that did it.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import { CLOCK_RATE_SET } from "../../../protocols/clock/messages.ts";
import { PERFORMANCE_LEVEL_SET, PERFORMANCE_LIMITS_SET } from "../../../protocols/performance/messages.ts";
import { POWERCAP_CAP_SET } from "../../../protocols/powercap/messages.ts";
import { POWER_STATE_SET } from "../../../protocols/power/messages.ts";
import { RESET as RESET_COMMAND } from "../../../protocols/reset/messages.ts";
import type { AgentClient, CallResult } from "../../../scp/agent/agent.ts";
import type { GuestCase } from "../case.ts";
import { OTHER_AGENT } from "../platform.ts";
import {
  CLOCK,
  commandHex,
  NOTIFICATION,
  parseMessage,
  PERFORMANCE,
  POWER,
  POWERCAP,
  RESET,
} from "../raw_message.ts";

/** One notification: how the guest asks for it, what another agent does, what the guest then hears. */
interface HardwareEvent {
  readonly key: string;
  readonly protocolId: number;
  readonly notifyId: number;
  readonly resource: number;
  act(agent: AgentClient): Promise<CallResult<object>>;
  readonly eventId: number;
  /** The words after the agent's id. */
  readonly words: readonly number[];
  /** What becomes of the act; SUCCESS unless given. */
  readonly status?: string;
}

/** Wire ids of agents count from 1, as 0 is the platform. */
const OTHER_ID = 1 + rcarBoard.agents.findIndex(({ name }) => name === OTHER_AGENT);

function powerState(): HardwareEvent {
  const { id } = named(rcarBoard.powerDomains, "a2vc1");
  assert(id !== null);
  return {
    key: "power_state",
    protocolId: POWER,
    notifyId: 0x6,
    resource: id,
    act: (agent) =>
      agent.call(POWER, POWER_STATE_SET, {
        flags: { async: false },
        domainId: id,
        powerState: { isContextLost: false, stateId: 0 },
      }),
    eventId: 0x0,
    words: [id, 0],
  };
}

/** The domain never goes off, yet is asked to. */
function powerRequest(): HardwareEvent {
  const { id } = named(rcarBoard.powerDomains, "a3vc");
  assert(id !== null);
  return {
    key: "power_request",
    protocolId: POWER,
    notifyId: 0x7,
    resource: id,
    act: (agent) =>
      agent.call(POWER, POWER_STATE_SET, {
        flags: { async: false },
        domainId: id,
        powerState: { isContextLost: true, stateId: 0 },
      }),
    eventId: 0x1,
    words: [id, 0x4000_0000],
    status: "DENIED",
  };
}

function performanceLevel(): HardwareEvent {
  const { id, levels } = named(rcarBoard.performanceDomains, "BIG_CPU");
  // Another one than that before the boot.
  const { level } = levels[1]!;
  return {
    key: "level",
    protocolId: PERFORMANCE,
    notifyId: 0xa,
    resource: id,
    act: (agent) => agent.call(PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId: id, level }),
    eventId: 0x1,
    words: [id, level],
  };
}

function performanceLimits(): HardwareEvent {
  const { id, levels } = named(rcarBoard.performanceDomains, "BIG_CPU");
  const [slowest, second] = levels;
  const limits = { rangeMax: second!.level, rangeMin: slowest!.level };
  return {
    key: "limits",
    protocolId: PERFORMANCE,
    notifyId: 0x9,
    resource: id,
    act: (agent) => agent.call(PERFORMANCE, PERFORMANCE_LIMITS_SET, { domainId: id, ...limits }),
    eventId: 0x0,
    words: [id, limits.rangeMax, limits.rangeMin],
  };
}

function clockRate(): HardwareEvent {
  const { id } = named(rcarBoard.clocks, "x21_clk");
  const rateHz = 48_000_000;
  const flags = { async: false, ignoresDelayed: false, roundsUp: false, roundsToNearest: false };
  return {
    key: "rate",
    protocolId: CLOCK,
    notifyId: 0x9,
    resource: id,
    act: (agent) => agent.call(CLOCK, CLOCK_RATE_SET, { flags, clockId: id, rateHz: BigInt(rateHz) }),
    eventId: 0x0,
    words: [id, rateHz, 0],
  };
}

/** Told when the change begins. */
function clockRequest(): HardwareEvent {
  const { id } = named(rcarBoard.clocks, "x21_clk");
  const rateHz = 24_000_000;
  const flags = { async: true, ignoresDelayed: false, roundsUp: false, roundsToNearest: false };
  return {
    key: "rate_request",
    protocolId: CLOCK,
    notifyId: 0xa,
    resource: id,
    act: (agent) => agent.callDelayed(CLOCK, CLOCK_RATE_SET, { flags, clockId: id, rateHz: BigInt(rateHz) }),
    eventId: 0x1,
    words: [id, rateHz, 0],
  };
}

function reset(): HardwareEvent {
  const { id } = named(rcarBoard.resetDomains, "etheravb");
  return {
    key: "reset",
    protocolId: RESET,
    notifyId: 0x5,
    resource: id,
    act: (agent) =>
      agent.call(RESET, RESET_COMMAND, {
        domainId: id,
        flags: { autonomous: true, assert: false, async: false },
        resetState: { isOwn: false, id: 0 },
      }),
    eventId: 0x0,
    words: [id, 0],
  };
}

function powerCap(): HardwareEvent {
  const { id, cap, bootAveragingUs } = named(rcarBoard.powercapDomains, "cpu-little");
  return {
    key: "cap",
    protocolId: POWERCAP,
    notifyId: 0xa,
    resource: id,
    act: (agent) =>
      agent.call(POWERCAP, POWERCAP_CAP_SET, {
        domainId: id,
        flags: { ignoresDelayed: false, async: false },
        powerCap: cap.max,
      }),
    eventId: 0x0,
    words: [id, cap.max, bootAveragingUs],
  };
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((each) => each.name === name);
  assert(found !== undefined, `the board has ${name}`);
  return found;
}

const EVENTS = [
  powerState(),
  powerRequest(),
  performanceLevel(),
  performanceLimits(),
  clockRate(),
  clockRequest(),
  reset(),
  powerCap(),
];

/** The cases of this file. */
export const HARDWARE_EVENT_CASES: readonly GuestCase[] = [
  {
    name: "hardware that another agent changes is notified to the guest with that agent's id",
    async run(context) {
      const other = await context.platform.openOtherAgent();
      const { id: domainId, levels } = named(rcarBoard.performanceDomains, "BIG_CPU");
      const level = levels[0]!.level;
      assert((await other.call(PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId, level })).ok);
      const answers = new Map<string, CallResult<object>>();
      const stages = EVENTS.map(({ key, protocolId, notifyId, resource }) => `
exchange armed_${key} "${commandHex(protocolId, notifyId, 80, resource, 1)}"
mark armed ${key}
mark ${key} "$(receive notification 20)"
exchange off_${key} "${commandHex(protocolId, notifyId, 81, resource, 0)}"
`);
      const report = await context.boot({
        // The guest's own switching would be notified first.
        script: `await '! is_power_moving'\n${stages.join("")}`,
        async onMark(key, value) {
          if (key === "armed") {
            answers.set(
              value,
              await EVENTS.find((each) => each.key === value)!.act(other),
            );
          }
        },
      });
      other.close();
      for (const { key, protocolId, eventId, words, status = "SUCCESS" } of EVENTS) {
        const answer = answers.get(key);
        assertEquals(answer?.ok === false ? answer.status : "SUCCESS", status, key);
        for (const switching of [`armed_${key}`, `off_${key}`]) {
          assertEquals(parseMessage(report.one(switching)).words, [0], switching);
        }
        const event = parseMessage(report.one(key));
        assertEquals([event.type, event.protocolId, event.messageId, ...event.words], [
          NOTIFICATION,
          protocolId,
          eventId,
          OTHER_ID,
          ...words,
        ], key);
      }
    },
  },
];
