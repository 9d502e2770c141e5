// Who may import what: the table of the architecture as data, and the one function that judges an import by it. Paths
// are relative to the repository's root, with slashes. The lint plugin asks for every import of every file.

/** One row of the table: what the files of a zone may import beside their own zone. */
interface Zone {
  /** Files it covers. The first zone that covers a file is its zone. */
  readonly covers: RegExp;
  /** What these files may import of ours. */
  readonly mayImport: readonly RegExp[];
  /** What they may import as types only. */
  readonly mayImportTypes?: readonly RegExp[];
}

const ANYTHING_BUT_TESTS = /^(?!tests\/)/;
const CORE = /^scp\/core\//;
const MODEL = /^scp\/model\//;
const BOARDS = /^boards\//;
const CHANNEL = /^transports\/channel\.ts$/;

const ZONES: readonly Zone[] = [
  { covers: /^tests\//, mayImport: [/./] },
  { covers: /^(scp\/(control|fuzz)\/|mod\.ts$)/, mayImport: [ANYTHING_BUT_TESTS] },
  { covers: CORE, mayImport: [CORE] },
  { covers: BOARDS, mayImport: [BOARDS, CORE] },
  { covers: /^transports\//, mayImport: [/^transports\//, CORE] },
  { covers: MODEL, mayImport: [MODEL, CORE], mayImportTypes: [BOARDS] },
  // The list of protocols is the one file that sees all of them; a protocol sees what all share, and itself.
  { covers: /^protocols\/registry\.ts$/, mayImport: [/^protocols\//, CORE] },
  { covers: /^protocols\/[^/]+\.ts$/, mayImport: [/^protocols\/[^/]+\.ts$/, CORE], mayImportTypes: [MODEL] },
  {
    covers: /^protocols\//,
    mayImport: [/^protocols\/(?!registry\.ts$)[^/]+\.ts$/, CORE],
    mayImportTypes: [MODEL],
  },
  {
    covers: /^scp\/agent\//,
    mayImport: [/^scp\/agent\//, CORE, /^protocols\/[^/]+\/messages\.ts$/, CHANNEL],
  },
  {
    covers: /^scp\/server\//,
    mayImport: [/^scp\/server\//, CORE, MODEL, BOARDS, /^protocols\/protocol\.ts$/, CHANNEL],
  },
];

const CONTROL = /^scp\/control\//;
const TESTS = /^tests\//;

/** Packages of others, and the files that may import them. What is not listed may not be imported at all. */
const PACKAGES: Readonly<Record<string, readonly RegExp[]>> = {
  "hono": [/^scp\/control\/(http|views)/],
  "@hono/zod-openapi": [/^scp\/control\/(http|views)/],
  "commander": [/^scp\/control\/cli\.ts$/],
  "@commander-js/extra-typings": [/^scp\/control\/cli\.ts$/],
  "@std/assert": [TESTS],
  "fast-check": [TESTS, /^scp\/(control\/)?fuzz/],
  "pure-rand": [/^scp\/core\/prng\.ts$/],
  "zod": [BOARDS, CONTROL],
  "yaml": [BOARDS, CONTROL],
  "@logtape/logtape": [CONTROL],
};

/** Zones that run on any JavaScript engine: no Deno, no node. The loader of boards reads the files of users. */
const NEUTRAL = /^(scp\/(core|model|server|agent)\/|protocols\/|boards\/(?!loader\.ts$))/;

/** Tells whether a file has to do without the interfaces of a runtime. */
export function isRuntimeNeutral(file: string): boolean {
  return NEUTRAL.test(file);
}

/** Resolves a relative import of a file to a path from the root; null when it leaves the repository. */
function resolve(file: string, specifier: string): string | null {
  const parts = file.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === ".." && parts.pop() === undefined) return null;
    if (part !== ".." && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function judgePackage(file: string, specifier: string): string | null {
  if (specifier.startsWith("node:")) {
    return isRuntimeNeutral(file) ? `${specifier} ties this file to a runtime; pass in what it is for` : null;
  }
  const words = specifier.split("/");
  const name = words.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const places = PACKAGES[name];
  if (places === undefined) return `${name} is not a package of this project; ask before adding one`;
  return places.some((place) => place.test(file)) ? null : `${name} may not be imported here`;
}

/** Judges one import of a file; returns what is wrong with it, or null. `isTypeOnly` is for `import type`. */
export function judgeImport(file: string, specifier: string, isTypeOnly: boolean): string | null {
  if (!specifier.startsWith(".")) return judgePackage(file, specifier);
  const target = resolve(file, specifier);
  if (target === null) return `${specifier} leaves the repository`;
  const zone = ZONES.find(({ covers }) => covers.test(file));
  if (zone === undefined) return "This folder has no row in the import table";
  const isOwnFolder =
    file.slice(0, file.lastIndexOf("/") + 1) === target.slice(0, target.lastIndexOf("/") + 1);
  if (isOwnFolder || zone.mayImport.some((place) => place.test(target))) return null;
  if (zone.mayImportTypes?.some((place) => place.test(target)) ?? false) {
    return isTypeOnly ? null : `${target} may be imported here as types only (import type)`;
  }
  return `${target} may not be imported here`;
}
