// Keeps a truncated memory file from ending the process. Touching a page that the file no longer has raises SIGBUS,
// which JavaScript cannot catch; a few machine instructions in a page of their own can: for an address inside a guarded
// mapping they put a page of zeros there and count, for any other they go on to the handler that was there before.
// sigaction(2), mmap(2). Each thread that loads this module has its own handler and table; handlers form a chain.

import { assert } from "../../scp/core/assert.ts";
import {
  libc,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  mapMemory,
  pageSize,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from "./libc.ts";

/** A guarded mapping. */
export interface MappingGuard {
  /** How many pages of it were found missing and replaced by zeros. */
  readonly faultCount: number;
  /** Ends the guard; to be called before the mapping goes. */
  release(): void;
}

// The handler, called as handler(rdi = signal, rsi = siginfo, rdx = context). The table: the previous handler, the
// number of entries, then entries of start, end, page size, fault count; 64 bits each.
//
//         mov  r8, [rsi + 16]                si_addr
//         mov  r9, [rip + table]
//         mov  rcx, [r9 + 8]                 entries left
//         lea  r10, [r9 + 16]                this entry
//   1:    test rcx, rcx
//         jz   chain
//         cmp  r8, [r10]
//         jb   2f
//         cmp  r8, [r10 + 8]
//         jb   found
//   2:    add  r10, 32
//         dec  rcx
//         jmp  1b
//   found: lock inc qword ptr [r10 + 24]
//         mov  rsi, [r10 + 16]               mmap(address & -size, size, ...
//         mov  rdi, rsi
//         neg  rdi
//         and  rdi, r8
//         mov  edx, 3                        ... PROT_READ | PROT_WRITE,
//         mov  r10d, 0x32                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
//         mov  r8, -1                        no file,
//         xor  r9d, r9d                      offset 0)
//         mov  eax, 9
//         syscall
//         cmp  rax, -4096
//         ja   fatal
//         ret                                the load or store is tried again
//   chain: mov rax, [r9]
//         cmp  rax, 1                        SIG_DFL or SIG_IGN
//         jbe  fatal
//         jmp  rax
//   fatal: mov edi, 7                        rt_sigaction(SIGBUS, default action, nothing, 8)
//         lea  rsi, [rip + zeros]
//         xor  edx, edx
//         mov  r10d, 8
//         mov  eax, 13
//         syscall
//         ret                                the next try ends the process
//         .balign 8, 0
//   table: .quad 0                           filled in below
//   zeros:                                   the rest of the page
const HANDLER_X86_64 = `
  4c8b46104c8b0d85000000498b49084d8d51104885c9744b4d3b0272064d3b42
  0872094983c22048ffc9ebe7f049ff4218498b72104889f748f7df4c21c7ba03
  00000041ba3200000049c7c0ffffffff4531c9b8090000000f05483d00f0ffff
  770cc3498b014883f8017602ffe0bf07000000488d351e00000031d241ba0800
  0000b80d0000000f05c30000000000000000000000000000`;

// The same with x0 = signal, x1 = siginfo, x2 = context.
//
//         ldr  x8, [x1, #16]
//         ldr  x9, table
//         ldr  x10, [x9, #8]
//         add  x11, x9, #16
//   1:    cbz  x10, chain
//         ldp  x12, x13, [x11]
//         cmp  x8, x12
//         b.lo 2f
//         cmp  x8, x13
//         b.lo found
//   2:    add  x11, x11, #32
//         sub  x10, x10, #1
//         b    1b
//   found: ldr x14, [x11, #24]
//         add  x14, x14, #1
//         str  x14, [x11, #24]
//         ldr  x1, [x11, #16]
//         neg  x0, x1
//         and  x0, x0, x8
//         mov  x2, #3
//         mov  x3, #0x32
//         mov  x4, #-1
//         mov  x5, #0
//         mov  x8, #222                      mmap
//         svc  #0
//         cmn  x0, #4095
//         b.cs fatal
//         ret
//   chain: ldr x12, [x9]
//         cmp  x12, #1
//         b.ls fatal
//         br   x12
//   fatal: mov x0, #7
//         adr  x1, zeros
//         mov  x2, #0
//         mov  x3, #8
//         mov  x8, #134                      rt_sigaction
//         svc  #0
//         ret
//         .balign 8, 0
//   table: .quad 0
//   zeros:
const HANDLER_AARCH64 = `
  280840f9e90400582a0540f92b4100910a0300b46c3540a91f010ceb63000054
  1f010deb830000546b8100914a0500d1f8ffff176e0d40f9ce0500916e0d00f9
  610940f9e00301cb0000088a620080d2430680d204008092050080d2c81b80d2
  010000d41ffc3fb1c2000054c0035fd62c0140f99f0500f14900005480011fd6
  e00080d221010010020080d2030180d2c81080d2010000d4c0035fd600000000
  0000000000000000`;

const SIGBUS = 7;
const SA_SIGINFO = 4;
const SA_ONSTACK = 0x08000000;
/** glibc's structure: handler at 0, mask at 8, flags at 136, restorer at 144. */
const SIGACTION_SIZE = 152;
const SIGACTION_FLAGS = 136;

const TABLE_SIZE = 16384;
const ENTRY_SIZE = 32;
const ENTRIES_AT = 16;
const ENTRY_COUNT_MAX = (TABLE_SIZE - ENTRIES_AT) / ENTRY_SIZE;

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (pair) => parseInt(pair, 16));
}

