// Memory files and their windows: what is opened, made, refused and removed, bounds, and files that are truncated while they
// are mapped. transports.md chapter 8, 26.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  MemoryFile,
  type MemoryWindow,
  openMemoryFile,
  overlapOf,
} from "../../transports/memory/memory_file.ts";
import { exists, openCountBelow } from "../support/open_files.ts";
import { pageSize } from "../../transports/ffi/libc.ts";

/** Runs a test with a path in a folder of its own. */
function withPath(body: (path: string) => void): void {
  const folder = Deno.makeTempDirSync();
  body(`${folder}/shared.mem`);
  Deno.removeSync(folder, { recursive: true });
}

function opened(path: string, createSize?: number): MemoryFile {
  const file = openMemoryFile(path, createSize === undefined ? {} : { createSize });
  assert(file instanceof MemoryFile, "error" in file ? file.error : "");
  return file;
}

function windowOf(file: MemoryFile, offset: number, size: number): MemoryWindow {
  const window = file.window(offset, size);
  assert(!("error" in window), "error" in window ? window.error : "");
  return window;
}

function errorOf(result: object): string {
  assert("error" in result && typeof result.error === "string", "an error was expected");
  return result.error;
}

Deno.test("openMemoryFile makes a file for its owner only, and removes it when it is closed", () => {
  withPath((path) => {
    const file = opened(path, 6000);
    const { mode, size } = Deno.statSync(path);
    assertEquals([(mode ?? 0) & 0o777, size, file.size, file.isCreated], [0o600, 6000, 6000, true]);
    file.close();
    assertEquals(exists(path), false);
  });
});

Deno.test("MemoryFile.close() a second time hurts nobody who has its descriptor now", () => {
  withPath((path) => {
    const first = opened(path, 4096);
    first.close();
    const second = opened(path, 4096);
    first.close();
    assertEquals([windowOf(second, 0, 4096).words[0], exists(path)], [0, true]);
    second.close();
  });
});

Deno.test("openMemoryFile takes a file that is there as it is, and leaves it", () => {
  withPath((path) => {
    Deno.writeFileSync(path, new Uint8Array(5000).fill(7), { mode: 0o640 });
    const file = opened(path, 9000);
    assertEquals([file.size, file.isCreated], [5000, false]);
    assertEquals(windowOf(file, 4996, 4).words[0], 0x07070707);
    file.close();
    const { mode, size } = Deno.statSync(path);
    assertEquals([(mode ?? 0) & 0o777, size], [0o640, 5000]);
  });
});

Deno.test("MemoryFile.close() leaves a file that somebody has put at the place of its own", () => {
  withPath((path) => {
    const file = opened(path, 4096);
    Deno.renameSync(path, `${path}.old`);
    Deno.writeTextFileSync(path, "another");
    file.close();
    assertEquals(Deno.readTextFileSync(path), "another");
  });
});

Deno.test("openMemoryFile tells what it cannot open, by path", () => {
  withPath((path) => {
    assertMatch(errorOf(openMemoryFile(path)), new RegExp(`^Cannot open ${path}: no such file`));
    const nowhere = `${path}/below/it`;
    assertMatch(
      errorOf(openMemoryFile(nowhere, { createSize: 1 })),
      /^Cannot make .*: no such file.*directory$/,
    );
    Deno.mkdirSync(path);
    assertStringIncludes(errorOf(openMemoryFile(path, { createSize: 4096 })), path);
    Deno.removeSync(path);
    assertMatch(errorOf(openMemoryFile("/dev/null")), /^Cannot share \/dev\/null: it is no regular file/);
  });
});

