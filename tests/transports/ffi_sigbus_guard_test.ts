// The SIGBUS guard in a process of its own, since without it the process would end: which faults it catches, which go
// on to the handler before it, and that it counts.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type ProgramEnd, runProgram } from "../support/child_program.ts";

/** Runs a program in a child process with a mapping of `pages` pages of a file that is then truncated to one page. */
function runTruncated(body: string): Promise<ProgramEnd> {
  const ffi = new URL("../../transports/ffi/", import.meta.url);
  return runProgram(`
    import { cString, libc, MAP_SHARED, mapMemory, pageSize, PROT_READ, PROT_WRITE } from "${ffi}libc.ts";
    import { guardMapping } from "${ffi}sigbus_guard.ts";
    const fd = libc.memfd_create(cString("guarded"), 0);
    libc.ftruncate(fd, BigInt(4 * pageSize));
    const map = () => mapMemory(4 * pageSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    const viewOf = (pointer) => new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, 4 * pageSize));
    const truncate = () => libc.ftruncate(fd, BigInt(pageSize));
    ${body}`);
}

Deno.test("guardMapping replaces lost pages by zeros, counts them, and leaves the others", async () => {
  const { code, output } = await runTruncated(`
    const first = map(), second = map();
    const guards = [first, second].map((pointer) => guardMapping(pointer, 4 * pageSize, pageSize));
    const bytes = viewOf(first), others = viewOf(second);
    bytes.fill(7);
    truncate();
    const seen = [bytes[0], bytes[pageSize], bytes[2 * pageSize + 5]];
    bytes[pageSize + 1] = 9;
    seen.push(bytes[pageSize + 1], others[3 * pageSize]);
    console.log(JSON.stringify([seen, guards.map((guard) => guard.faultCount)]));
    for (const guard of guards) guard.release();
    const again = guardMapping(second, 4 * pageSize, pageSize);
    console.log(again.faultCount, others[2 * pageSize], again.faultCount);
  `);
  assertEquals([code, output], [0, "[[7,0,0,9,0],[2,1]]\n0 0 1"]);
});

Deno.test("guardMapping counts a fault inside a copy of the engine", async () => {
  const { code, output } = await runTruncated(`
    const guard = guardMapping(map(), 0, pageSize);
    const pointer = map();
    const guarded = guardMapping(pointer, 4 * pageSize, pageSize);
    const bytes = viewOf(pointer);
    truncate();
    const copy = new Uint8Array(4 * pageSize);
    copy.set(bytes);
    bytes.set(copy);
    console.log(guard.faultCount, guarded.faultCount);
  `);
  assertEquals([code, output], [0, "0 3"]);
});

Deno.test("guardMapping leaves faults elsewhere to end the process, as before", async () => {
  const { code, signal } = await runTruncated(`
    guardMapping(map(), 4 * pageSize, pageSize);
    const bytes = viewOf(map());
    truncate();
    console.log(bytes[2 * pageSize]);
  `);
  assertEquals(signal ?? code, "SIGBUS");
});

Deno.test("guardMapping works in several threads, each with a handler of its own", async () => {
  const { code, output } = await runTruncated(`
    const worker = (pages) => {
      const source = \`
        import { libc, MAP_SHARED, mapMemory, pageSize } from "${new URL(
    "../../transports/ffi/libc.ts",
    import.meta.url,
  )}";
        import { guardMapping } from "${new URL("../../transports/ffi/sigbus_guard.ts", import.meta.url)}";
        const pointer = mapMemory(4 * pageSize, 3, MAP_SHARED, \${fd}, 0);
        const guard = guardMapping(pointer, 4 * pageSize, pageSize);
        const bytes = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, 4 * pageSize));
        self.onmessage = () => {
          for (let i = 1; i <= \${pages}; i++) bytes[i * pageSize];
          self.postMessage(guard.faultCount);
        };
        self.postMessage("mapped");
      \`;
      return new Worker("data:text/javascript," + encodeURIComponent(source), { type: "module" });
    };
    const next = (target) => new Promise((resolve) => target.onmessage = (event) => resolve(event.data));
    const workers = [worker(1), worker(2), worker(3)];
    await Promise.all(workers.map(next));
    truncate();
    const counts = [];
    for (const each of workers) {
      const count = next(each);
      each.postMessage(0);
      counts.push(await count);
    }
    console.log(JSON.stringify(counts));
    Deno.exit(0);
  `);
  assertMatch(output, /^\[1,2,3\]$/);
  assert(code === 0);
});

Deno.test("guardMapping loses no thread's handler when several come at once", async () => {
  const { code, output } = await runTruncated(`
    const THREADS = 8;
    const gate = new SharedArrayBuffer(4);
    const source = \`
      import { libc, MAP_SHARED, mapMemory, pageSize } from "${new URL(
    "../../transports/ffi/libc.ts",
    import.meta.url,
  )}";
      import { guardMapping } from "${new URL("../../transports/ffi/sigbus_guard.ts", import.meta.url)}";
      const pointer = mapMemory(4 * pageSize, 3, MAP_SHARED, \${fd}, 0);
      const bytes = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, 4 * pageSize));
      let guard;
      self.onmessage = ({ data: gate }) => {
        if (gate === null) {
          bytes[pageSize];
          return self.postMessage(guard.faultCount);
        }
        const word = new Int32Array(gate);
        Atomics.add(word, 0, 1);
        while (Atomics.load(word, 0) < \${THREADS});
        guard = guardMapping(pointer, 4 * pageSize, pageSize);
        self.postMessage("guarded");
      };
      self.postMessage("mapped");
    \`;
    const next = (target) => new Promise((resolve) => target.onmessage = (event) => resolve(event.data));
    const workers = Array.from({ length: THREADS }, () =>
      new Worker("data:text/javascript," + encodeURIComponent(source), { type: "module" }));
    await Promise.all(workers.map(next));
    const guarded = workers.map(next);
    for (const each of workers) each.postMessage(gate);
    await Promise.all(guarded);
    truncate();
    let count = 0;
    for (const each of workers) {
      const one = next(each);
      each.postMessage(null);
      count += await one;
    }
    console.log(count);
    Deno.exit(0);
  `);
  assertEquals([code, output], [0, "8"]);
});