function handlerCode(): Uint8Array<ArrayBuffer> | null {
  if (Deno.build.arch === "x86_64") return bytesOf(HANDLER_X86_64);
  return Deno.build.arch === "aarch64" ? bytesOf(HANDLER_AARCH64) : null;
}

/** The handler of this thread's module, once installed, and its table. */
class Guards {
  readonly #table: DataView;
  readonly #isUsed: boolean[] = [];

  constructor(table: DataView) {
    this.#table = table;
  }

  add(start: bigint, size: number, pageSize: number): MappingGuard | null {
    let index = this.#isUsed.indexOf(false);
    if (index < 0) index = this.#isUsed.length;
    if (index === ENTRY_COUNT_MAX) return null;
    this.#isUsed[index] = true;
    const table = this.#table;
    const at = ENTRIES_AT + index * ENTRY_SIZE;
    table.setBigUint64(at + 24, 0n, true);
    table.setBigUint64(at + 16, BigInt(pageSize), true);
    table.setBigUint64(at, start, true);
    // The end last: until then the entry is empty, and a fault of another thread passes it by.
    table.setBigUint64(at + 8, start + BigInt(size), true);
    table.setBigUint64(8, BigInt(this.#isUsed.length), true);
    return {
      get faultCount() {
        return table.getUint32(at + 24, true);
      },
      release: () => {
        assert(this.#isUsed[index] === true, "a guard is released once");
        table.setBigUint64(at + 8, 0n, true);
        table.setBigUint64(at, 0n, true);
        this.#isUsed[index] = false;
      },
    };
  }
}

/** Installs the handler. null where there is none for this machine, or executable memory is forbidden. */
function install(): Guards | null {
  const code = handlerCode();
  if (code === null) return null;
  const flags = MAP_PRIVATE | MAP_ANONYMOUS;
  // Neither is ever unmapped: the handler stays in the chain when the thread that brought it has ended.
  const table = mapMemory(TABLE_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0);
  const page = mapMemory(pageSize, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (table === null || page === null) return null;
  new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(page, code.length)).set(code);
  const pageView = new DataView(Deno.UnsafePointerView.getArrayBuffer(page, code.length));
  pageView.setBigUint64(code.length - 8, Deno.UnsafePointer.value(table), true);
  if (libc.mprotect(page, BigInt(pageSize), PROT_READ | PROT_EXEC) < 0) return null;
  const tableView = new DataView(Deno.UnsafePointerView.getArrayBuffer(table, TABLE_SIZE));

  const action = new DataView(new ArrayBuffer(SIGACTION_SIZE));
  const pointer = Deno.UnsafePointer.of(action);
  // The table has to know the previous handler before the new one can be called.
  if (libc.sigaction(SIGBUS, null, pointer) < 0) return null;
  tableView.setBigUint64(0, action.getBigUint64(0, true), true);
  action.setBigUint64(0, Deno.UnsafePointer.value(page), true);
  for (let at = 8; at < SIGACTION_FLAGS; at += 8) action.setBigUint64(at, 0n, true);
  action.setInt32(SIGACTION_FLAGS, SA_SIGINFO | SA_ONSTACK, true);
  const previous = new DataView(new ArrayBuffer(SIGACTION_SIZE));
  if (libc.sigaction(SIGBUS, pointer, Deno.UnsafePointer.of(previous)) < 0) return null;
  // Another thread may have put its own there since the look above: without it in the chain its mappings are unguarded.
  tableView.setBigUint64(0, previous.getBigUint64(0, true), true);
  return new Guards(tableView);
}

let guards: Guards | null | undefined; // undefined: not tried yet

/** Whether mappings can be guarded here at all; then `guardMapping` fails only when too many are. */
export function hasGuards(): boolean {
  if (guards === undefined) guards = install();
  return guards !== null;
}

/**
 * Guards the mapping of a file that may shrink. `start` and `size` are multiples of `pageSize`, the size of the file's
 * pages. null when this machine has no guard, or too many mappings are guarded.
 */
export function guardMapping(start: Deno.PointerObject, size: number, pageSize: number): MappingGuard | null {
  if (guards === undefined) guards = install();
  return guards === null ? null : guards.add(Deno.UnsafePointer.value(start), size, pageSize);
}
