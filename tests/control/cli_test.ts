// The command line: what it takes, its exit codes, its one-line errors. In this process, but for `run`, which
// needs signals.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { scp } from "./local_core.ts";

Deno.test("scp refuses a wrong command line with exit code 2 and one line that says what there is", async () => {
  const cases: [string[], string][] = [
    [["run"], "'--board <name|file>' not specified"],
    [["--board"], "argument missing"],
    [["--board", "rcar", "--speed", "9"], "unknown option '--speed'"],
    [["boards", "extra"], "too many arguments"],
    [["--board", "rcar", "--transport", "mailbox:f"], "no mhu="],
    [["--board", "rcar", "--http", "8056"], "HOST:PORT, or off"],
    [["--board", "rcar", "--http", "127.0.0.1:99999"], "HOST:PORT, or off"],
    [["--board", "rcar", "--seed", "-1"], "whole number from 0"],
    [["--board", "rcar", "--seed", "9007199254740993"], "whole number from 0"],
    [["--board", "rcar", "--time", "fast"], "scaled:X"],
    [["--board", "rcar", "--time", "scaled:0"], "0.001 to 1000"],
    [["--board", "rcar", "--spec", "4.0"], "1.0, 2.0, 3.0, 3.1, 3.2, 4.0-draft"],
    [["--board", "rcar", "--log-level", "loud"], "error, warning, info, debug"],
    [["probe"], "--connect"],
    [["probe", "--connect", "virtio:/x"], "message:SOCKET"],
    [["qemu", "--board", "rcar", "--memory", "much"], "whole number from 1 to 65536"],
    [["qemu", "--board", "rcar", "--memory", "65537"], "whole number from 1 to 65536"],
    [["dts", "--board", "rcar", "--cpus", "0"], "whole number from 1 to 8"],
    [["dts", "--board", "rcar", "--cpus", "4294967295"], "whole number from 1 to 8"],
    [["qemu", "--board", "rcar", "--exec", "--dtb", "x"], "cannot be used with"],
  ];
  for (const [args, part] of cases) {
    const { code, text, complaints } = await scp(...args);
    assertEquals([code, text, complaints.length], [2, "", 1], `scp ${args.join(" ")}`);
    assertStringIncludes(complaints[0]!, part);
    assertStringIncludes(complaints[0]!, "--help");
    assertEquals(complaints[0]!.includes("\n"), false);
  }
});

Deno.test("scp suggests what may have been meant, on the same line", async () => {
  const { complaints } = await scp("describe", "--board", "rcar", "--jsn");
  assertEquals(complaints.length, 1);
  assertMatch(complaints[0]!, /unknown option '--jsn' \(Did you mean --json\?\)/);
});

Deno.test("scp --help lists the commands, and each command its options", async () => {
  const { code, text } = await scp("--help");
  assertEquals(code, 0);
  for (const name of ["run", "boards", "describe", "view", "probe", "dts", "qemu", "fuzz"]) {
    assertMatch(text, new RegExp(`^  ${name} `, "m"));
  }
  const run = await scp("run", "--help");
  for (
    const option of [
      "--board",
      "--transport",
      "--http",
      "--seed",
      "--time",
      "--spec",
      "--json",
      "--log-level",
    ]
  ) {
    assertStringIncludes(run.text, option);
  }
});

Deno.test("scp tells of an unknown command in one line that lists those there are, exit code 2", async () => {
  const { code, text, complaints } = await scp("nonsense", "--board", "rcar");
  assertEquals([code, text], [2, ""]);
  assertEquals(complaints.length, 1);
  assertMatch(complaints[0]!, /^error: Unknown command "nonsense": take one of run, boards, .*fuzz$/);
});

Deno.test("scp boards lists the built-in boards", async () => {
  const { code, text } = await scp("boards");
  assertEquals(code, 0);
  assertMatch(text, /^rcar +R-Car/m);
  const { text: json } = await scp("boards", "--json");
  const names = JSON.parse(json).map(({ name }: { name: string }) => name);
  assertEquals(names, ["rcar", "rcar-faithful", "rcar-guests", "minimal"]);
});

Deno.test("scp describe prints agents, devices and sensors with their units and intervals", async () => {
  const { code, text } = await scp("describe", "--board", "rcar");
  assertEquals(code, 0);
  assertMatch(text, /^ 1 {2}OSPM +OSPM +yes +26 sensors, 200 clocks, 22 power domains, system power, /m);
  assertMatch(text, /^ *\d+ {2}THERMAL +thermal1 thermal2 thermal3$/m);
  assertMatch(
    text,
    /^ 0 {2}thermal1 +temperature +°C x 10\^-3 +-40 to 125 +0\.5 .* 0\.1, 0\.25, 0\.5, 1 s, default 1 s/m,
  );
  assertMatch(text, /^ 5 {2}power_soc .* 0\.1 to 10 by 0\.1 s, default 0\.1 s/m);
});

