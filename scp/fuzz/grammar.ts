// The grammar of programs, made from the declarations of all protocols: which steps there are, how often each is
// drawn and how it shrinks. A new protocol is in as soon as the registry lists it.
import fc, { type Arbitrary } from "fast-check";
import { PIN_CONFIG } from "../core/pin_config.ts";
import type { CommandSchema } from "../core/schema.ts";
import type { SampleFailure } from "../model/sensor.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import type { ProtocolMessages } from "../../protocols/protocol.ts";
import { FAST_COMMANDS, type FastCommand } from "./fast_channels.ts";
import { fieldValues, type ValueHints } from "./field_values.ts";
import { type CommandStep, encodeCommandStep, type FastStep, type Program, type Step } from "./program.ts";

/** A command of a protocol. */
export interface CommandChoice {
  readonly protocol: ProtocolMessages;
  readonly schema: CommandSchema;
}

/** Weights of the kinds of steps; 0 = there are none. */
export interface StepWeights {
  readonly command: number;
  readonly raw: number;
  readonly fast: number;
  readonly time: number;
  readonly reset: number;
  readonly p2a: number;
  readonly room: number;
  readonly override: number;
  readonly fault: number;
}

/** What a batch of programs has in common. */
export interface BatchPlan {
  readonly seed: number;
  readonly start: Omit<Program, "steps" | "seed">;
  readonly commands: readonly CommandChoice[];
  readonly weights: StepWeights;
  readonly hints: ValueHints;
  /** Number of sensors of the board, for overrides and faults. */
  readonly sensorCount: number;
  readonly stepsMax: number;
}

const TIMES_US = [1, 0, 100, 999, 1_000, 9_999, 10_000, 20_000, 100_000, 250_000, 1_000_000];
const ROOMS = [
  4096,
  8,
  0,
  4,
  7,
  9,
  12,
  16,
  22,
  24,
  26,
  28,
  30,
  34,
  36,
  42,
  60,
  104,
  128,
  132,
  256,
  1024,
  4095,
  65_536,
];
const OVERRIDES = [0, 1, -1, 25, 60, 85.123, 1e-9, -273.15, 1e6, -1e6, 1e18, -1e300];

/** Adds the numbers that parameters of these names take in a protocol. */
function withMeaning(protocol: ProtocolMessages, hints: ValueHints): ValueHints {
  const version = PROTOCOLS.find(({ id }) => id === protocol.id)?.versions ?? [];
  const messageId = protocol.commands.map(({ id }) => id);
  const protocolId = PROTOCOLS.map(({ id }) => id);
  const typeCode = Object.values(PIN_CONFIG);
  return { ...hints, meaningful: { ...hints.meaningful, version, messageId, protocolId, typeCode } };
}

function commandStep(choice: CommandChoice, channelCount: number, hints: ValueHints): Arbitrary<CommandStep> {
  return fc.record({
    kind: fc.constant("command" as const),
    channel: fc.nat({ max: channelCount - 1 }),
    protocol: fc.constant(choice.protocol),
    schema: fc.constant(choice.schema),
    token: fc.oneof(fc.nat({ max: 3 }), fc.constantFrom(0x3ff, 0x200), fc.nat({ max: 0x3ff })),
    params: fieldValues(choice.schema.params, withMeaning(choice.protocol, hints)),
  }, { noNullPrototype: true });
}

/** A use of a FastChannel, with values as the command that does the same takes them. */
function fastStep(command: FastCommand, channelCount: number, hints: ValueHints): Arbitrary<FastStep> {
  const { protocol, messageId, wordCount, isWritten } = command;
  const schema = protocol.commands.find(({ id }) => id === messageId)!;
  return commandStep({ protocol, schema }, channelCount, hints).map(({ channel, params }) => ({
    kind: "fast",
    channel,
    protocol,
    messageId,
    domainId: params.domainId as number,
    words: isWritten ? Object.values(params).slice(-wordCount) as number[] : [],
  }));
}

