// `scp qemu --exec` with programs that stand in for QEMU, dtc and fdtoverlay: whenever it is ended, and
// whatever ends it, nothing stays behind. Real guests are in tests/guest.
import { assertEquals, assertMatch } from "@std/assert";
import { writeBrokenBoard } from "../support/broken_board.ts";
import { Scp, withFolder } from "../support/scp_process.ts";

/** Stays until it is ended. */
const WAIT = "exec sleep 60";

/** The signal comes just now. */
const SIGNAL = `kill -TERM $PPID; ${WAIT}`;

interface StandIns {
  /** Shell text of QEMU when it is asked for its devices, when it writes its tree, and when it runs a guest. */
  readonly devices?: string;
  readonly tree?: string;
  readonly guest?: string;
}

/** Runs `--exec` with a folder for its programs, kernel, board and (as TMPDIR) all that it makes. */
async function exec(folder: string, standIns: StandIns, args: readonly string[] = []): Promise<Scp> {
  const { devices = "echo '\"vhost-user-scmi-pci\"'", tree = "true", guest = WAIT } = standIns;
  await Deno.mkdir(`${folder}/made`);
  await Deno.mkdir(`${folder}/programs`);
  const program = async (name: string, text: string) => {
    await Deno.writeTextFile(`${folder}/programs/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  await program(
    "qemu-system-aarch64",
    `case "$*" in *"-device help"*) ${devices};; *dumpdtb*) ${tree};; *) ${guest};; esac`,
  );
  for (const name of ["dtc", "fdtoverlay"]) await program(name, "true");
  await Deno.writeTextFile(`${folder}/kernel`, "");
  const files = ["--kernel", `${folder}/kernel`, "--initrd", `${folder}/kernel`];
  return new Scp(["qemu", "--exec", "--board", "minimal", ...files, ...args], {
    TMPDIR: `${folder}/made`,
    PATH: `${folder}/programs:${Deno.env.get("PATH")}`,
  });
}

function assertNothingIsLeft(folder: string): void {
  assertEquals([...Deno.readDirSync(`${folder}/made`)], []);
}

Deno.test("scp qemu --exec leaves nothing behind, wherever a signal finds it", async () => {
  const stages: StandIns[] = [{ devices: SIGNAL }, { tree: SIGNAL }, { guest: SIGNAL }];
  for (const standIns of stages) {
    await withFolder(async (folder) => {
      const scp = await exec(folder, standIns);
      assertEquals([await scp.exitCode(), await scp.errors], [1, ""], JSON.stringify(standIns));
      assertNothingIsLeft(folder);
    });
  }
});

Deno.test("scp qemu --exec ends its guest when the core ends by a mistake, and says so in one line", () =>
  withFolder(async (folder) => {
    const board = `${folder}/broken.ts`;
    await writeBrokenBoard(
      board,
      "scp/control/core_loop.ts",
      "CoreLoop.run",
      `throw new Error("broken on purpose");`,
    );
    const scp = await exec(folder, {}, ["--board", board]);
    assertEquals(await scp.exitCode(), 1);
    assertMatch(
      await scp.errors,
      /^error: the simulator ended by a mistake of its own: broken on purpose\n$/,
    );
    assertNothingIsLeft(folder);
  }));

Deno.test("scp qemu --exec ends with its guest, by the guest's exit code", () =>
  withFolder(async (folder) => {
    const scp = await exec(folder, { guest: "exit 3" });
    assertEquals([await scp.exitCode(), await scp.errors], [1, ""]);
    assertNothingIsLeft(folder);
  }));
