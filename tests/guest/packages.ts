// What the guest tests need of the machine: which programs and headers, from which Debian packages, and the
// installation as root on Debian. QEMU of Debian 12 lacks the device, so there it comes from bookworm-backports.

import { findQemuProblem } from "../../scp/control/qemu_run.ts";
import { type DebianMachine, preparePrivateApt } from "./debian.ts";
import { PreparationError, runCommand } from "./run_command.ts";

interface Need {
  /** A program in PATH, or with a leading slash a file that must exist. */
  readonly what: string;
  readonly debianPackage: string;
}

const QEMU_PACKAGE = "qemu-system-arm";

const TO_BOOT: readonly Need[] = [
  { what: "dtc", debianPackage: "device-tree-compiler" },
  { what: "fdtoverlay", debianPackage: "device-tree-compiler" },
  { what: "cpio", debianPackage: "cpio" },
  { what: "gzip", debianPackage: "gzip" },
];

const IS_ARM64 = Deno.build.arch === "aarch64";

/** What stands before the names of the compiler's programs; nothing where the machine itself is arm64. */
export const CROSS_COMPILE = IS_ARM64 ? "" : "aarch64-linux-gnu-";

const TO_BUILD: readonly Need[] = [
  { what: "gcc", debianPackage: "gcc" },
  { what: "/usr/include/stdlib.h", debianPackage: "libc6-dev" },
  { what: "make", debianPackage: "make" },
  { what: "bc", debianPackage: "bc" },
  { what: "bison", debianPackage: "bison" },
  { what: "flex", debianPackage: "flex" },
  { what: "xz", debianPackage: "xz-utils" },
  { what: "perl", debianPackage: "perl" },
  { what: "/usr/include/libelf.h", debianPackage: "libelf-dev" },
  { what: "/usr/include/openssl/opensslv.h", debianPackage: "libssl-dev" },
  ...(IS_ARM64 ? [] : [{ what: "aarch64-linux-gnu-gcc", debianPackage: "gcc-aarch64-linux-gnu" }]),
];

/**
 * Sees to it that everything is there: installs what is missing as root on Debian, otherwise throws a
 * PreparationError that says exactly what to install. `folder` is for apt's private state.
 */
export async function ensurePackages(
  machine: DebianMachine | null,
  folder: string,
  needs: { readonly isBuild: boolean },
  say: (line: string) => void,
): Promise<void> {
  const missing = missingPackages(needs.isBuild ? [...TO_BOOT, ...TO_BUILD] : TO_BOOT);
  const qemuProblem = await findQemuProblem();
  if (missing.length === 0 && qemuProblem === null) return;
  if (machine === null || Deno.uid() !== 0) {
    throw new PreparationError(installAdvice(machine, missing, qemuProblem));
  }

  const { codename } = machine;
  say(`installing ${[...missing, ...(qemuProblem === null ? [] : [QEMU_PACKAGE])].join(" ")}`);
  const apt = await preparePrivateApt(folder, machine, ownSuites(codename), null);
  const install = ["apt-get", ...apt.options, "-q", "-y", "--no-install-recommends", "install"];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (missing.length > 0) await runCommand([...install, ...missing], { env });
  if (qemuProblem !== null) {
    const suite = codename === "bookworm" ? ["-t", "bookworm-backports"] : [];
    await runCommand([...install, ...suite, QEMU_PACKAGE], { env });
    const problem = await findQemuProblem();
    if (problem !== null) throw new PreparationError(problem);
  }
  const stillMissing = missingPackages(needs.isBuild ? [...TO_BOOT, ...TO_BUILD] : TO_BOOT);
  if (stillMissing.length > 0) {
    throw new PreparationError(`still missing after installation: ${stillMissing.join(" ")}`);
  }
}

/** The suites of a release; one that is not released yet has only itself. */
function ownSuites(codename: string): string[] {
  if (!["bookworm", "trixie"].includes(codename)) return [codename === "" ? "sid" : codename];
  return [codename, `${codename}-updates`, `${codename}-security`, `${codename}-backports`];
}

function installAdvice(
  machine: DebianMachine | null,
  missing: readonly string[],
  qemu: string | null,
): string {
  const parts: string[] = [];
  if (missing.length > 0) parts.push(`apt-get install --no-install-recommends ${missing.join(" ")}`);
  if (qemu !== null) parts.push(`${qemu}`);
  const where = machine === null ? "these are the names of the Debian packages" : "run this as root";
  return `cannot install packages here; ${where}: ${parts.join("; and ")}`;
}

function missingPackages(needs: readonly Need[]): string[] {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const isThere = (what: string) =>
    what.startsWith("/") ? isFile(what) : folders.some((folder) => isFile(`${folder}/${what}`));
  return [...new Set(needs.filter((need) => !isThere(need.what)).map((need) => need.debianPackage))];
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
