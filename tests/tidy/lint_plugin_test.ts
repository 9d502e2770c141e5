// Each rule of the lint plugin on snippets it has to refuse and on snippets it has to let pass.
import { assertEquals } from "@std/assert";
import plugin from "./lint_plugin.ts";

/** Names of the rules that a snippet breaks, in the order of the snippet. */
function brokenRules(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, file, source).map(({ id }) => id.replace("scmi/", ""));
}

interface Snippet {
  readonly file: string;
  readonly source: string;
}

function expectEach(rule: string, snippets: readonly Snippet[]): void {
  for (const { file, source } of snippets) {
    assertEquals(brokenRules(file, source), [rule], `${file}: ${source}`);
  }
}

function expectNone(snippets: readonly Snippet[]): void {
  for (const { file, source } of snippets) assertEquals(brokenRules(file, source), [], `${file}: ${source}`);
}

Deno.test("import-table refuses imports against the direction of the architecture", () => {
  expectEach("import-table", [
    { file: "scp/core/codec.ts", source: 'import { Machine } from "../server/machine.ts";' },
    { file: "scp/core/codec.ts", source: 'import type { Sensor } from "../model/sensor.ts";' },
    { file: "scp/core/codec.ts", source: 'export * from "../../boards/rcar.ts";' },
    { file: "scp/core/codec.ts", source: 'export { a } from "../../boards/rcar.ts";' },
    { file: "scp/core/codec.ts", source: 'const a = await import("../../boards/rcar.ts");' },
    { file: "scp/model/chip.ts", source: 'import { rcar } from "../../boards/rcar.ts";' },
    { file: "scp/model/chip.ts", source: 'import { Outbox } from "../server/outbox.ts";' },
    { file: "boards/board.ts", source: 'import { Sensor } from "../scp/model/sensor.ts";' },
    { file: "transports/loopback.ts", source: 'import { Machine } from "../scp/server/machine.ts";' },
    { file: "transports/loopback.ts", source: 'import { PROTOCOLS } from "../protocols/registry.ts";' },
    { file: "protocols/protocol.ts", source: 'import { Simulated } from "../scp/model/sensor.ts";' },
    { file: "protocols/protocol.ts", source: 'import { BASE } from "./base/messages.ts";' },
    { file: "protocols/sensor/handlers.ts", source: 'import { X } from "../base/messages.ts";' },
    { file: "protocols/sensor/handlers.ts", source: 'import { X } from "../registry.ts";' },
    { file: "protocols/sensor/handlers.ts", source: 'import { X } from "../../scp/server/outbox.ts";' },
    { file: "scp/agent/agent.ts", source: 'import { X } from "../../protocols/sensor/handlers.ts";' },
    { file: "scp/agent/agent.ts", source: 'import { X } from "../../transports/loopback.ts";' },
    { file: "scp/server/machine.ts", source: 'import { PROTOCOLS } from "../../protocols/registry.ts";' },
    { file: "scp/server/machine.ts", source: 'import { X } from "../../protocols/base/messages.ts";' },
    { file: "scp/server/machine.ts", source: 'import { X } from "../../transports/loopback.ts";' },
    { file: "scp/control/http.ts", source: 'import { X } from "../../tests/support/platform.ts";' },
    { file: "mod.ts", source: 'export { X } from "./tests/support/platform.ts";' },
    { file: "attic/old.ts", source: 'import { X } from "../scp/core/header.ts";' },
    { file: "scp/core/codec.ts", source: 'import { X } from "../../../elsewhere.ts";' },
  ]);
});

Deno.test("import-table lets the imports of the architecture pass", () => {
  expectNone([
    { file: "scp/core/codec.ts", source: 'import { assert } from "./assert.ts";' },
    { file: "scp/model/chip.ts", source: 'import type { Board } from "../../boards/board.ts";' },
    { file: "scp/model/chip.ts", source: 'import { assert } from "../core/assert.ts";' },
    { file: "protocols/sensor/handlers.ts", source: 'import { pageOf } from "../paging.ts";' },
    { file: "boards/packs/ev.ts", source: 'import { X } from "../vehicle.ts";' },
    { file: "transports/virtio/virtqueue.ts", source: 'import { X } from "../ffi/libc.ts";' },
    { file: "protocols/protocol.ts", source: 'import type { Sensor } from "../scp/model/sensor.ts";' },
    { file: "protocols/registry.ts", source: 'import { X } from "./sensor/handlers.ts";' },
    { file: "protocols/sensor/handlers.ts", source: 'import { X } from "../every_protocol.ts";' },
    { file: "protocols/sensor/handlers.ts", source: 'import { X } from "../protocol.ts";' },
    { file: "scp/agent/agent.ts", source: 'import { X } from "../../protocols/base/messages.ts";' },
    { file: "scp/agent/agent.ts", source: 'import { X } from "../../transports/channel.ts";' },
    { file: "scp/server/agents.ts", source: 'import { Timer } from "../../protocols/protocol.ts";' },
    { file: "scp/server/outbox.ts", source: 'import { P2aSink } from "../../transports/channel.ts";' },
    { file: "scp/server/machine.ts", source: 'import { X } from "../model/model.ts";' },
    { file: "scp/control/cli.ts", source: 'import { X } from "../../transports/virtio/endpoint.ts";' },
    { file: "scp/fuzz/grammar.ts", source: 'import { X } from "../../protocols/registry.ts";' },
    { file: "mod.ts", source: 'export { X } from "./scp/server/machine.ts";' },
    { file: "tests/core/codec_test.ts", source: 'import { X } from "../../scp/core/codec.ts";' },
  ]);
});

