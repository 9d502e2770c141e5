// Campaigns: a seed gives the programs and everything that comes of them, the platform passes a short one, and what
// is wrong with a platform is found and made small.
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { boardArena } from "../../scp/fuzz/arenas.ts";
import { type Arena, type CampaignOptions, runCampaign, type Totals } from "../../scp/fuzz/campaign.ts";
import { FuzzError } from "../../scp/fuzz/fuzz_error.ts";
import { printProgram } from "../../scp/fuzz/program_text.ts";
import type { FoundProgram } from "../../scp/fuzz/search.ts";
import type { Exchange, Target } from "../../scp/fuzz/target.ts";
import { FaultyTarget } from "./faulty_target.ts";

async function campaign(changes: Partial<CampaignOptions> = {}): Promise<Totals> {
  const arenas = changes.arenas ?? [await boardArena("synthetic")];
  return await runCampaign({ seed: 1, arenas, agentNames: null, runsMax: 100, findingsMax: 1, ...changes });
}

Deno.test("a campaign finds nothing on the synthetic platform and the built-in boards", async () => {
  const arenas = [
    await boardArena("synthetic"),
    await boardArena("rcar"),
    await boardArena("rcar-guests"),
    await boardArena("minimal"),
  ];
  const totals = await campaign({ arenas, seed: 20, runsMax: 800 });
  assertEquals(
    totals.found.map(({ program, finding }) => `${finding.problem}\n${printProgram(program)}`),
    [],
  );
  assertEquals(totals.programCount, 800);
  assert(totals.messageCount > 15_000, `${totals.messageCount} messages`);
  // Were the grammar to lose its grip, most answers would be refusals.
  const share = totals.coverage.seenCount / totals.coverage.possibleCount;
  assert(share > 0.5, `${share} of the answers are seen`);
});

Deno.test("a campaign is the same again from the same seed, and another from another", async () => {
  const [one, again, other] = [await campaign(), await campaign(), await campaign({ seed: 2 })];
  assertEquals([again.hash, again.messageCount], [one.hash, one.messageCount]);
  assertNotEquals(other.hash, one.hash);
});

Deno.test("a campaign ends when it is told that it is over", async () => {
  let asked = 0;
  const totals = await campaign({ runsMax: Infinity, isOver: () => ++asked > 2 });
  assertEquals(totals.programCount, 50);
});

/** Runs a campaign on a platform that is spoilt, and returns the rule of the finding and the steps that show it. */
async function find(spoil: (target: Target) => FaultyTarget): Promise<{ rule: string; steps: string[] }> {
  const totals = await campaign({ runsMax: 500, wrap: spoil });
  const [found] = totals.found;
  assert(found !== undefined, "the fault is found");
  const lines = printProgram(found.program).trimEnd().split("\n");
  return { rule: found.finding.rule, steps: lines.slice(lines.indexOf("") + 1) };
}

function status(exchange: Exchange): number | null {
  const { reply } = exchange;
  return reply === null || reply.length < 8 ? null : new DataView(reply.buffer).getInt32(4, true);
}

const SUCCESS = 0;

Deno.test("a campaign finds a token that is not returned, in one step", async () => {
  const { rule, steps } = await find((target) =>
    new FaultyTarget(target, {
      reply: (exchange, request) => {
        // Only the token's highest bit is lost.
        if (exchange.reply !== null && request.length > 3) exchange.reply[3]! &= ~8;
      },
    })
  );
  assertEquals(rule, "reply-header");
  assertEquals(steps.length, 1);
});

Deno.test("a campaign finds a reply that is dropped now and then", async () => {
  let count = 0;
  const { rule, steps } = await find((target) => {
    count = 0;
    return new FaultyTarget(target, { drops: () => ++count === 5 });
  });
  assertEquals(rule, "reply-missing");
  // Five messages: what steps have set is read back.
  assert(steps.length > 1 && steps.length <= 5, steps.join("\n"));
});

/** The same arena, whose platform may be gone. */
function mortal(arena: Arena, isGone: () => boolean): Arena {
  return {
    ...arena,
    open(program) {
      if (isGone()) throw new FuzzError("the platform is gone");
      return arena.open(program);
    },
  };
}

Deno.test("a campaign keeps the program that its platform did not survive", async () => {
  let count = 0;
  const arenas = [mortal(await boardArena("synthetic"), () => count >= 40)];
  const wrap = (target: Target) => new FaultyTarget(target, { drops: () => ++count >= 40 });
  const totals = await campaign({ arenas, runsMax: 500, wrap });
  assertEquals(totals.found.map(({ finding }) => finding.rule), ["reply-missing"]);
  const [{ program, whyLong }] = totals.found as [FoundProgram];
  assertEquals(whyLong, "after it there was no platform: the platform is gone");
  assert(program.steps.length > 1, "as it was drawn");
  // The next batch has no platform from the start.
  count = 0;
  const told: string[] = [];
  const onFinding = ({ finding }: FoundProgram) => void told.push(finding.rule);
  await assertRejects(
    () => campaign({ arenas, runsMax: 500, wrap, onFinding, findingsMax: 2 }),
    "the platform is gone",
  );
  assertEquals(told, ["reply-missing"]);
});

