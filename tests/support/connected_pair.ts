// Two Unix sockets that are connected to each other, without a path.
import { assert } from "@std/assert";
import { AF_UNIX, libc, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from "../../transports/ffi/libc.ts";
import { UnixConnection } from "../../transports/ffi/unix_socket.ts";

/** Makes both; each keeps so many bytes that the other does not take. */
export function connectedPair(outputSizeMax: number): [UnixConnection, UnixConnection] {
  const fds = new Int32Array(2);
  const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const result = libc.socketpair(AF_UNIX, type, 0, new Uint8Array(fds.buffer));
  assert(result === 0, "a pair of sockets can be made");
  return [new UnixConnection(fds[0]!, outputSizeMax), new UnixConnection(fds[1]!, outputSizeMax)];
}
