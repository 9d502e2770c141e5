// Unix sockets with descriptors: what arrives, what is kept, what is closed, and who may listen where.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runProgram } from "../support/child_program.ts";
import { connectedPair } from "../support/connected_pair.ts";
import { descriptorCountOf } from "../support/front_end_descriptors.ts";
import { EFD_CLOEXEC, libc } from "../../transports/ffi/libc.ts";
import {
  connectUnix,
  listenUnix,
  RECEIVE_AGAIN,
  RECEIVE_END,
  ReceivedDescriptors,
  UnixConnection,
  UnixListener,
} from "../../transports/ffi/unix_socket.ts";

function inTempDir(body: (dir: string) => void): void {
  const dir = Deno.makeTempDirSync();
  try {
    body(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

function listening(path: string): UnixListener {
  const listener = listenUnix(path);
  assert(listener instanceof UnixListener, JSON.stringify(listener));
  return listener;
}

function connected(path: string): UnixConnection {
  const connection = connectUnix(path, 64);
  assert(connection instanceof UnixConnection, JSON.stringify(connection));
  return connection;
}

function errorOf(result: object): string {
  assert("error" in result);
  return String(result.error);
}

Deno.test("UnixListener has mode 0600, takes connections, and removes its socket when closed", () => {
  inTempDir((dir) => {
    const path = `${dir}/a.sock`;
    const listener = listening(path);
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    assertEquals(listener.accept(64), null);
    const there = connected(path);
    const here = listener.accept(64);
    assert(here !== null);
    assert(there.send(new Uint8Array([1, 2, 3])));
    const bytes = new Uint8Array(8);
    assertEquals(here.receiveBytes(bytes), 3);
    assertEquals([...bytes.subarray(0, 3)], [1, 2, 3]);
    assertEquals(here.receiveBytes(bytes), RECEIVE_AGAIN);
    there.close();
    assertEquals(here.receiveBytes(bytes), RECEIVE_END);
    here.close();
    listener.close();
    assertEquals([...Deno.readDirSync(dir)], []);
  });
});

Deno.test("listenUnix replaces a stale socket", () => {
  inTempDir((dir) => {
    const path = `${dir}/a.sock`;
    const stale = listening(path);
    libc.close(stale.fd); // as after a crash: the file stays
    const listener = listening(path);
    connected(path).close();
    listener.close();
  });
});

Deno.test("listenUnix refuses a socket in use and leaves it working", () => {
  inTempDir((dir) => {
    const path = `${dir}/a.sock`;
    const listener = listening(path);
    const error = errorOf(listenUnix(path));
    assertStringIncludes(error, path);
    assertStringIncludes(error, "another process serves it");
    connected(path).close();
    listener.close();
  });
});

Deno.test("listenUnix refuses other files, missing directories and long paths in one line", () => {
  inTempDir((dir) => {
    Deno.writeTextFileSync(`${dir}/file`, "precious");
    assertStringIncludes(errorOf(listenUnix(`${dir}/file`)), "no socket");
    assertEquals(Deno.readTextFileSync(`${dir}/file`), "precious");
    assertStringIncludes(errorOf(listenUnix(`${dir}/none/a.sock`)), "no such file or directory");
    assertStringIncludes(errorOf(listenUnix(`${dir}/${"x".repeat(120)}`)), "longer than 107 bytes");
    assertStringIncludes(errorOf(connectUnix(`${dir}/none.sock`, 1)), "check that the simulator is running");
  });
});

Deno.test("UnixListener leaves a socket alone that has taken the place of its own", () => {
  inTempDir((dir) => {
    const path = `${dir}/a.sock`;
    const first = listening(path);
    Deno.removeSync(path);
    const second = listening(path);
    first.close();
    connected(path).close();
    second.close();
  });
});

Deno.test("UnixConnection hands over descriptors; those that nobody takes are closed", () => {
  const [there, here] = connectedPair(64);
  const event = libc.eventfd(0, EFD_CLOEXEC);
  assert(there.sendWithDescriptors(new Uint8Array([7]), [event, event, event]));
  const received = new ReceivedDescriptors();
  const bytes = new Uint8Array(8);
  assertEquals(here.receive(bytes, received), 1);
  assertEquals([received.count, received.isTruncated], [3, false]);
  const taken = received.take(1);
  assert(taken > 2);
  assertEquals([received.take(1), received.take(3)], [-1, -1]);
  assertEquals(descriptorCountOf(event), 4);
  received.closeAll();
  assertEquals([received.count, descriptorCountOf(event)], [0, 2]);
  for (const fd of [taken, event]) libc.close(fd);
  there.close();
  here.close();
});

Deno.test("UnixConnection takes 253 descriptors at once and leaks none of a second load", () => {
  const [there, here] = connectedPair(64);
  const event = libc.eventfd(0, EFD_CLOEXEC);
  const load = new Array<number>(253).fill(event);
  const received = new ReceivedDescriptors();
  for (let i = 0; i < 2; i++) {
    assert(there.sendWithDescriptors(new Uint8Array([i]), load));
    assertEquals(here.receive(new Uint8Array(8), received), 1);
  }
  assertEquals([received.count, received.isTruncated], [253, true]);
  received.closeAll();
  assertEquals(descriptorCountOf(event), 1);
  libc.close(event);
  there.close();
  here.close();
});

Deno.test("UnixConnection keeps what the peer does not take up to its bound, then gives up", () => {
  const [there, here] = connectedPair(1000);
  const chunk = new Uint8Array(600).fill(0x5a);
  let sent = 0;
  while (there.pendingSize === 0) {
    assert(there.send(chunk));
    sent += 600;
  }
  const isAccepted = there.send(chunk);
  if (isAccepted) sent += 600;
  assertEquals(isAccepted && there.send(chunk), false);
  assert(there.pendingSize <= 1000);
  const bytes = new Uint8Array(65536);
  let got = 0;
  for (let n = here.receiveBytes(bytes); n > 0; n = here.receiveBytes(bytes)) {
    got += n;
    assert(there.flush());
  }
  assertEquals([got, there.pendingSize], [sent, 0]);
  here.close();
  assertEquals(there.send(chunk), false); // and no SIGPIPE
  there.close();
});

Deno.test("UnixConnection knows that its peer has closed while bytes are still unread", () => {
  const [there, here] = connectedPair(64);
  there.send(new Uint8Array([1]));
  assertEquals(here.isPeerClosed, false);
  there.close();
  assertEquals(here.isPeerClosed, true);
  assertEquals(here.receiveBytes(new Uint8Array(8)), 1);
  here.close();
});

Deno.test("Unix sockets survive a process without free descriptors: peers are turned away, losses are told", async () => {
  const ffi = new URL("../../transports/ffi/", import.meta.url);
  const support = new URL("../support/", import.meta.url);
  const program = `
    import { libc } from "${ffi}libc.ts";
    import { connectedPair } from "${support}connected_pair.ts";
    import { connectUnix, listenUnix, ReceivedDescriptors } from "${ffi}unix_socket.ts";
    const path = Deno.makeTempDirSync() + "/a.sock";
    const listener = listenUnix(path);
    const turnedAway = connectUnix(path, 64);
    const [there, here] = connectedPair(64);
    const event = libc.eventfd(0, 0);
    there.sendWithDescriptors(new Uint8Array(1), new Array(20).fill(event));
    const filler = [];
    for (let fd = libc.eventfd(0, 0); fd >= 0; fd = libc.eventfd(0, 0)) filler.push(fd);
    const refused = listener.accept(64);
    const sees = turnedAway.receiveBytes(new Uint8Array(1));
    for (let i = 0; i < 5; i++) libc.close(filler.pop());
    const received = new ReceivedDescriptors();
    here.receive(new Uint8Array(8), received);
    const got = [received.count > 0 && received.count < 20, received.isTruncated];
    received.closeAll();
    const next = connectUnix(path, 64);
    const accepted = listener.accept(64) !== null;
    listener.close();
    // A listener that lost its spare descriptor to somebody else takes it back before it takes connections.
    for (let fd = libc.eventfd(0, 0); fd >= 0; fd = libc.eventfd(0, 0)) filler.push(fd);
    libc.close(filler.pop());
    const bare = listenUnix(path);
    libc.close(filler.pop());
    const waiting = connectUnix(path, 64);
    libc.close(filler.pop());
    const late = bare.accept(64);
    console.log(JSON.stringify([refused, sees, ...got, accepted, late, waiting.receiveBytes(new Uint8Array(1))]));`;
  const { output } = await runProgram(program, 60);
  assertEquals(output, "[null,0,true,true,true,null,0]");
});
