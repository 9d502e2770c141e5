// The C library as the transports use it: the only dlopen of the simulator, the numbers of the Linux ABI that go
// with it, and errno. The layouts and numbers are the same on x86-64 and aarch64 unless a line says otherwise.
// Leaves out: what a call means for a transport (unix_socket.ts, reactor.ts, memory_file.ts).

const isAarch64 = Deno.build.arch === "aarch64";

/**
 * The symbols with their foreign types. Sizes of buffers are `u32`, since a 64-bit number costs 150 ns a call; they are
 * always lengths of arrays or constants, so that the upper half of the register is zero for certain.
 */
const SYMBOLS = {
  accept4: { parameters: ["i32", "pointer", "pointer", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  fchmod: { parameters: ["i32", "u32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  fstatfs: { parameters: ["i32", "buffer"], result: "i32" },
  getpagesize: { parameters: [], result: "i32" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  mprotect: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "u32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "u32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  sigaction: { parameters: ["i32", "pointer", "pointer"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  timerfd_create: { parameters: ["i32", "i32"], result: "i32" },
  timerfd_settime: { parameters: ["i32", "i32", "buffer", "pointer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  write: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

function load(): Deno.DynamicLibrary<typeof SYMBOLS> {
  if (Deno.build.os !== "linux") throw new Error("The transports need Linux: epoll, eventfd and memfd");
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS);
  } catch (error) {
    throw new Error(
      `The transports need glibc 2.28 or newer: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** The C library's functions; -1 means failure, `errno()` says why. */
export const libc = load().symbols;

/** Found when the module is loaded: looking for it after a failure would overwrite it. */
const errnoWord = new Int32Array(
  Deno.UnsafePointerView.getArrayBuffer(libc.__errno_location() as Deno.PointerObject, 4),
);

/**
 * Returns the error number of the call before, for messages to people and for coarse decisions. The engine may do a
 * system call of its own in between, when it compiles or collects garbage, and then it is another one: nothing may go
 * wrong because of that. The word belongs to the thread, and so does this module: each worker loads its own.
 */
export function errno(): number {
  return errnoWord[0] ?? 0;
}

/** Error numbers that callers tell apart. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  ENOTDIR: 20,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EROFS: 30,
  EOVERFLOW: 75,
  EADDRINUSE: 98,
  ECONNREFUSED: 111,
} as const;

const ERRNO_TEXT: Readonly<Record<number, string>> = {
  [ERRNO.EPERM]: "operation not permitted",
  [ERRNO.ENOENT]: "no such file or directory",
  [ERRNO.ENOMEM]: "out of memory",
  [ERRNO.EACCES]: "permission denied",
  [ERRNO.EEXIST]: "file exists",
  [ERRNO.ENOTDIR]: "not a directory",
  [ERRNO.EINVAL]: "invalid argument",
  [ERRNO.ENFILE]: "too many open files in the system",
  [ERRNO.EMFILE]: "too many open files",
  [ERRNO.EROFS]: "read-only file system",
  [ERRNO.EOVERFLOW]: "value too large",
  [ERRNO.EADDRINUSE]: "address in use",
  [ERRNO.ECONNREFUSED]: "connection refused",
};

/** Returns a few words for an error number. */
export function errnoText(code: number): string {
  return ERRNO_TEXT[code] ?? `error ${code}`;
}

/** Sockets. */
export const AF_UNIX = 1;
export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;
export const SOL_SOCKET = 1;
export const SCM_RIGHTS = 1;
export const MSG_CTRUNC = 8;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_CMSG_CLOEXEC = 0x40000000;
export const SHUT_WR = 1;

/** What a descriptor can be ready for; poll and epoll share these numbers. */
export const READABLE = 1;
export const WRITABLE = 4;
export const FAILED = 8;
export const HUNG_UP = 0x10;
export const PEER_CLOSED = 0x2000;

/** epoll. The event structure is packed on x86-64 only. */
export const EPOLL_CLOEXEC = 0x80000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLLET = 0x80000000;
export const EPOLL_EVENT_SIZE = isAarch64 ? 16 : 12;
export const EPOLL_EVENT_DATA = isAarch64 ? 8 : 4;

/** eventfd. */
export const EFD_NONBLOCK = 0x800;
export const EFD_CLOEXEC = 0x80000;

/** timerfd; the structure is interval (seconds, nanoseconds), then first expiry, 64 bits each. */
export const CLOCK_MONOTONIC = 1;
export const TFD_NONBLOCK = 0x800;
export const TFD_CLOEXEC = 0x80000;
export const ITIMERSPEC_SIZE = 32;

/** Files. */
export const O_RDWR = 2;
export const O_CREAT = 0x40;
export const O_EXCL = 0x80;
export const O_NONBLOCK = 0x800;
export const O_CLOEXEC = 0x80000;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_ADD_SEALS = 1033;
export const F_GET_SEALS = 1034;
export const F_SEAL_SHRINK = 2;
export const MFD_CLOEXEC = 1;
export const MFD_ALLOW_SEALING = 2;

/** statx: one layout for all architectures, unlike stat. */
const AT_EMPTY_PATH = 0x1000;
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const STATX_BASIC_STATS = 0x7ff;
const STATX_SIZE = 256;
export const S_IFMT = 0xf000;
export const S_IFSOCK = 0xc000;
export const S_IFREG = 0x8000;

/** Memory. */
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;
export const MAP_ANONYMOUS = 0x20;
export const MAP_NORESERVE = 0x4000;
const MAP_FAILED = 0xffffffffffffffffn;

/** Bytes of a memory page. */
export const pageSize = libc.getpagesize();

/** Maps memory; null on failure (the call itself returns all ones then, which is not a null pointer). */
export function mapMemory(
  size: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
): Deno.PointerObject | null {
  const pointer = libc.mmap(null, BigInt(size), protection, flags, fd, BigInt(offset));
  return pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED ? null : pointer;
}

const encoder = new TextEncoder();

/** Returns the bytes of a C string. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text + "\0");
}

/** What is known of an open file or of a path. */
export interface FileStatus {
  /** Type and permission bits. */
  readonly mode: number;
  readonly size: number;
  readonly inode: bigint;
}

const statBytes = new Uint8Array(STATX_SIZE);
const statView = new DataView(statBytes.buffer);

function statusOf(result: number): FileStatus | null {
  if (result < 0) return null;
  return {
    mode: statView.getUint16(28, true),
    size: Number(statView.getBigUint64(40, true)),
    inode: statView.getBigUint64(32, true),
  };
}

/** Returns the status of an open descriptor; null on failure, see `errno()`. */
export function statusOfDescriptor(fd: number): FileStatus | null {
  return statusOf(libc.statx(fd, cString(""), AT_EMPTY_PATH, STATX_BASIC_STATS, statBytes));
}

/** Returns the status of what a path names, a symbolic link itself; null on failure, see `errno()`. */
export function statusOfPath(path: string): FileStatus | null {
  return statusOf(libc.statx(AT_FDCWD, cString(path), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, statBytes));
}

const HUGETLBFS_MAGIC = 0x958458f6;

/** Returns the size of the pages in which an open file is mapped: of a huge-page file, that of its pages. */
export function mappingPageSize(fd: number): number {
  const status = new BigInt64Array(32);
  if (libc.fstatfs(fd, status) < 0 || Number(status[0]) !== HUGETLBFS_MAGIC) return pageSize;
  return Number(status[1]);
}

/** Tells whether a descriptor is an eventfd: only such a one can be waited for without reading it. */
export function isEventDescriptor(fd: number): boolean {
  const target = new Uint8Array(32);
  const length = libc.readlink(cString(`/proc/self/fd/${fd}`), target, target.length);
  return length > 0 && new TextDecoder().decode(target.subarray(0, length)) === "anon_inode:[eventfd]";
}