Deno.test("openMemoryFile does not wait for the other end of a pipe", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/pipe`;
  assert((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
  assertStringIncludes(errorOf(openMemoryFile(path)), "no regular file");
  assertEquals(openCountBelow(folder), 0);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("openMemoryFile tells of a size that no file can have, and leaves nothing behind", () => {
  withPath((path) => {
    assertMatch(errorOf(openMemoryFile(path, { createSize: 2 ** 52 })), /^Cannot make .* bytes long: /);
    assertEquals(exists(path), false);
  });
});

Deno.test("MemoryFile.window() shows the same bytes in three ways, from any offset that is a multiple of 4", () => {
  withPath((path) => {
    const file = opened(path, 3 * pageSize);
    const window = windowOf(file, pageSize - 8, 18);
    assertEquals([window.words.length, window.bytes.length, window.view.byteLength], [4, 18, 18]);
    Atomics.store(window.words, 1, 0x04030201);
    window.bytes[17] = 9;
    assertEquals(window.view.getUint32(4, true), 0x04030201);
    const shared = Deno.readFileSync(path);
    assertEquals([...shared.subarray(pageSize - 4, pageSize)], [1, 2, 3, 4]);
    assertEquals(shared[pageSize + 9], 9);
    const again = windowOf(file, pageSize - 4, 4);
    assertEquals(again.words[0], 0x04030201);
    file.close();
  });
});

Deno.test("MemoryFile.window() refuses places that are not inside the file, or not at a word", () => {
  withPath((path) => {
    const file = opened(path, 4096);
    const places: [number, number, RegExp][] = [
      [0, 4097, /beyond the end/],
      [4096, 4, /beyond the end/],
      [2 ** 40, 4, /beyond the end/],
      [0, 2 ** 52, /beyond the end/],
      [2 ** 53, 4, /multiple of 4/],
      [2, 4, /multiple of 4/],
      [-4, 4, /multiple of 4/],
      [0.5, 4, /multiple of 4/],
      [NaN, 4, /multiple of 4/],
      [0, 0, /makes no sense/],
      [0, -4, /makes no sense/],
      [0, NaN, /makes no sense/],
      [0, Infinity, /makes no sense/],
      [4, 2 ** 53, /makes no sense/],
    ];
    for (const [offset, size, told] of places) {
      const error = errorOf(file.window(offset, size));
      assertMatch(error, told);
      assertStringIncludes(error, path);
    }
    assertEquals(windowOf(file, 0, 4096).bytes.length, 4096);
    file.close();
  });
});

Deno.test("MemoryFile.windows() gives all of them, or the first error", () => {
  withPath((path) => {
    const file = opened(path, 4096);
    const places = [{ offset: 0, size: 8 }, { offset: 4088, size: 8 }];
    const windows = file.windows(places);
    assert(!("error" in windows));
    assertEquals(windows.map(({ offset, size }) => ({ offset, size })), places);
    assertMatch(errorOf(file.windows([...places, { offset: 4092, size: 8 }])), /8 bytes at 0xffc/);
    file.close();
  });
});

Deno.test("MemoryFile survives that its file is truncated, and says so", () => {
  withPath((path) => {
    const file = opened(path, 3 * pageSize);
    const first = windowOf(file, 0, 64);
    const last = windowOf(file, 2 * pageSize, 64);
    first.bytes.fill(5);
    last.bytes.fill(6);
    Deno.truncateSync(path, pageSize);
    assertEquals([first.bytes[3], file.isTruncated], [5, false]);
    assertEquals([last.bytes[3], file.isTruncated], [0, true]);
    last.bytes.fill(8);
    Atomics.store(last.words, 0, 1);
    assertEquals([first.bytes[3], last.bytes[63]], [5, 8]);
    file.close();
    assertEquals(exists(path), false);
  });
});

Deno.test("MemoryFile.close() gives back its descriptor and its mappings", () => {
  withPath((path) => {
    const isMapped = () => Deno.readTextFileSync("/proc/self/maps").includes(path);
    for (let i = 0; i < 600; i++) { // more than there are guards
      const file = opened(path, 4096);
      windowOf(file, 0, 8).words[0] = 1;
      windowOf(file, 64, 8);
      assert(isMapped());
      file.close();
      openMemoryFile(`${path}/nothing`, { createSize: 4 });
    }
    assertEquals([openCountBelow(path), isMapped()], [0, false]);
  });
});

Deno.test("overlapOf names the two places that overlap", () => {
  const place = (name: string, offset: number, size: number) => ({ name, offset, size });
  assertEquals(overlapOf([]), null);
  assertEquals(overlapOf([place("a", 0, 16), place("b", 16, 16), place("c", 64, 4)]), null);
  assertEquals(
    overlapOf([place("a", 0, 16), place("b", 32, 16), place("c", 12, 8)]),
    "a (0x0 to 0x10) and c (0xc to 0x14) overlap: move one of them",
  );
  assertMatch(overlapOf([place("a", 8, 4), place("b", 0, 64)]) ?? "", /^a .* and b /);
  assertMatch(overlapOf([place("a", 8, 4), place("b", 8, 4)]) ?? "", /^a .* and b /);
});
