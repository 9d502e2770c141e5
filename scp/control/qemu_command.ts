// The command lines around a guest: QEMU with what connects it to the platform (a vhost-user-scmi-pci device,
// or RAM in a file that holds a mailbox), and the commands that make its device tree first. Pure: nothing is
// run here. QEMU 8.1 or newer; the machine is `virt` under TCG.

/** What connects a guest's machine to the platform. */
export interface QemuAttachment {
  /** The Unix socket of a `virtio:` endpoint; null = no such device. */
  readonly scmiSocket: string | null;
  /** The file that is the machine's memory, which has to have its size; null = memory without a name. */
  readonly memoryFile: string | null;
  /** The Unix socket of a `gpio:` endpoint; null = no such device. */
  readonly gpioSocket: string | null;
}

/** The guest to be started. A file that is null is printed as a placeholder for the reader to fill in. */
export interface QemuGuest extends QemuAttachment {
  readonly kernel: string | null;
  readonly initrd: string | null;
  /** The machine's tree with the SCMI overlay applied. */
  readonly dtb: string | null;
  readonly memoryMib: number;
  readonly cpuCount: number;
  /** Kernel arguments after the console. */
  readonly kernelArguments: readonly string[];
  /** True = the console shares the terminal with QEMU's monitor (Ctrl-A X ends it); false = bare stdin and stdout. */
  readonly hasMonitor: boolean;
  /** False = a guest that reboots ends QEMU. */
  readonly mayReboot: boolean;
}

/** The files in which the device tree is made, in this order. */
export interface TreeFiles {
  /** What QEMU describes by itself. */
  readonly machineDtb: string;
  /** Source of the overlay: the text that `scp dts` prints. */
  readonly overlaySource: string;
  readonly overlayDtb: string;
  /** The result, for `-dtb`. */
  readonly guestDtb: string;
}

/** The program every command line here starts with. */
export const QEMU_PROGRAM = "qemu-system-aarch64";

/** The device that connects a guest to the platform; QEMU has it since 8.1. */
export const QEMU_DEVICE = "vhost-user-scmi-pci";

/** The device whose lines interrupt a guest. QEMU gives it the last of the machine's virtio-mmio places. */
export const QEMU_GPIO_DEVICE = "vhost-user-gpio-device";

/** Memory and processors of a guest of which nobody has said otherwise. */
export const DEFAULT_GUEST_SIZE = { memoryMib: 512, cpuCount: 2 } as const;

/** What a guest may have: GICv2 serves eight processors, and no guest of a firmware simulator needs more than 64 GiB. */
export const GUEST_SIZE_MAX = { memoryMib: 65_536, cpuCount: 8 } as const;

// The processor and the interrupt controller must be the same when the tree is dumped and when it is used.
const MACHINE = "virt,gic-version=2";
const PROCESSOR = "cortex-a57";

/** Returns the command that boots the guest, program first. */
export function qemuArguments(guest: QemuGuest): string[] {
  return [
    QEMU_PROGRAM,
    ...["-M", `${MACHINE},memory-backend=mem`],
    ...sizeArguments(guest),
    ...memoryArguments(guest),
    ...(guest.scmiSocket === null ? [] : [
      ...["-chardev", `socket,id=scmi,path=${optionValue(guest.scmiSocket)}`],
      // Packages without the recommended ones have no option ROMs, and the device needs none.
      ...["-device", `${QEMU_DEVICE},chardev=scmi,romfile=`],
    ]),
    ...(guest.gpioSocket === null ? [] : [
      // Linux refuses the older form of the device.
      ...["-global", "virtio-mmio.force-legacy=false"],
      ...["-chardev", `socket,id=gpio,path=${optionValue(guest.gpioSocket)}`],
      ...["-device", `${QEMU_GPIO_DEVICE},chardev=gpio`],
    ]),
    ...["-dtb", guest.dtb ?? "GUEST.dtb"],
    ...["-kernel", guest.kernel ?? "KERNEL"],
    ...["-initrd", guest.initrd ?? "INITRD"],
    ...["-append", ["console=ttyAMA0", ...guest.kernelArguments].join(" ")],
    ...["-nodefaults", "-nographic"],
    ...["-serial", guest.hasMonitor ? "mon:stdio" : "stdio"],
    ...(guest.mayReboot ? [] : ["-no-reboot"]),
  ];
}

/** Returns the command that writes the machine's own tree and ends: same size and processor as the guest later. */
export function dumpTreeArguments(
  size: { readonly memoryMib: number; readonly cpuCount: number },
  machineDtb: string,
): string[] {
  return [
    QEMU_PROGRAM,
    ...["-M", `${MACHINE},dumpdtb=${optionValue(machineDtb)}`],
    ...sizeArguments(size),
    ...["-nodefaults", "-nographic"],
  ];
}

/** Returns the three commands that make the guest's tree, in the order in which they run. */
export function treeCommands(
  size: { readonly memoryMib: number; readonly cpuCount: number },
  files: TreeFiles,
): string[][] {
  return [
    dumpTreeArguments(size, files.machineDtb),
    ["dtc", "-I", "dts", "-O", "dtb", "-o", files.overlayDtb, files.overlaySource],
    ["fdtoverlay", "-i", files.machineDtb, "-o", files.guestDtb, files.overlayDtb],
  ];
}

/**
 * Writes a command for pasting into a POSIX shell: words are quoted where needed, and each option with its value goes
 * on a line of its own.
 */
export function shellText(argv: readonly string[]): string {
  const lines: string[] = [];
  for (const word of argv) {
    const quoted = shellWord(word);
    const isValue = lines.length > 0 && !word.startsWith("-") && lines.at(-1)?.startsWith("  -");
    if (lines.length === 0) lines.push(quoted);
    else if (isValue && !lines.at(-1)?.trim().includes(" ")) lines[lines.length - 1] += ` ${quoted}`;
    else lines.push(`  ${quoted}`);
  }
  return lines.join(" \\\n");
}

/** Writes a command on one line for pasting into a POSIX shell. */
export function shellLine(argv: readonly string[]): string {
  return argv.map(shellWord).join(" ");
}

function shellWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The platform maps the guest's memory, hence a shareable object of exactly the machine's size. */
function memoryArguments({ memoryFile, memoryMib }: QemuGuest): string[] {
  const kind = memoryFile === null ? "memory-backend-memfd" : "memory-backend-file";
  const path = memoryFile === null ? "" : `,mem-path=${optionValue(memoryFile)}`;
  return ["-object", `${kind},id=mem,size=${memoryMib}M${path},share=on`];
}

function sizeArguments(size: { readonly memoryMib: number; readonly cpuCount: number }): string[] {
  return ["-cpu", PROCESSOR, "-m", `${size.memoryMib}`, "-smp", `${size.cpuCount}`];
}

/** QEMU splits an option's value at commas; a comma of the value itself is written twice. */
function optionValue(value: string): string {
  return value.replaceAll(",", ",,");
}
