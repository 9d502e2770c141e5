// The trace: what the ring keeps, what is counted, who hears it, and the hash by which runs are compared.
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { TRACE_EVENT_COUNT } from "../../scp/core/limits.ts";
import { STATUS } from "../../scp/core/status.ts";
import { showTraceEvent, Trace, TRACE_KIND, type TraceEvent } from "../../scp/core/trace.ts";

/** Records a command whose header is its number. */
function recordCommands(trace: Trace, count: number): void {
  for (let i = 0; i < count; i++) trace.record(TRACE_KIND.command, i, 1, i, STATUS.SUCCESS, 8);
}

Deno.test("trace keeps the last events, oldest first, and forgets the ones before", () => {
  const trace = new Trace();
  assertEquals(trace.last(), []);
  recordCommands(trace, 3);
  assertEquals(trace.last().map(({ header }) => header), [0, 1, 2]);
  assertEquals(trace.last(2).map(({ header }) => header), [1, 2]);
  assertEquals(trace.last(0), []);
  recordCommands(trace, TRACE_EVENT_COUNT + 5);
  const kept = trace.last(10 * TRACE_EVENT_COUNT);
  assertEquals(kept.length, TRACE_EVENT_COUNT);
  assertEquals([kept[0]!.header, kept.at(-1)!.header], [5, TRACE_EVENT_COUNT + 4]);
});

Deno.test("trace gives back every part of an event, also beyond 31 bits", () => {
  const trace = new Trace();
  const timeUs = 2 ** 50 + 1;
  trace.record(TRACE_KIND.delayedResponse, timeUs, 255, 0xffff_ffff, -10, 4096);
  const expected: TraceEvent = {
    kind: "delayedResponse",
    timeUs,
    agentId: 255,
    header: 0xffff_ffff,
    value: -10,
    extra: 4096,
  };
  assertEquals(trace.last(), [expected]);
});

Deno.test("trace counts each kind, and goes on when the ring is full", () => {
  const trace = new Trace();
  recordCommands(trace, TRACE_EVENT_COUNT + 1);
  trace.record(TRACE_KIND.notificationDropped, 0, 1, 0, 0, 0);
  assertEquals(trace.count("command"), TRACE_EVENT_COUNT + 1);
  assertEquals(trace.counts().notificationDropped, 1);
  assertEquals(Object.keys(trace.counts()), Object.keys(TRACE_KIND));
  assertEquals(trace.count("channelReset"), 0);
});

Deno.test("trace listeners hear events with their bytes until they leave", () => {
  const trace = new Trace();
  const heard: [number, number | null, number | null][] = [];
  assert(!trace.isHeard);
  const leave = trace.listen(({ header }, request, message) => {
    heard.push([header, request?.byteLength ?? null, message?.byteLength ?? null]);
  });
  assert(trace.isHeard);
  const bytes = (size: number) => new DataView(new ArrayBuffer(size));
  trace.record(TRACE_KIND.command, 0, 1, 7, 0, 8, bytes(12), bytes(8));
  trace.record(TRACE_KIND.channelReset, 0, 1, 0, 0, 0);
  leave();
  trace.record(TRACE_KIND.command, 0, 1, 9, 0, 8);
  assertEquals(heard, [[7, 12, 8], [0, null, null]]);
  assert(!trace.isHeard);
});

Deno.test("trace hash is equal for equal runs and tells any difference apart", () => {
  const hashOf = (change: Partial<TraceEvent> & { byte?: number; kindNumber?: number }) => {
    const trace = new Trace();
    trace.startHash();
    const message = new DataView(new ArrayBuffer(8));
    message.setUint8(5, change.byte ?? 0);
    const { timeUs = 1, agentId = 2, header = 3, value = 4, extra = 5, kindNumber = 0 } = change;
    trace.record(kindNumber, timeUs, agentId, header, value, extra, null, message);
    trace.record(TRACE_KIND.command, 9, 9, 9, 9, 9);
    return trace.hash;
  };
  const same = hashOf({});
  assertEquals(hashOf({}), same);
  const changes = [
    { timeUs: 2 },
    { timeUs: 1 + 2 ** 40 },
    { agentId: 3 },
    { header: 4 },
    { value: -4 },
    { extra: 6 },
    { byte: 1 },
    { kindNumber: 1 },
  ];
  for (const change of changes) assertNotEquals(hashOf(change), same, JSON.stringify(change));
});

Deno.test("trace hash depends on the order of events and starts when asked to", () => {
  const run = (headers: readonly number[], isHashed: boolean) => {
    const trace = new Trace();
    if (isHashed) trace.startHash();
    for (const header of headers) trace.record(TRACE_KIND.command, 0, 1, header, 0, 8);
    return trace.hash;
  };
  assertNotEquals(run([1, 2], true), run([2, 1], true));
  assertEquals(run([1, 2], false), 0);
});

Deno.test("showTraceEvent shows time, agent, message and outcome on one line", () => {
  const event: TraceEvent = {
    kind: "command",
    timeUs: 1_234_567,
    agentId: 1,
    header: 0,
    value: -4,
    extra: 8,
  };
  assertEquals(
    showTraceEvent(event, "SENSOR_READING_GET", "OSPM"),
    "    1.234567 OSPM command SENSOR_READING_GET NOT_FOUND",
  );
  const notification: TraceEvent = { ...event, kind: "notification", value: 0 };
  assertEquals(
    showTraceEvent(notification, "SENSOR_UPDATE", "OSPM"),
    "    1.234567 OSPM notification SENSOR_UPDATE",
  );
});
