// What endpoints tell when agents do wrong again and again, each time as a new one.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { boundReports, REPORTS_PER_ENDPOINT } from "../../transports/bounded_reports.ts";
import { connectUnix, UnixConnection } from "../../transports/ffi/unix_socket.ts";
import { bellPathOf } from "../../transports/shmem/places.ts";
import { MessageSite } from "../contract/message.ts";
import { ShmemSite } from "../contract/shmem.ts";
import { withBackEnd } from "../support/front_end_fixture.ts";
import { TestPort } from "../support/smt_fixture.ts";

function connected(path: string): UnixConnection {
  const socket = connectUnix(path, 64);
  assert(socket instanceof UnixConnection);
  return socket;
}

/** Connects to a path many times, each time with bytes that make no sense. */
function connectOften(path: string, turn: () => boolean): void {
  for (let i = 0; i < 2 * REPORTS_PER_ENDPOINT; i++) {
    const socket = connected(path);
    socket.send(new Uint8Array(64).fill(0xff));
    while (turn());
    socket.close();
    while (turn());
  }
}

function assertBounded(reports: readonly string[]): void {
  assertEquals(reports.length, REPORTS_PER_ENDPOINT);
  assertMatch(reports.at(-1)!, /; no more is told of what goes wrong here$/);
  assertEquals(reports.filter((text) => /no more is told/.test(text)).length, 1);
}

Deno.test("boundReports hands on so many lines, and says which is the last", () => {
  const told: string[] = [];
  const report = boundReports((text) => told.push(text));
  for (let i = 1; i <= 2 * REPORTS_PER_ENDPOINT; i++) report(`line ${i}`);
  assertBounded(told);
  assertEquals(told.slice(0, 2), ["line 1", "line 2"]);
});

Deno.test("message endpoint tells a bounded number of lines, however many agents come", () => {
  const site = new MessageSite(() => new TestPort());
  connectOften(site.path, () => site.reactor.runOnce(0) > 0);
  assertBounded(site.reports);
  site.close();
});

Deno.test("shmem endpoint tells a bounded number of lines, however many agents are turned away", () => {
  const site = new ShmemSite(() => new TestPort());
  const first = connected(bellPathOf(site.path));
  connectOften(bellPathOf(site.path), () => site.turn());
  assertBounded(site.reports);
  first.close();
  site.close();
});

Deno.test("vhost-user endpoint tells a bounded number of lines, however many front-ends come", () => {
  withBackEnd((backEnd) => {
    connectOften(backEnd.path, () => backEnd.reactor.runOnce(0) > 0);
    assertBounded(backEnd.reports);
    assert(backEnd.servesFresh);
  });
});