Deno.test("a campaign keeps the program of a fault that does not come again", async () => {
  let count = 0;
  const totals = await campaign({
    runsMax: 500,
    wrap: (target) => new FaultyTarget(target, { drops: () => ++count === 40 }),
  });
  assertEquals(totals.found.map(({ finding }) => finding.rule), ["reply-missing"]);
  assertEquals(totals.found[0]!.whyLong, "the program did not show it each time it was run");
});

Deno.test("a campaign tells after which program there was no platform, though nothing was wrong until its end", async () => {
  let count = 0;
  const arenas = [mortal(await boardArena("synthetic"), () => ++count > 7)];
  const totals = await campaign({ arenas });
  assertEquals(totals.found.map(({ finding }) => finding.rule), ["platform-gone"]);
  assertEquals(totals.found[0]!.whyLong, "after it there was no platform: the platform is gone");
  assertEquals(totals.programCount, 7);
});

Deno.test("a campaign without a platform ends with the reason", async () => {
  const arenas = [mortal(await boardArena("synthetic"), () => true)];
  await assertRejects(() => campaign({ arenas }), "the platform is gone");
});

Deno.test("a campaign finds a wrong status of one message, in one step", async () => {
  const { rule, steps } = await find((target) =>
    new FaultyTarget(target, {
      reply: (exchange, request) => {
        // NOT_FOUND of SENSOR_READING_GET becomes OUT_OF_RANGE.
        const isReading = request[0] === 0x6 && ((request[1]! >> 2) | ((request[2]! & 3) << 6)) === 0x15;
        if (isReading && status(exchange) === -4) exchange.reply![4] = 0xfb;
      },
    })
  );
  assertEquals(rule, "status");
  assertEquals(steps.length, 1, steps.join("\n"));
});

Deno.test("a campaign finds bytes behind what a reply declares, in one step", async () => {
  const { rule, steps } = await find((target) =>
    new FaultyTarget(target, {
      reply: (exchange) => {
        if (status(exchange) !== SUCCESS || exchange.reply!.length !== 12) return;
        const longer = new Uint8Array(16);
        longer.set(exchange.reply!);
        exchange.reply = longer;
      },
    })
  );
  assertEquals(rule, "layout");
  assertEquals(steps.length, 1, steps.join("\n"));
});

Deno.test("a campaign takes what is thrown for a finding, in one step", async () => {
  const { rule, steps } = await find((target) =>
    new FaultyTarget(target, {
      request: (request) => {
        if (request.length === 5) throw new RangeError("Offset is outside the bounds of the DataView");
      },
    })
  );
  assertEquals(rule, "exception");
  assertEquals(steps.length, 1, steps.join("\n"));
});

Deno.test("a campaign finds a delayed response that comes twice", async () => {
  const { rule, steps } = await find((target) =>
    new FaultyTarget(target, { repeats: (message) => (message[1]! & 3) === 2 })
  );
  assertEquals(rule, "delayed");
  assert(steps.length <= 2, steps.join("\n"));
});

Deno.test("a campaign finds a delayed response that never comes, in one step", async () => {
  const { rule, steps } = await find((target) =>
    new FaultyTarget(target, { swallows: (message) => (message[1]! & 3) === 2 })
  );
  assertEquals(rule, "delayed");
  assertEquals(steps.length, 1, steps.join("\n"));
});

Deno.test("a campaign finds notifications that go on after they were turned off", async () => {
  const { rule, steps } = await find((target) =>
    new FaultyTarget(target, {
      // The command that turns updates off turns them on.
      request: (request) => {
        const isSwitch = request.length === 12 && request[0] === 0xb && request[1] === 0x54;
        if (isSwitch && request[8] === 0) request[8] = 1;
      },
    })
  );
  assertEquals(rule, "notification");
  assert(steps.length <= 4, steps.join("\n"));
});

Deno.test("a campaign finds a setting that is accepted and not made, in one step", async () => {
  const { rule, steps } = await find((target) =>
    new FaultyTarget(target, {
      reply: (exchange, request) => {
        // VOLTAGE_LEVEL_GET tells 1 uV more.
        const isGet = request[0] === 0x8 && ((request[1]! >> 2) | ((request[2]! & 3) << 6)) === 0x17;
        if (isGet && status(exchange) === SUCCESS) exchange.reply![8]! ^= 1;
      },
    })
  );
  assertEquals(rule, "echo");
  assertEquals(steps.length, 1, steps.join("\n"));
});

Deno.test("a campaign finds hardware that is as it may never be, in one step", async () => {
  const { rule, steps } = await find((target) =>
    new FaultyTarget(target, {
      // CLOCK_CONFIG_SET does something terrible.
      breaks: (request) => request[0] === 0x7 && ((request[1]! >> 2) | ((request[2]! & 3) << 6)) === 0x14,
    })
  );
  assertEquals(rule, "hardware");
  assertEquals(steps.length, 1, steps.join("\n"));
});
