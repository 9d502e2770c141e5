// Unix stream sockets whose messages may carry descriptors: listen, accept, receive, send. Everything is non-blocking,
// what the peer does not take is kept up to a bound, and a descriptor that nobody kept is closed.
// Leaves out: what the bytes mean.

import { assert } from "../../scp/core/assert.ts";
import * as abi from "./libc.ts";
import { cString, ERRNO, errno, errnoText, libc, statusOfPath } from "./libc.ts";

/** The longest socket path in bytes: the address has 108, one is the end of the string. */
const PATH_SIZE_MAX = 107;
/** The kernel lets one message carry as many descriptors. */
export const DESCRIPTOR_COUNT_MAX = 253;

const CONTROL_HEADER_SIZE = 16;
const CONTROL_SIZE = CONTROL_HEADER_SIZE + 8 * Math.ceil((4 * DESCRIPTOR_COUNT_MAX) / 8);

/** A Unix socket address: family, then the path. Null when the path is too long. */
function addressOf(path: string): Uint8Array<ArrayBuffer> | null {
  const bytes = cString(path);
  if (bytes.length > PATH_SIZE_MAX + 1) return null;
  const address = new Uint8Array(2 + bytes.length);
  address[0] = abi.AF_UNIX;
  address.set(bytes, 2);
  return address;
}

function newSocket(): number {
  return libc.socket(abi.AF_UNIX, abi.SOCK_STREAM | abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC, 0);
}

/** The descriptors that came with received bytes. Whoever wants one takes it; the rest is closed. */
export class ReceivedDescriptors {
  readonly #fds = new Int32Array(DESCRIPTOR_COUNT_MAX);
  #count = 0;
  /** Whether the kernel had to leave some out: more than fit, or no room in this process. */
  isTruncated = false;

  /** How many came and were neither closed nor cleared since. */
  get count(): number {
    return this.#count;
  }

  /** Hands over one descriptor: the caller closes it. -1 when there is none at this place or it was taken before. */
  take(index: number): number {
    if (index >= this.#count) return -1;
    const fd = this.#fds[index] ?? -1;
    this.#fds[index] = -1;
    return fd;
  }

  /** Returns a descriptor without handing it over; -1 as `take`. */
  peek(index: number): number {
    return index < this.#count ? this.#fds[index] ?? -1 : -1;
  }

  /** Adds one; closes it when there is no place. */
  add(fd: number): void {
    if (this.#count === DESCRIPTOR_COUNT_MAX) {
      libc.close(fd);
      this.isTruncated = true;
    } else this.#fds[this.#count++] = fd;
  }

  /** Closes all that were not taken, and forgets all. */
  closeAll(): void {
    for (let i = 0; i < this.#count; i++) {
      const fd = this.#fds[i] ?? -1;
      if (fd >= 0) libc.close(fd);
    }
    this.#count = 0;
    this.isTruncated = false;
  }
}

/** `receive()`: nothing there now. */
export const RECEIVE_AGAIN = -1;
/** `receive()`: the peer has closed its side, or the connection broke. */
export const RECEIVE_END = 0;

/** One `msghdr` with its vector and control area; used by all connections of a thread, one call at a time. */
class MessageHeader {
  readonly #header = new Uint8Array(56);
  readonly #view = new DataView(this.#header.buffer);
  readonly #vector = new BigUint64Array(2);
  readonly #control = new Uint8Array(CONTROL_SIZE);
  readonly #controlView = new DataView(this.#control.buffer);

  constructor() {
    this.#setPointer(16, this.#vector);
    this.#view.setBigUint64(24, 1n, true);
    this.#setPointer(32, this.#control);
  }

