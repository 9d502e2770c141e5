import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  dumpTreeArguments,
  qemuArguments,
  type QemuGuest,
  shellLine,
  shellText,
  treeCommands,
} from "../../scp/control/qemu_command.ts";

const GUEST: QemuGuest = {
  scmiSocket: "/run/user/1000/scp/rcar/ospm.sock",
  memoryFile: null,
  gpioSocket: null,
  kernel: "Image",
  initrd: "initrd.gz",
  dtb: "guest.dtb",
  memoryMib: 512,
  cpuCount: 2,
  kernelArguments: [],
  hasMonitor: true,
  mayReboot: false,
};

/** The value that follows an option; fails when the option is not there exactly once. */
function valueOf(argv: readonly string[], option: string): string {
  assertEquals(argv.filter((word) => word === option).length, 1, `${option} in ${argv.join(" ")}`);
  const value = argv[argv.indexOf(option) + 1];
  assert(value !== undefined);
  return value;
}

/** Splits shell text as a POSIX shell does, for what these command lines use: quotes, backslashes, blanks. */
function splitShell(text: string): string[] {
  const joined = text.replaceAll("\\\n", "");
  const words: string[] = [];
  for (const match of joined.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)) {
    words.push(match[0].replace(/'([^']*)'|\\(.)/g, (_all, quoted, single) => quoted ?? single));
  }
  return words;
}

Deno.test("QEMU command line attaches the socket as a vhost-user-scmi-pci device without option ROM", () => {
  const argv = qemuArguments(GUEST);
  assertEquals(argv[0], "qemu-system-aarch64");
  assertEquals(valueOf(argv, "-chardev"), "socket,id=scmi,path=/run/user/1000/scp/rcar/ospm.sock");
  assertEquals(valueOf(argv, "-device"), "vhost-user-scmi-pci,chardev=scmi,romfile=");
});

Deno.test("QEMU command line makes the machine's memory the shared object, of equal size", () => {
  const argv = qemuArguments({ ...GUEST, memoryMib: 768 });
  assertEquals(valueOf(argv, "-object"), "memory-backend-memfd,id=mem,size=768M,share=on");
  assertEquals(valueOf(argv, "-m"), "768");
  assertMatch(valueOf(argv, "-M"), /,memory-backend=mem$/);
});

Deno.test("QEMU command line makes a file the machine's memory, without an SCMI device", () => {
  const argv = qemuArguments({ ...GUEST, scmiSocket: null, memoryFile: "/dev/shm/a,b" });
  assertEquals(
    valueOf(argv, "-object"),
    "memory-backend-file,id=mem,size=512M,mem-path=/dev/shm/a,,b,share=on",
  );
  assertEquals(argv.includes("-device"), false);
});

Deno.test("QEMU command line attaches the GPIO socket as a device of the modern form", () => {
  const argv = qemuArguments({ ...GUEST, scmiSocket: null, gpioSocket: "/tmp/g.sock" });
  assertEquals(valueOf(argv, "-chardev"), "socket,id=gpio,path=/tmp/g.sock");
  assertEquals(valueOf(argv, "-device"), "vhost-user-gpio-device,chardev=gpio");
  assertEquals(valueOf(argv, "-global"), "virtio-mmio.force-legacy=false");
});

Deno.test("QEMU command line has placeholders for files that are not given", () => {
  const argv = qemuArguments({ ...GUEST, kernel: null, initrd: null, dtb: null });
  assertEquals(valueOf(argv, "-kernel"), "KERNEL");
  assertEquals(valueOf(argv, "-initrd"), "INITRD");
  assertEquals(valueOf(argv, "-dtb"), "GUEST.dtb");
});

Deno.test("QEMU command line writes a comma of a path twice", () => {
  const argv = qemuArguments({ ...GUEST, scmiSocket: "/tmp/a,b" });
  assertEquals(valueOf(argv, "-chardev"), "socket,id=scmi,path=/tmp/a,,b");
  assertMatch(valueOf(dumpTreeArguments(GUEST, "/tmp/a,b.dtb"), "-M"), /,dumpdtb=\/tmp\/a,,b\.dtb$/);
});

Deno.test("QEMU command line says whether a reboot ends it, and what the terminal carries", () => {
  assertEquals(qemuArguments(GUEST).includes("-no-reboot"), true);
  assertEquals(qemuArguments({ ...GUEST, mayReboot: true }).includes("-no-reboot"), false);
  assertEquals(valueOf(qemuArguments(GUEST), "-serial"), "mon:stdio");
  assertEquals(valueOf(qemuArguments({ ...GUEST, hasMonitor: false }), "-serial"), "stdio");
});

Deno.test("kernel arguments follow the console in one word", () => {
  const argv = qemuArguments({ ...GUEST, kernelArguments: ["quiet", "loglevel=0"] });
  assertEquals(valueOf(argv, "-append"), "console=ttyAMA0 quiet loglevel=0");
});

Deno.test("machine tree is dumped with the processor, size and interrupt controller of the guest", () => {
  const guest = qemuArguments(GUEST);
  const dump = dumpTreeArguments(GUEST, "virt.dtb");
  for (const option of ["-cpu", "-m", "-smp"]) assertEquals(valueOf(dump, option), valueOf(guest, option));
  assertEquals(
    valueOf(dump, "-M").replace(",dumpdtb=virt.dtb", ""),
    valueOf(guest, "-M").replace(",memory-backend=mem", ""),
  );
});

Deno.test("tree commands hand each file to the next one", () => {
  const files = { machineDtb: "m.dtb", overlaySource: "o.dts", overlayDtb: "o.dtbo", guestDtb: "g.dtb" };
  assertEquals(treeCommands(GUEST, files).map(shellLine), [
    "qemu-system-aarch64 -M virt,gic-version=2,dumpdtb=m.dtb -cpu cortex-a57 -m 512 -smp 2 -nodefaults -nographic",
    "dtc -I dts -O dtb -o o.dtbo o.dts",
    "fdtoverlay -i m.dtb -o g.dtb o.dtbo",
  ]);
});

Deno.test("shell text is read back by a shell as the same words", () => {
  const argv = qemuArguments({
    ...GUEST,
    scmiSocket: "/tmp/it's a $HOME `x`/s;&|.sock",
    kernelArguments: ["quiet"],
    kernel: "my kernel",
  });
  assertEquals(splitShell(shellText(argv)), argv);
  assertEquals(splitShell(shellLine(argv)), argv);
});

Deno.test("shell text puts each option and its value on a line of its own", () => {
  assertEquals(
    shellText(["qemu", "-m", "512", "-nographic", "-append", "a b"]),
    "qemu \\\n  -m 512 \\\n  -nographic \\\n  -append 'a b'",
  );
});
