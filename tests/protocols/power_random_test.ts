// Random programs of power domain and system power commands by all agents at once: after every message the hardware is in
// order, the answer is one that is declared, and a synchronous success holds.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Board } from "../../boards/board.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import * as power from "../../protocols/power/messages.ts";
import * as system from "../../protocols/system_power/messages.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import type { CommandSchema } from "../../scp/core/schema.ts";
import { statusName } from "../../scp/core/status.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { connectAgent, encodeCommand, statusOfBytes, type TestAgent } from "../support/platform.ts";
import { withWholeViews } from "../support/views.ts";
import { POWER_BOARD } from "../support/power_board.ts";

const POWER = 0x11;
const SYSTEM = 0x12;

const flag = fc.boolean();
const domainId = fc.nat({ max: 24 });
const powerState = fc.record({ isContextLost: flag, stateId: fc.constantFrom(0, 0, 0, 1, 7) });
const notify = fc.record({ domainId, notifyEnable: fc.record({ enable: flag }) });

/** One message: protocol, declaration, parameters. */
const message: fc.Arbitrary<readonly [number, CommandSchema, Record<string, unknown>]> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ flags: fc.record({ async: flag }), domainId, powerState }).map((params) =>
      [POWER, power.POWER_STATE_SET, params] as const
    ),
  },
  notify.map((params) => [POWER, power.POWER_STATE_NOTIFY, params] as const),
  notify.map((params) => [POWER, power.POWER_STATE_CHANGE_REQUESTED_NOTIFY, params] as const),
  fc.record({ flags: fc.record({ graceful: flag }), systemState: fc.nat({ max: 5 }) }).map((params) =>
    [SYSTEM, system.SYSTEM_POWER_STATE_SET, params] as const
  ),
  fc.record({ notifyEnable: fc.record({ enable: flag }) }).map((params) =>
    [SYSTEM, system.SYSTEM_POWER_STATE_NOTIFY, params] as const
  ),
);

const step = fc.record({
  agent: fc.nat({ max: 4 }),
  message,
  waitUs: fc.constantFrom(0, 0, 0, 0, 30, 200, 1_000, 60_000, 3_000_000),
});

/** Sends a message; the answer has to be a declared one. */
function send(
  agent: TestAgent,
  [protocolId, schema, params]: readonly [number, CommandSchema, Record<string, unknown>],
): string {
  const status = statusName(statusOfBytes(agent, encodeCommand(protocolId, schema, params as never, 0))!);
  const byDispatcher = schema.id in { 4: 0, 6: 0, 7: 0 } ? ["NOT_FOUND"] : [];
  const declared: readonly string[] = ["SUCCESS", ...schema.fails, ...byDispatcher];
  assert(declared.includes(status), `${schema.name} answers ${status}`);
  return status;
}

const BOARDS: readonly (readonly [Board, number])[] = [[POWER_BOARD, 150], [withWholeViews(rcarBoard), 50]];

for (const [board, numRuns] of BOARDS) {
  Deno.test(`no program of power messages breaks the hardware of board ${board.name}`, () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
        const { machine, model } = createPlatform(board);
        const agents = board.agents.map(({ name }) => connectAgent(machine, name));
        for (const { agent, message, waitUs } of steps) {
          const status = send(agents[agent % agents.length]!, message);
          seen.add(`${message[1].name} ${status}`);
          assertEquals(checkInvariants(model), []);
          const [, schema, params] = message;
          if (schema === power.POWER_STATE_SET && status === "SUCCESS") expectState(params, model.powerTree);
          machine.step(machine.nowUs() + waitUs);
          assertEquals(checkInvariants(model), []);
        }
      }),
      { numRuns, seed: 7 },
    );
    for (const status of ["SUCCESS", "INVALID_PARAMETERS", "NOT_SUPPORTED", "DENIED", "BUSY"]) {
      for (const name of ["POWER_STATE_SET", "SYSTEM_POWER_STATE_SET"]) {
        assert(seen.has(`${name} ${status}`), `${name} never answers ${status}`);
      }
    }
  });
}

type Tree = ReturnType<typeof createPlatform>["model"]["powerTree"];

/** After a synchronous success the domain is in the state; after an asynchronous one, there or on its way. */
function expectState(params: Record<string, unknown>, tree: Tree): void {
  const { domainId, powerState, flags } = params as {
    domainId: number;
    powerState: { isContextLost: boolean; stateId: number };
    flags: { async: boolean };
  };
  const domain = tree.exposed[domainId]!;
  const isThere = domain.state.stateId === powerState.stateId &&
    domain.state.isContextLost === powerState.isContextLost;
  assert(isThere || ((flags.async || domain.isCore) && domain.goal !== null), `${domain.name} is elsewhere`);
}