Deno.test("scp describe prints every kind of hardware that agents can name, and all names", async () => {
  const { text } = await scp("describe", "--board", "rcar");
  assertMatch(text, /^ 8 {2}CLUS0 +cluster +always-on +on sleep off +on +PSCI +no$/m);
  assertMatch(text, /^ 1 {2}BIG_CPU +500000000 .* 500 1000 1500 1600 1700 +.* mW +1500 MHz +1200 us +big$/m);
  assertMatch(text, /^ *\d+ {2}csi0 +.*restricted/m);
  assertMatch(text, /^system power: shutdown, coldReset, .* full view for PSCI, MANAGEMENT/m);
  const { powerDomains, clocks, resetDomains, voltageDomains, powercapDomains, pins, pinGroups } = rcarBoard;
  const all = [powerDomains, clocks, resetDomains, voltageDomains, powercapDomains, pins, pinGroups].flat();
  const words = new Set(text.split(/\s+/));
  for (const { name } of [...all, ...rcarBoard.pinFunctions]) assert(words.has(name), name);
});

Deno.test("scp describe prints who supplies a sensor that has no signal", async () => {
  const { text } = await scp("describe", "--board", "rcar-guests");
  assertMatch(text, /speed_shown .*agent cluster, stale after 500 ms/);
});

Deno.test("scp describe prints how guests are served, whose requests count, and who decides over the system", async () => {
  const { text } = await scp("describe", "--board", "rcar-guests");
  assertMatch(text, /^cockpit +normal +20000, at once 2000 +taken back after 10000 ms +HDMI0$/m);
  assertMatch(text, /^safety +safety +any +kept +SAFETY$/m);
  assertMatch(text, /^performance +\* +level: that of host; upper limit: lowest; lower limit: highest$/m);
  assertMatch(text, /^clock +du\* +rate: highest; host: accept-ignore$/m);
  assertMatch(text, /^coldReset +cockpit cluster safety +unless safety needs the system; .* 5000 ms$/m);
  const { text: alone } = await scp("describe", "--board", "minimal");
  assertEquals(/SERVED|WHOSE REQUEST|VOTERS/.test(alone), false);
});

Deno.test("scp describe --json prints the board with every default", async () => {
  const { text } = await scp("describe", "--board", "rcar", "--json");
  assertEquals(JSON.parse(text), JSON.parse(JSON.stringify(rcarBoard)));
});

Deno.test("scp tells of an unknown board, agent and socket in one line, exit code 1", async () => {
  const cases: [string[], string][] = [
    [
      ["describe", "--board", "nope"],
      'Unknown board "nope": take one of rcar, rcar-faithful, rcar-guests, minimal',
    ],
    [["describe", "--board", "./nope.json"], "./nope.json: no such file"],
    [["dts", "--board", "rcar", "--agent", "X"], 'no agent "X": take one of OSPM'],
    [["qemu", "--board", "rcar", "--agent", "X"], 'no agent "X": take one of OSPM'],
    [["probe", "--connect", "message:/nowhere/a.sock"], "no such socket"],
  ];
  for (const [args, part] of cases) {
    const { code, text, complaints } = await scp(...args);
    assertEquals([code, text, complaints.length], [1, "", 1], `scp ${args.join(" ")}`);
    assertStringIncludes(complaints[0]!, part);
  }
});

Deno.test("scp describe lists every mistake of a board file", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(file, '{"name":"BAD","title":1,"agents":[]}');
  const { code, complaints } = await scp("describe", "--board", file);
  await Deno.remove(file);
  assertEquals(code, 1);
  for (const field of ["name", "title", "identity", "agents", "sensors"]) {
    assertEquals(complaints.some((line) => line.startsWith(`error: ${file}: ${field}`)), true, field);
  }
});

Deno.test("scp dts prints the overlay with sensors and zones", async () => {
  const { code, text } = await scp("dts", "--board", "rcar", "--agent", "VM1");
  assertEquals(code, 0);
  assertStringIncludes(text, "// SCMI nodes for rcar, agent VM1.");
  assertStringIncludes(text, "protocol@15");
  assertStringIncludes(text, "thermal3-thermal {");
});

Deno.test("scp qemu prints the making of the tree and the command, with what was given", async () => {
  const { code, text } = await scp(
    "qemu",
    "--board",
    "rcar",
    "--socket",
    "/s",
    "--kernel",
    "/k",
    "--memory",
    "256",
  );
  assertEquals(code, 0);
  const [tree, ...qemu] = text.split("\n");
  assertMatch(tree!, /main\.ts dts --board rcar --agent OSPM .*--memory 256 .*--dtb guest-ospm\.dtb &&$/);
  assertEquals(qemu[0], "qemu-system-aarch64 \\");
  for (const part of ["-m 256", "path=/s", "-kernel /k", "-initrd INITRD", "-dtb guest-ospm.dtb"]) {
    assertStringIncludes(qemu.join("\n"), part);
  }
});

