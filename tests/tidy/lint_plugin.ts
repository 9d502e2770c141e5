// The project's own lint rules: the import table, interfaces of a runtime, clocks and chance, file names. `deno lint`
// loads it by the name in deno.json; `tidy_test.ts` tries each rule on good and bad snippets.
/// <reference lib="deno.unstable" />
import { isRuntimeNeutral, judgeImport } from "./import_table.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** Files that may read the host's clock, sleep or draw from the host's random numbers. */
const CLOCK_FILES = [
  /^scp\/core\/(clock|prng)\.ts$/,
  /(^|[/_])(loop|worker)\.ts$/,
  // Judges of real time and real machines.
  /^tests\/(bench|guest|browser)\//,
];

const CLOCKS: Readonly<Record<string, readonly string[]>> = {
  Date: ["now"],
  performance: ["now"],
  Math: ["random"],
  globalThis: ["setTimeout", "setInterval"],
};

const TIMERS = ["setTimeout", "setInterval"];
const VAGUE_WORDS = ["util", "utils", "helper", "helpers", "common", "manager", "misc"];
const VAGUE_NAMES = ["data", "info"];

function pathOf(filename: string): string {
  return filename.startsWith(ROOT) ? filename.slice(ROOT.length) : filename;
}

function mayUseClocks(path: string): boolean {
  return CLOCK_FILES.some((file) => file.test(path));
}

function nameOf(node: Deno.lint.Node): string {
  return node.type === "Identifier" ? node.name : "";
}

const importTable: Deno.lint.Rule = {
  create(context) {
    const path = pathOf(context.filename);
    function judge(node: Deno.lint.Node, specifier: unknown, isTypeOnly: boolean): void {
      if (typeof specifier !== "string") return;
      const message = judgeImport(path, specifier, isTypeOnly);
      if (message !== null) context.report({ node, message });
    }
    return {
      ImportDeclaration(node) {
        judge(node.source, node.source.value, node.importKind === "type");
      },
      ExportNamedDeclaration(node) {
        if (node.source !== null) judge(node.source, node.source.value, node.exportKind === "type");
      },
      ExportAllDeclaration(node) {
        judge(node.source, node.source.value, node.exportKind === "type");
      },
      ImportExpression(node) {
        if (node.source.type === "Literal") judge(node.source, node.source.value, false);
      },
    };
  },
};

const runtimeNeutral: Deno.lint.Rule = {
  create(context) {
    if (!isRuntimeNeutral(pathOf(context.filename))) return {};
    return {
      Identifier(node) {
        if (node.name !== "Deno") return;
        context.report({
          node,
          message: "This folder runs on any engine: no Deno here, pass in what it is for",
        });
      },
    };
  },
};

const virtualTime: Deno.lint.Rule = {
  create(context) {
    if (mayUseClocks(pathOf(context.filename))) return {};
    return {
      MemberExpression(node) {
        const object = nameOf(node.object);
        const property = nameOf(node.property);
        if (CLOCKS[object]?.includes(property) !== true) return;
        context.report({ node, message: `${object}.${property} is for clock.ts, prng.ts and the loop only` });
      },
      CallExpression(node) {
        const callee = nameOf(node.callee);
        if (!TIMERS.includes(callee)) return;
        context.report({ node, message: `${callee} is for clock.ts and the loop only` });
      },
      NewExpression(node) {
        if (nameOf(node.callee) !== "Date" || node.arguments.length > 0) return;
        context.report({
          node,
          message: "new Date() reads the host's clock: for clock.ts and the loop only",
        });
      },
    };
  },
};

const fileName: Deno.lint.Rule = {
  create(context) {
    const name = pathOf(context.filename).split("/").at(-1)!.replace(/(_test)?\.[jt]sx?$/, "");
    return {
      Program(node) {
        if (!/^[a-z0-9_]+$/.test(name)) {
          context.report({ node, message: `File ${name} is not in snake_case` });
        }
        const vague = name.split("_").find((word) => VAGUE_WORDS.includes(word)) ??
          VAGUE_NAMES.find((word) => word === name);
        if (vague !== undefined) {
          context.report({ node, message: `A file named ${vague} holds no one concept: find its noun` });
        }
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "scmi",
  rules: {
    "import-table": importTable,
    "runtime-neutral": runtimeNeutral,
    "virtual-time": virtualTime,
    "file-name": fileName,
  },
};

export default plugin;
