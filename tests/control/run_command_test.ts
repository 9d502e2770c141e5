// `scp run` as its user meets it: a process of its own, with signals, sockets and what it prints.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connectMessage } from "../../transports/message/client.ts";
import { writeBrokenBoard } from "../support/broken_board.ts";
import { Scp, withFolder } from "../support/scp_process.ts";

Deno.test("scp run prints endpoints for every agent, serves them, and removes them at Ctrl-C", () =>
  withFolder(async (folder) => {
    const scp = new Scp(["--board", "rcar", "--http", "off"], { XDG_RUNTIME_DIR: folder });
    const text = await scp.readUntil("Ctrl-C");
    for (const agent of ["ospm", "psci", "vmm", "vm1", "vm2"]) {
      for (const scheme of ["virtio", "message"]) {
        const path = `${folder}/scp/rcar/${agent}.${scheme}.sock`;
        assertStringIncludes(text, `  ${scheme}:${path},agent=${agent.toUpperCase()}\n`);
        assertEquals((await Deno.lstat(path)).mode! & 0o777, 0o600);
      }
    }
    assertEquals((await Deno.lstat(`${folder}/scp/rcar`)).mode! & 0o777, 0o700);
    assertStringIncludes(text, "HTTP: off");
    assertStringIncludes(text, `-chardev socket,id=scmi,path=${folder}/scp/rcar/ospm.virtio.sock`);
    const channel = await connectMessage(`${folder}/scp/rcar/vm2.message.sock`);
    assert(!("error" in channel));
    channel.close();
    assertEquals(await scp.end(), 0);
    assertEquals([...Deno.readDirSync(`${folder}/scp`)], []);
    assertEquals(await scp.errors, "");
  }));

