// Endpoints in a process that has no descriptors left: an error in one line, nobody else disturbed, and nothing kept of the attempt.
// A process of its own, as the limit is the process's.
import { assertEquals } from "@std/assert";
import { runProgram } from "../support/child_program.ts";

const ROOT = new URL("../../", import.meta.url);

const COMMON = `
  import { libc } from "${ROOT}transports/ffi/libc.ts";
  import { createReactor } from "${ROOT}transports/ffi/reactor.ts";
  import { listenGpio } from "${ROOT}transports/gpio/listener.ts";
  import { InterruptGpioLine } from "${ROOT}transports/gpio/interrupt_gpio_line.ts";
  import { listenMailbox } from "${ROOT}transports/mailbox/mailbox.ts";
  import { listenMessage } from "${ROOT}transports/message/listener.ts";
  import { listenShmem } from "${ROOT}transports/shmem/listener.ts";
  import { listenVhostUser } from "${ROOT}transports/vhost_user/vhost_user.ts";
  import { mailboxOptions } from "${ROOT}tests/contract/mailbox.ts";
  import { TestPort } from "${ROOT}tests/support/smt_fixture.ts";
  import { createDvfs } from "${ROOT}tests/support/dvfs_board.ts";
  const folder = Deno.makeTempDirSync();
  const reactor = createReactor();
  const { machine } = createDvfs();
  const openPort = () => machine.openChannel("OSPM")!;
  const endpoints = {
    gpio: () => listenGpio(reactor, folder + "/gpio", [new InterruptGpioLine("line")]),
    mailbox: () => listenMailbox(reactor, mailboxOptions(folder + "/mailbox", 2), new TestPort()),
    message: () => listenMessage(reactor, folder + "/message", openPort),
    shmem: () => listenShmem(reactor, { path: folder + "/shmem" }, openPort),
    virtio: () => listenVhostUser(reactor, folder + "/virtio", openPort()),
  };
  const filler = [];
  const fill = () => { for (let fd = libc.eventfd(0, 0); fd >= 0; fd = libc.eventfd(0, 0)) filler.push(fd); };
  const free = (count) => { for (let i = 0; i < count; i++) libc.close(filler.pop()); };
  // What the first endpoint of a kind brings into the process stays there.
  for (const listen of Object.values(endpoints)) listen().close();
`;

Deno.test("endpoints that lack a descriptor say so in a line, and keep nothing", async () => {
  const program = `${COMMON}
    const found = {};
    for (const [name, listen] of Object.entries(endpoints)) {
      fill();
      const outcomes = [];
      for (let count = 0; count < 12; count++) {
        free(count);
        const result = listen();
        const isGood = "error" in result ? /^[^\\n]+$/.test(result.error) : true;
        outcomes.push(isGood ? ("error" in result ? "e" : "s") : result.error);
        if (!("error" in result)) result.close();
        const before = filler.length;
        fill();
        if (filler.length - before !== count) outcomes.push("kept " + (count - filler.length + before));
      }
      free(12);
      found[name] = outcomes.join("").replace(/^e+s+$/, "refused, then served");
    }
    console.log(JSON.stringify(found));`;
  const served = "refused, then served";
  assertEquals(
    (await runProgram(program, 80)).output,
    JSON.stringify({ gpio: served, mailbox: served, message: served, shmem: served, virtio: served }),
  );
});

Deno.test("endpoints turn connections away for which there is no descriptor, and serve on", async () => {
  const program = `${COMMON}
    import { connectUnix } from "${ROOT}transports/ffi/unix_socket.ts";
    const paths = { message: "message", shmem: "shmem.bell", virtio: "virtio" };
    const found = {};
    for (const [name, path] of Object.entries(paths)) {
      const endpoint = endpoints[name]();
      const one = new Uint8Array(1);
      const settle = () => { while (reactor.runOnce(0) > 0); };
      const early = connectUnix(folder + "/" + path, 64);
      fill();
      settle();
      const isTurnedAway = early.receiveBytes(one) === 0;
      early.close();
      free(4);
      const late = connectUnix(folder + "/" + path, 64);
      settle();
      found[name] = [isTurnedAway, late.receiveBytes(one)];
      late.close();
      settle();
      endpoint.close();
    }
    console.log(JSON.stringify(found));`;
  const expected = [true, -1];
  assertEquals(
    (await runProgram(program, 80)).output,
    JSON.stringify({ message: expected, shmem: expected, virtio: expected }),
  );
});