Deno.test("import-table keeps each package at its place", () => {
  expectEach("import-table", [
    { file: "scp/control/cli.ts", source: 'import { Hono } from "hono";' },
    { file: "scp/control/platform.ts", source: 'import { X } from "@hono/zod-openapi";' },
    { file: "scp/control/platform.ts", source: 'import { Command } from "commander";' },
    { file: "scp/control/http.ts", source: 'import { Command } from "@commander-js/extra-typings";' },
    { file: "scp/core/assert.ts", source: 'import { assert } from "@std/assert";' },
    { file: "scp/control/platform.ts", source: 'import fc from "fast-check";' },
    { file: "scp/model/noise.ts", source: 'import { x } from "pure-rand/generator/xoroshiro128plus";' },
    { file: "scp/server/machine.ts", source: 'import { z } from "zod";' },
    { file: "scp/model/world.ts", source: 'import { parse } from "yaml";' },
    { file: "scp/server/machine.ts", source: 'import { getLogger } from "@logtape/logtape";' },
    { file: "scp/control/platform.ts", source: 'import _ from "lodash";' },
    { file: "protocols/protocol.ts", source: 'import { readFileSync } from "node:fs";' },
  ]);
  expectNone([
    { file: "scp/control/http.ts", source: 'import { Hono } from "hono";' },
    { file: "scp/control/http_routes.ts", source: 'import { X } from "@hono/zod-openapi";' },
    { file: "scp/control/cli.ts", source: 'import { Command } from "@commander-js/extra-typings";' },
    { file: "tests/core/codec_test.ts", source: 'import { assert } from "@std/assert";' },
    { file: "tests/core/codec_test.ts", source: 'import fc from "fast-check";' },
    { file: "scp/fuzz/grammar.ts", source: 'import fc from "fast-check";' },
    { file: "scp/control/fuzz_platform.ts", source: 'import fc from "fast-check";' },
    { file: "scp/core/prng.ts", source: 'import { x } from "pure-rand/generator/xoroshiro128plus";' },
    { file: "boards/validator.ts", source: 'import { z } from "zod";' },
    { file: "transports/loopback.ts", source: 'import { connect } from "node:net";' },
  ]);
});

Deno.test("runtime-neutral refuses Deno in the folders that run on any engine", () => {
  const source = "export const path = Deno.cwd();";
  const folders = ["scp/core", "scp/model", "scp/server", "scp/agent", "protocols", "boards"];
  const neutral = folders.map((folder) => `${folder}/a.ts`);
  expectEach("runtime-neutral", neutral.map((file) => ({ file, source })));
  expectNone(
    ["transports/a.ts", "scp/control/a.ts", "tests/a.ts", "boards/loader.ts"].map((file) => ({
      file,
      source,
    })),
  );
});

Deno.test("virtual-time refuses clocks, timers and chance outside the files made for them", () => {
  const sources = [
    "Date.now();",
    "const now = Date.now;",
    "performance.now();",
    "Math.random();",
    "setTimeout(f, 1);",
    "setInterval(f, 1);",
    "globalThis.setTimeout(f, 1);",
    "new Date();",
  ];
  const plain = [
    "scp/model/world.ts",
    "transports/loopback.ts",
    "scp/control/http.ts",
    "tests/core/a_test.ts",
  ];
  for (const file of plain) expectEach("virtual-time", sources.map((source) => ({ file, source })));
  const exempt = [
    "scp/core/clock.ts",
    "scp/core/prng.ts",
    "scp/control/event_loop.ts",
    "tests/bench/main.ts",
  ];
  for (const file of exempt) expectNone(sources.map((source) => ({ file, source })));
  expectNone([{ file: "scp/model/world.ts", source: "new Date(0); Math.max(1, 2); clock.now();" }]);
});

Deno.test("file-name refuses names without a concept and names that are not snake_case", () => {
  const bad = [
    "utils",
    "pin_helpers",
    "common",
    "timer_manager",
    "data",
    "info",
    "SensorTable",
    "sensor-table",
  ];
  expectEach("file-name", bad.map((name) => ({ file: `scp/core/${name}.ts`, source: "export {};" })));
  expectEach("file-name", [{ file: "tests/core/utils_test.ts", source: "export {};" }]);
  const good = ["sensor_table", "metadata", "sensor_data", "information_theory", "libc"];
  expectNone(good.map((name) => ({ file: `scp/core/${name}.ts`, source: "export {};" })));
});