Deno.test("scp run --json prints one object with the same facts, and SIGTERM ends it as well", () =>
  withFolder(async (folder) => {
    const socket = `${folder}/a.sock`;
    const args = [
      "run",
      "--board",
      "minimal",
      "--transport",
      `message:${socket}`,
      "--http",
      "127.0.0.1:0",
      "--json",
    ];
    const scp = new Scp([...args, "--seed", "7", "--time", "scaled:2", "--spec", "3.0"]);
    const facts = JSON.parse(await scp.readUntil("\n"));
    assertEquals(facts.endpoints, [
      { spec: `message:${socket},agent=OSPM`, transport: "message", path: socket, agent: "OSPM" },
    ]);
    assertEquals([facts.name, facts.seed, facts.release], ["minimal", 7, "3.0"]);
    assertEquals(facts.time, { kind: "host", factor: 2 });
    assertEquals(facts.qemu, null);
    assertMatch(facts.http, /^http:\/\/127\.0\.0\.1:\d+$/);
    const health = await fetch(`${facts.http}/health`);
    assertEquals((await health.json()).status, "ok");
    assertEquals(await scp.end("SIGTERM"), 0);
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("scp run ends with exit code 1 and one line when it cannot serve", () =>
  withFolder(async (folder) => {
    const socket = `${folder}/a.sock`;
    await Deno.writeTextFile(`${folder}/file`, "precious");
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const busy = `127.0.0.1:${listener.addr.port}`;
    const cases: [string[], string][] = [
      [["--board", "nope", "--http", "off"], 'Unknown board "nope"'],
      [["--board", "minimal", "--transport", `virtio:${socket},agent=X`, "--http", "off"], 'no agent "X"'],
      [["--board", "minimal", "--transport", `message:${folder}/file`, "--http", "off"], "is no socket"],
      [
        ["--board", "minimal", "--transport", `message:${socket}`, "--http", busy],
        "choose another with --http",
      ],
    ];
    for (const [args, part] of cases) {
      const scp = new Scp(args);
      assertEquals(await scp.exitCode(), 1, args.join(" "));
      const errors = await scp.errors;
      assertStringIncludes(errors, part);
      assertMatch(errors, /^error: [^\n]+\n$/);
    }
    listener.close();
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["file"]);
  }));

Deno.test("scp run says why no guest can have what it serves", () =>
  withFolder(async (folder) => {
    const spec = `mailbox:${folder}/memory,mhu=0,shmem=0x1000,size=0x100000`;
    const scp = new Scp(["--board", "minimal", "--transport", spec, "--http", "off"]);
    assertMatch(
      await scp.readUntil("Ctrl-C"),
      /^No Linux guest as it is: 0 MiB are too little for a kernel: [^\n]*$/m,
    );
    assertEquals(await scp.end(), 0);
  }));

Deno.test("scp run does not use a default folder that others can write", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/scp`);
    await Deno.chmod(`${folder}/scp`, 0o777);
    const scp = new Scp(["--board", "minimal", "--http", "off"], { XDG_RUNTIME_DIR: folder });
    assertEquals(await scp.exitCode(), 1);
    assertMatch(await scp.errors, /^error: .* is no private folder of yours: .*--transport\n$/);
  }));

Deno.test("scp run reports on standard error what an agent does wrong", () =>
  withFolder(async (folder) => {
    const socket = `${folder}/a.sock`;
    const args = [
      "--board",
      "minimal",
      "--transport",
      `message:${socket}`,
      "--http",
      "off",
      "--log-level",
      "info",
    ];
    const scp = new Scp(args);
    await scp.readUntil("Ctrl-C");
    const connection = await Deno.connect({ transport: "unix", path: socket });
    await connection.write(new Uint8Array([0xff, 0xff, 0xff, 0xff]));
    assertEquals(await connection.read(new Uint8Array(1)), null);
    connection.close();
    assertEquals(await scp.end(), 0);
    assertMatch(await scp.errors, /^warning: message:.*\n/m);
  }));

Deno.test("scp run ends with exit code 1, one line and no sockets when the core trips over its own mistake", () =>
  withFolder(async (folder) => {
    const board = `${folder}/broken.ts`;
    // The board's module runs in the core's worker, where it breaks what serves the first message.
    await writeBrokenBoard(
      board,
      "scp/server/dispatcher.ts",
      "Channel.serve",
      `throw new Error("broken on purpose");`,
    );
    for (const isDebug of [false, true]) {
      const socket = `${folder}/a.sock`;
      const args = ["--board", board, "--transport", `message:${socket}`, "--http", "off"];
      const scp = new Scp([...args, "--log-level", isDebug ? "debug" : "warning"]);
      await scp.readUntil("Ctrl-C");
      const connection = await Deno.connect({ transport: "unix", path: socket });
      await connection.write(new Uint8Array([4, 0, 0, 0, 0, 0x40, 0, 0]));
      assertEquals(await scp.exitCode(), 1);
      connection.close();
      const lines = (await scp.errors).split("\n").filter((line) => line.startsWith("error: "));
      assertEquals(lines, ["error: the simulator ended by a mistake of its own: broken on purpose"]);
      assertEquals((await scp.errors).includes("broken.ts:"), isDebug);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["broken.ts"]);
    }
  }));

Deno.test("scp run ends at the first signal while its board is still being loaded", () =>
  withFolder(async (folder) => {
    const board = `${folder}/endless.ts`;
    await Deno.writeTextFile(board, `console.log("loading"); for (;;);`);
    const scp = new Scp(["--board", board, "--http", "off"]);
    await scp.readUntil("loading");
    assertEquals(await scp.end(), 1);
    assertMatch(await scp.errors, /^error: the core did not end within 2 s[^\n]*\n$/);
  }));

Deno.test("scp run ends at once at the second signal", () =>
  withFolder(async (folder) => {
    const board = `${folder}/endless.ts`;
    await Deno.writeTextFile(board, `console.log("loading"); for (;;);`);
    const scp = new Scp(["--board", board, "--http", "off"]);
    await scp.readUntil("loading");
    scp.process.kill("SIGINT");
    scp.process.kill("SIGTERM");
    assertEquals(await scp.exitCode(), 1);
    assertEquals(await scp.errors, "");
  }));

Deno.test("scp run ends at a signal also while the core is busy with what somebody asked of it", () =>
  withFolder(async (folder) => {
    const board = `${folder}/busy.ts`;
    await writeBrokenBoard(
      board,
      "scp/server/dispatcher.ts",
      "Channel.serve",
      `console.log("busy"); for (;;);`,
    );
    const socket = `${folder}/a.sock`;
    const scp = new Scp(["--board", board, "--transport", `message:${socket}`, "--http", "off"]);
    await scp.readUntil("Ctrl-C");
    const connection = await Deno.connect({ transport: "unix", path: socket });
    await connection.write(new Uint8Array([4, 0, 0, 0, 0, 0x40, 0, 0]));
    await scp.readUntil("busy");
    assertEquals(await scp.end(), 1);
    connection.close();
  }));