Deno.test("scp qemu prints what the platform of a mailbox serves, then its guest", async () => {
  const { code, text } = await scp(
    "qemu",
    "--board",
    "rcar",
    "--transport",
    "mailbox",
    "--gpio",
    "--memory",
    "256",
  );
  assertEquals(code, 0);
  const [platform = "", guest = ""] = text.split("\n\n");
  assertMatch(
    platform,
    /^# The platform.*\nmkdir .*\ntruncate -s 256M (\S+) &&\n.* run --board rcar .*mailbox:\1,mhu=/,
  );
  assertMatch(platform, / --transport gpio:\S+\.gpio\.sock,agent=OSPM$/);
  assertMatch(
    guest,
    /^# The guest:\n.* dts --board rcar .*--transport mailbox:\S+,version=2,\S+ --gpio .*&&\n/,
  );
  for (const part of ["size=256M,mem-path=", "vhost-user-gpio-device,chardev=gpio", "mem=255M"]) {
    assertStringIncludes(guest, part);
  }
});

Deno.test("scp qemu prints the guest alone where a whole specification says who serves it", async () => {
  const { code, text } = await scp("qemu", "--board", "rcar", "--transport", "virtio:/run/x.sock,agent=VM1");
  assertEquals([code, text.includes("# The platform")], [0, false]);
  assertStringIncludes(text, "socket,id=scmi,path=/run/x.sock");
});

Deno.test("scp qemu prints how to make the folders of all sockets that it has the platform serve", async () => {
  const { text } = await scp("qemu", "--board", "rcar", "--gpio");
  const [platform = ""] = text.split("\n\n");
  const sockets = [...platform.matchAll(/--transport (?:virtio|gpio):([^,]+)\//g)].map((match) => match[1]);
  assertEquals(sockets.length, 2);
  assertEquals(sockets[0], sockets[1]);
  assertMatch(
    platform,
    new RegExp(`^# The platform.*\nmkdir -p -m 700 ${sockets[0]} &&\n.* run --board rcar `),
  );
});

Deno.test("scp dts and qemu mean the agent of the specification, unless another is named", async () => {
  const spec = "virtio:/run/x.sock,agent=VM1";
  for (const agent of [[], ["--agent", "VM1"]]) {
    const dts = await scp("dts", "--board", "rcar", "--transport", spec, ...agent);
    assertStringIncludes(dts.text, "rcar, agent VM1");
    const qemu = await scp("qemu", "--board", "rcar", "--transport", spec, ...agent);
    assertMatch(qemu.text, / dts --board rcar --agent VM1 /);
  }
  for (const command of ["dts", "qemu"]) {
    const { code, complaints } = await scp(command, "--board", "rcar", "--transport", spec, "--agent", "VM2");
    assertEquals([code, complaints], [1, [
      "error: --agent VM2 and agent=VM1 of --transport are two agents: name one",
    ]]);
    const gone = await scp(command, "--board", "rcar", "--transport", "virtio:/run/x.sock,agent=VM9");
    assertEquals(gone.code, 1);
    assertStringIncludes(gone.complaints[0]!, 'no agent "VM9": take one of OSPM');
  }
});

Deno.test("scp dts and qemu tell which transports have no guest, in one line", async () => {
  for (const command of ["dts", "qemu"]) {
    const { code, text, complaints } = await scp(command, "--board", "rcar", "--transport", "shmem");
    assertEquals([code, text, complaints.length], [1, "", 1]);
    assertStringIncludes(complaints[0]!, "no guest is reached by shmem");
  }
});

Deno.test("scp qemu with a tree of one's own prints QEMU's command alone", async () => {
  const { text } = await scp(
    "qemu",
    "--board",
    "rcar",
    "--dtb",
    "/my.dtb",
    "--append",
    "quiet root=/dev/vda",
  );
  assertMatch(text, /^qemu-system-aarch64 /);
  assertStringIncludes(text, "-dtb /my.dtb");
  assertStringIncludes(text, "'console=ttyAMA0 quiet root=/dev/vda'");
});

Deno.test("scp qemu names files in full, so that the text can be pasted in another folder", async () => {
  const { text } = await scp("qemu", "--board", "boards/minimal.ts", "--socket", "a.sock");
  const here = Deno.cwd();
  assertStringIncludes(text, `--board ${here}/boards/minimal.ts`);
  assertStringIncludes(text, `path=${here}/a.sock`);
});