  receive(fd: number, bytes: Uint8Array<ArrayBuffer>, into: ReceivedDescriptors): number {
    this.#setBytes(bytes);
    this.#view.setBigUint64(40, BigInt(CONTROL_SIZE), true);
    const got = libc.recvmsg(fd, this.#header, abi.MSG_DONTWAIT | abi.MSG_CMSG_CLOEXEC);
    if (got < 0) return got;
    if (this.#view.getInt32(48, true) & abi.MSG_CTRUNC) into.isTruncated = true;
    const end = Number(this.#view.getBigUint64(40, true));
    for (let at = 0; at + CONTROL_HEADER_SIZE <= end;) {
      const size = Number(this.#controlView.getBigUint64(at, true));
      if (size < CONTROL_HEADER_SIZE || at + size > end) break;
      const isRights = this.#controlView.getInt32(at + 8, true) === abi.SOL_SOCKET &&
        this.#controlView.getInt32(at + 12, true) === abi.SCM_RIGHTS;
      if (isRights) {
        for (let i = CONTROL_HEADER_SIZE; i + 4 <= size; i += 4) {
          into.add(this.#controlView.getInt32(at + i, true));
        }
      }
      at += (size + 7) & ~7;
    }
    return got;
  }

  send(fd: number, bytes: Uint8Array<ArrayBuffer>, fds: readonly number[]): number {
    assert(fds.length <= DESCRIPTOR_COUNT_MAX, "the descriptors fit into one message");
    this.#setBytes(bytes);
    const size = CONTROL_HEADER_SIZE + 4 * fds.length;
    this.#controlView.setBigUint64(0, BigInt(size), true);
    this.#controlView.setInt32(8, abi.SOL_SOCKET, true);
    this.#controlView.setInt32(12, abi.SCM_RIGHTS, true);
    fds.forEach((each, i) => this.#controlView.setInt32(CONTROL_HEADER_SIZE + 4 * i, each, true));
    this.#view.setBigUint64(40, fds.length === 0 ? 0n : BigInt((size + 7) & ~7), true);
    return libc.sendmsg(fd, this.#header, abi.MSG_DONTWAIT | abi.MSG_NOSIGNAL);
  }

  /** The caller holds on to `bytes` until the call is over: only their address stands here. */
  #setBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#vector[0] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
    this.#vector[1] = BigInt(bytes.length);
  }

  #setPointer(at: number, target: Uint8Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>): void {
    this.#view.setBigUint64(at, Deno.UnsafePointer.value(Deno.UnsafePointer.of(target)), true);
  }
}

const pollBytes = new Uint8Array(8);
const pollView = new DataView(pollBytes.buffer);
const messageHeader = new MessageHeader();

/** One connected socket. */
export class UnixConnection {
  readonly fd: number;
  #output: Uint8Array<ArrayBuffer>;
  #outputSize = 0;
  #isOpen = true;

  /** Takes over a connected non-blocking socket; keeps up to `outputSizeMax` bytes that the peer does not take. */
  constructor(fd: number, outputSizeMax: number) {
    this.fd = fd;
    this.#output = new Uint8Array(outputSizeMax);
  }

  /** Bytes that wait for the peer. */
  get pendingSize(): number {
    return this.#outputSize;
  }

  /** Whether the peer has closed its side or is gone, though there may still be bytes of it to read. */
  get isPeerClosed(): boolean {
    return pollSocket(this.fd, abi.PEER_CLOSED, 0) !== 0;
  }

  /**
   * Reads what is there into `bytes` (not empty), and the descriptors that came with it into `descriptors`. Returns how
   * many bytes, RECEIVE_AGAIN or RECEIVE_END.
   */
  receive(bytes: Uint8Array<ArrayBuffer>, descriptors: ReceivedDescriptors): number {
    assert(bytes.length > 0, "an empty read would look like the end of the connection");
    const got = messageHeader.receive(this.fd, bytes, descriptors);
    if (got >= 0) return got;
    if (!this.isPeerClosed) return RECEIVE_AGAIN;
    // The last bytes may have come just before the end did.
    return Math.max(messageHeader.receive(this.fd, bytes, descriptors), RECEIVE_END);
  }

  /** As `receive`, for connections that carry no descriptors (the kernel drops those that come): three times as fast. */
  receiveBytes(bytes: Uint8Array<ArrayBuffer>): number {
    assert(bytes.length > 0, "an empty read would look like the end of the connection");
    const got = libc.recv(this.fd, bytes, bytes.length, abi.MSG_DONTWAIT);
    if (got >= 0) return got;
    if (!this.isPeerClosed) return RECEIVE_AGAIN;
    return Math.max(libc.recv(this.fd, bytes, bytes.length, abi.MSG_DONTWAIT), RECEIVE_END);
  }

  /**
   * Sends all of `bytes`, now or later (then `flush` has to be called when the socket is writable). False: the peer is
   * gone, or it does not read and more would have to be kept than is allowed; the connection is of no use any more.
   */
  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    let done = 0;
    if (this.#outputSize === 0) {
      done = this.#write(bytes);
      if (done < 0) return false;
    }
    if (this.#outputSize + bytes.length - done > this.#output.length) return false;
    this.#output.set(bytes.subarray(done), this.#outputSize);
    this.#outputSize += bytes.length - done;
    return true;
  }

  /** Sends bytes with descriptors, at once or not at all. */
  sendWithDescriptors(bytes: Uint8Array<ArrayBuffer>, fds: readonly number[]): boolean {
    return this.#outputSize === 0 && messageHeader.send(this.fd, bytes, fds) === bytes.length;
  }

  /** Goes on with what waits. False as `send`; see `pendingSize` for what is left. */
  flush(): boolean {
    if (this.#outputSize === 0) return true;
    const done = this.#write(this.#output.subarray(0, this.#outputSize));
    if (done < 0) return false;
    this.#output.copyWithin(0, done, this.#outputSize);
    this.#outputSize -= done;
    return true;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    libc.close(this.fd);
  }

  /** Returns the bytes written, 0 when the peer has no room, -1 when it is gone. */
  #write(bytes: Uint8Array<ArrayBuffer>): number {
    if (bytes.length === 0) return 0;
    const done = libc.send(this.fd, bytes, bytes.length, abi.MSG_DONTWAIT | abi.MSG_NOSIGNAL);
    if (done >= 0) return done;
    return (pollSocket(this.fd, 0, 0) & (abi.HUNG_UP | abi.FAILED)) === 0 ? 0 : -1;
  }
}

/**
 * Returns what a socket is ready for, of `events` and of what is always told (HUNG_UP, FAILED). It says more than errno,
 * which the engine may have overwritten by the time one looks.
 */
export function pollSocket(fd: number, events: number, timeoutMs: number): number {
  pollView.setInt32(0, fd, true);
  pollView.setInt16(4, events, true);
  return libc.poll(pollBytes, 1, timeoutMs) > 0 ? pollView.getUint16(6, true) : 0;
}

/** Connects to a listening socket; an error is one line with the path and what to do. */
export function connectUnix(path: string, outputSizeMax: number): UnixConnection | { error: string } {
  const address = addressOf(path);
  if (address === null) return { error: tooLong(path) };
  const fd = newSocket();
  if (fd < 0) return { error: `Cannot make a socket: ${errnoText(errno())}` };
  if (libc.connect(fd, address, address.length) === 0) return new UnixConnection(fd, outputSizeMax);
  const code = errno();
  libc.close(fd);
  return { error: `Cannot connect to ${path}: ${errnoText(code)}; check that the simulator is running` };
}

/** A listening socket at a path, for its owner only (mode 0600). */
export class UnixListener {
  readonly fd: number;
  readonly path: string;
  readonly #inode: bigint;
  /** Given up for a moment when the process has no descriptor left, to take and drop a connection. */
  #spareFd: number;

  constructor(fd: number, path: string, inode: bigint) {
    this.fd = fd;
    this.path = path;
    this.#inode = inode;
    this.#spareFd = libc.eventfd(0, abi.EFD_CLOEXEC);
  }

  /**
   * Takes the next connection; null when there is none. When the process is out of descriptors the peer is turned
   * away, because a connection that stays in the queue would wake the event loop for ever.
   */
  accept(outputSizeMax: number): UnixConnection | null {
    const flags = abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC;
    // Another thread may have taken the last descriptor while the spare one was given up.
    if (this.#spareFd < 0) this.#spareFd = libc.eventfd(0, abi.EFD_CLOEXEC);
    const fd = libc.accept4(this.fd, null, null, flags);
    if (fd >= 0) return new UnixConnection(fd, outputSizeMax);
    const code = errno();
    if ((code === ERRNO.EMFILE || code === ERRNO.ENFILE) && this.#spareFd >= 0) {
      libc.close(this.#spareFd);
      const refused = libc.accept4(this.fd, null, null, flags);
      if (refused >= 0) libc.close(refused);
      this.#spareFd = libc.eventfd(0, abi.EFD_CLOEXEC);
    }
    return null;
  }

  /** Stops listening and removes the socket, unless somebody has put another one at its place. */
  close(): void {
    if (statusOfPath(this.path)?.inode === this.#inode) libc.unlink(cString(this.path));
    libc.close(this.fd);
    if (this.#spareFd >= 0) libc.close(this.#spareFd);
  }
}

function tooLong(path: string): string {
  return `Socket path ${path} is longer than ${PATH_SIZE_MAX} bytes: choose a shorter one`;
}

/**
 * Listens at a path. A socket whose listener is gone is replaced; one in use, and any other file, is left alone and
 * told of in one line.
 */
export function listenUnix(path: string): UnixListener | { error: string } {
  const address = addressOf(path);
  if (address === null) return { error: tooLong(path) };
  const fd = newSocket();
  if (fd < 0) return { error: `Cannot make a socket: ${errnoText(errno())}` };
  const error = bindAndListen(fd, path, address);
  const inode = error === null ? statusOfPath(path)?.inode : undefined;
  if (error === null && inode !== undefined) return new UnixListener(fd, path, inode);
  libc.close(fd);
  return { error: error ?? `Cannot listen at ${path}: it was removed meanwhile` };
}

/** Returns null, or what is wrong. */
function bindAndListen(fd: number, path: string, address: Uint8Array<ArrayBuffer>): string | null {
  // Before bind: the file is never there with wider rights, whatever the umask.
  libc.fchmod(fd, 0o600);
  if (libc.bind(fd, address, address.length) < 0) {
    const code = errno();
    if (code !== ERRNO.EADDRINUSE) {
      return `Cannot listen at ${path}: ${errnoText(code)}; check its directory`;
    }
    const obstacle = obstacleAt(path, address);
    if (obstacle !== null) return obstacle;
    if (libc.unlink(cString(path)) < 0) return `Cannot replace ${path}: ${errnoText(errno())}; remove it`;
    if (libc.bind(fd, address, address.length) < 0) return `Cannot listen at ${path}: ${errnoText(errno())}`;
  }
  return libc.listen(fd, 16) < 0 ? `Cannot listen at ${path}: ${errnoText(errno())}` : null;
}

/** Returns what keeps us from taking a path that exists; null when it is a socket that nobody serves. */
function obstacleAt(path: string, address: Uint8Array<ArrayBuffer>): string | null {
  const status = statusOfPath(path);
  if (status === null) return null;
  if ((status.mode & abi.S_IFMT) !== abi.S_IFSOCK) {
    return `Cannot listen at ${path}: it exists and is no socket; remove it or choose another path`;
  }
  const fd = newSocket();
  const isRefused = libc.connect(fd, address, address.length) < 0 && errno() === ERRNO.ECONNREFUSED;
  libc.close(fd);
  return isRefused
    ? null
    : `Cannot listen at ${path}: another process serves it; stop that or choose another path`;
}
