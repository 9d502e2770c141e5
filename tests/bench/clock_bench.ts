// The in-process cost of clock and reset messages: all of them in rotation on the clocks of rcar, and the messages with which
// an agent enumerates clocks, on a small and on a large board.
import type { ClockInput } from "../../boards/clock.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import * as clock from "../../protocols/clock/messages.ts";
import * as reset from "../../protocols/reset/messages.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import type { CommandSchema, ParamsOf } from "../../scp/core/schema.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { createMessageBuffer, type MessageBuffer } from "../../transports/channel.ts";
import { CLOCK, clockPlatform } from "../support/clock_platform.ts";
import { connectAgent } from "../support/platform.ts";
import { bufferOf, median, runRounds } from "./dispatch_bench.ts";

const RESET = 0x16;

const idOf = (parts: readonly { readonly name: string }[], name: string) =>
  parts.findIndex((each) => each.name === name);

/** A message of every kind, each of which succeeds on rcar. */
function rotation(): Map<string, Uint8Array> {
  const all = new Map<string, Uint8Array>();
  const add = <S extends CommandSchema>(schema: S, params: ParamsOf<S>, protocol = CLOCK) =>
    all.set(schema.name, encodeCommand(protocol, schema, params, all.size));
  const [csi0, pwm, longNamed] = ["csi0", "pwm", "usb_extal_clk_crystal"].map((name) =>
    idOf(rcarBoard.clocks, name)
  ) as [number, number, number];
  const enable = { enable: false };
  add(clock.CLOCK_ATTRIBUTES, { clockId: csi0 });
  add(clock.CLOCK_DESCRIBE_RATES, { clockId: csi0, rateIndex: 0 });
  const flags = { async: false, ignoresDelayed: false, roundsUp: false, roundsToNearest: false };
  add(clock.CLOCK_RATE_SET, { flags, clockId: csi0, rateHz: 12_480_000n });
  add(clock.CLOCK_RATE_GET, { clockId: csi0 });
  add(clock.CLOCK_CONFIG_SET, {
    clockId: pwm,
    attributes: { state: clock.CLOCK_STATE.enable, extendedType: clock.EXTENDED_CONFIG.dutyCycle },
    extendedValue: 25,
  });
  add(clock.CLOCK_CONFIG_GET, { clockId: pwm, flags: { extendedType: clock.EXTENDED_CONFIG.dutyCycle } });
  add(clock.CLOCK_NAME_GET, { clockId: longNamed });
  add(clock.CLOCK_RATE_NOTIFY, { clockId: csi0, notifyEnable: enable });
  add(clock.CLOCK_RATE_CHANGE_REQUESTED_NOTIFY, { clockId: csi0, notifyEnable: enable });
  add(clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId: csi0, skip: 0 });
  add(clock.CLOCK_PARENT_SET, { clockId: csi0, parentId: idOf(rcarBoard.clocks, "s0") });
  add(clock.CLOCK_PARENT_GET, { clockId: csi0 });
  add(clock.CLOCK_GET_PERMISSIONS, { clockId: csi0 });
  const etheravb = { domainId: idOf(rcarBoard.resetDomains, "etheravb") };
  add(reset.RESET_DOMAIN_ATTRIBUTES, etheravb, RESET);
  add(reset.RESET, {
    ...etheravb,
    flags: { autonomous: true, assert: false, async: false },
    resetState: { isOwn: false, id: 0 },
  }, RESET);
  add(reset.RESET_NOTIFY, { ...etheravb, notifyEnable: enable }, RESET);
  return all;
}

/** Measures the rotation and each message alone; ns a message. */
export function benchClocks(rounds: number): { mixedNs: number; perMessageNs: ReadonlyMap<string, number> } {
  const { channel } = connectAgent(createPlatform(rcarBoard).machine, "OSPM");
  const messages = rotation();
  const reply = createMessageBuffer(4096);
  for (const [label, bytes] of messages) {
    channel.serve(bufferOf(bytes), bytes.length, reply, 136);
    const status = reply.view.getInt32(4, true);
    if (status !== 0) throw new Error(`${label} answers ${status}`);
  }
  const requests = [...messages.values()].map(bufferOf);
  runRounds(channel, requests, rounds / 4);
  const mixedNs = median(Array.from({ length: 5 }, () => runRounds(channel, requests, rounds / 5)));
  const perMessageNs = new Map(
    [...messages].map(([label, bytes]) => [label, runRounds(channel, [bufferOf(bytes)], rounds)]),
  );
  return { mixedNs, perMessageNs };
}

/** So many clocks: every tenth has parents to choose from, the others divide the first. */
function clocksOf(count: number): Omit<ClockInput, "id">[] {
  return Array.from({ length: count }, (_, id) => ({
    name: `clock${id}`,
    ...(id < 2 ? { rateHz: 100_000_000 } : {
      parents: id % 10 === 9 ? ["clock0", "clock1"] : ["clock0"],
      ratio: { kind: "dividers", dividers: [1, 2, 4, 8], divider: 8 } as const,
    }),
  }));
}

/** What an agent asks about a clock when it boots. */
function enumeration(clockId: number, hasParents: boolean): MessageBuffer[] {
  const parents = encodeCommand(CLOCK, clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId, skip: 0 }, 0);
  return [
    encodeCommand(CLOCK, clock.CLOCK_ATTRIBUTES, { clockId }, 0),
    ...(hasParents ? [parents] : []),
    encodeCommand(CLOCK, clock.CLOCK_GET_PERMISSIONS, { clockId }, 0),
    encodeCommand(CLOCK, clock.CLOCK_DESCRIBE_RATES, { clockId, rateIndex: 0 }, 0),
    encodeCommand(CLOCK, clock.CLOCK_RATE_GET, { clockId }, 0),
    encodeCommand(CLOCK, clock.CLOCK_CONFIG_GET, { clockId, flags: { extendedType: 0 } }, 0),
  ].map(bufferOf);
}

/** Enumerates ten clocks on a board that has no others and on one with `count`, spread over it: ns a message each. */
export function benchClockScale(count: number, rounds: number): { fewNs: number; manyNs: number } {
  const ENUMERATED = 10;
  const prepare = (clockCount: number) => {
    const { agent } = clockPlatform(clocksOf(clockCount));
    const requests = Array.from({ length: ENUMERATED }, (_, i) => {
      // The same kinds of clocks on both boards: the last digit is the place.
      const clockId = clockCount === ENUMERATED ? i : (i * clockCount) / ENUMERATED + i;
      return enumeration(clockId, i === 9);
    }).flat();
    runRounds(agent.channel, requests, rounds / 4);
    return { channel: agent.channel, requests, costs: [] as number[] };
  };
  const boards = [prepare(ENUMERATED), prepare(count)];
  // In turn, so that a noisy neighbour hits both alike.
  for (let i = 0; i < 9; i++) {
    for (const { channel, requests, costs } of boards) costs.push(runRounds(channel, requests, rounds / 10));
  }
  const [fewNs, manyNs] = boards.map(({ costs }) => median(costs)) as [number, number];
  return { fewNs, manyNs };
}