/** A well-formed command that has been shortened, lengthened, or given another header. */
function damaged(command: Arbitrary<CommandStep>): Arbitrary<Uint8Array> {
  const cut = fc.tuple(command, fc.nat({ max: 24 })).map(([step, count]) => {
    const bytes = encodeCommandStep(step);
    return bytes.slice(0, Math.max(0, bytes.length - count));
  });
  const lengthened = fc.tuple(command, fc.uint8Array({ minLength: 1, maxLength: 24 })).map(([step, more]) => {
    const bytes = encodeCommandStep(step);
    const longer = new Uint8Array(bytes.length + more.length);
    longer.set(bytes);
    longer.set(more, bytes.length);
    return longer;
  });
  const flipped = fc.tuple(command, fc.nat({ max: 31 })).map(([step, bit]) => {
    const bytes = encodeCommandStep(step);
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
    return bytes;
  });
  return fc.oneof(cut, lengthened, flipped);
}

function rawBytes(command: Arbitrary<CommandStep>): Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 8, arbitrary: damaged(command) },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 64 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(64, 4095, 4096, 4097, 65_536).map((size) => new Uint8Array(size)),
    },
  );
}

/** Draws one step. */
export function stepOf(plan: BatchPlan): Arbitrary<Step> {
  const channelCount = plan.start.channels.length;
  const channel = fc.nat({ max: channelCount - 1 });
  const command = fc.oneof(
    ...plan.commands.map((choice) => commandStep(choice, channelCount, plan.hints)),
  );
  const favourites = plan.hints.liveIds.sensor?.slice(0, 2) ?? [];
  const sensorId = fc.oneof(
    fc.constantFrom(...(favourites.length > 0 ? favourites : [0])),
    fc.nat({ max: Math.max(0, plan.sensorCount - 1) }),
  );
  const { weights } = plan;
  const always = { noNullPrototype: true } as const;
  const steps: { weight: number; arbitrary: Arbitrary<Step> }[] = [
    { weight: weights.command, arbitrary: command },
    {
      weight: weights.time,
      arbitrary: fc.record({ kind: fc.constant("time" as const), us: fc.constantFrom(...TIMES_US) }, always),
    },
    {
      weight: weights.raw,
      arbitrary: fc.record({ kind: fc.constant("raw" as const), channel, bytes: rawBytes(command) }, always),
    },
    {
      weight: weights.fast,
      arbitrary: fc.oneof(...FAST_COMMANDS.map((each) => fastStep(each, channelCount, plan.hints))),
    },
    { weight: weights.reset, arbitrary: fc.record({ kind: fc.constant("reset" as const), channel }, always) },
    {
      weight: weights.p2a,
      arbitrary: fc.record({
        kind: fc.constant("p2a" as const),
        channel,
        change: fc.constantFrom<"on" | "off" | number>("on", "off", 0, 1, 2, 8, 100),
      }, always),
    },
    {
      weight: weights.room,
      arbitrary: fc.record(
        { kind: fc.constant("room" as const), channel, size: fc.constantFrom(...ROOMS) },
        always,
      ),
    },
  ];
  if (plan.sensorCount > 0) {
    steps.push({
      weight: weights.override,
      arbitrary: fc.record({
        kind: fc.constant("override" as const),
        sensorId,
        value: fc.constantFrom<number | null>(null, ...OVERRIDES),
      }, always),
    }, {
      weight: weights.fault,
      arbitrary: fc.record({
        kind: fc.constant("fault" as const),
        sensorId,
        failure: fc.constantFrom<SampleFailure | null>(null, "HARDWARE_ERROR", "BUSY"),
      }, always),
    });
  }
  return fc.oneof(...steps.filter(({ weight }) => weight > 0));
}

/** Draws a program of a batch; it shrinks to fewer steps and plainer values. */
export function programOf(plan: BatchPlan): Arbitrary<Program> {
  return fc.array(stepOf(plan), { minLength: 1, maxLength: plan.stepsMax, size: "max" }).map((steps) => ({
    seed: plan.seed,
    ...plan.start,
    steps,
  }));
}
