// The Debian side of the preparation: private apt state with the suites a step needs, taken from the mirror of the
// machine's own sources. Nothing of the machine's apt configuration, package lists or caches is changed.

import {
  type AptEntry,
  type DebianMirrors,
  findDebianMirrors,
  parseDeb822,
  parseOneLine,
  sourcesStanza,
} from "./apt_sources.ts";
import { PreparationError, runCommand } from "./run_command.ts";

/** The machine as far as apt is concerned. */
export interface DebianMachine {
  /** Code name of its release, for example `bookworm`. */
  readonly codename: string;
  readonly mirrors: DebianMirrors;
}

/** Apt with its own sources and state, kept below one folder. */
export interface PrivateApt {
  /** Arguments for every apt call. */
  readonly options: readonly string[];
}

/** Returns what apt needs to know of this machine, or null when it is no Debian or has no Debian sources. */
export async function findDebianMachine(): Promise<DebianMachine | null> {
  const release = await readText("/etc/os-release");
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(release)?.[1] ?? "";
  if (field("ID") !== "debian") return null;
  const mirrors = findDebianMirrors(await readAptEntries());
  return mirrors === null ? null : { codename: field("VERSION_CODENAME"), mirrors };
}

/** Makes a private apt below `folder` for packages of one architecture (null: the machine's), and reads its lists. */
export async function preparePrivateApt(
  folder: string,
  machine: DebianMachine,
  suites: readonly string[],
  architecture: string | null,
): Promise<PrivateApt> {
  await Deno.mkdir(`${folder}/lists/partial`, { recursive: true });
  await Deno.mkdir(`${folder}/cache/archives/partial`, { recursive: true });
  const sources = `${folder}/private.sources`;
  const { archive, security } = machine.mirrors;
  const isSecurity = (suite: string) => suite.endsWith("-security");
  let text = sourcesStanza(archive, suites.filter((suite) => !isSecurity(suite)));
  if (security !== null && suites.some(isSecurity)) {
    text += sourcesStanza(security, suites.filter(isSecurity));
  }
  await Deno.writeTextFile(sources, text);
  const settings = [
    `Dir::Etc::SourceList=${sources}`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    // The folder may lie where apt's own download user cannot go.
    "APT::Sandbox::User=root",
    ...(architecture === null
      ? []
      : [`APT::Architecture=${architecture}`, `APT::Architectures=${architecture}`]),
  ];
  const options = settings.flatMap((setting) => ["-o", setting]);
  await runCommand(["apt-get", ...options, "-q", "update"]);
  return { options };
}

/** Downloads a package into `folder`, unpacks it below `folder`/unpacked and returns that path and its version. */
export async function downloadPackage(
  apt: PrivateApt,
  name: string,
  folder: string,
): Promise<{ readonly path: string; readonly version: string }> {
  await Deno.mkdir(folder, { recursive: true });
  await runCommand(["apt-get", ...apt.options, "-q", "download", name], { cwd: folder });
  const file = [...Deno.readDirSync(folder)].map((entry) => entry.name)
    .find((entry) => entry.startsWith(`${name}_`) && entry.endsWith(".deb"));
  if (file === undefined) throw new PreparationError(`apt-get download ${name} brought no package`);
  const version = (await runCommand(["dpkg-deb", "-f", `${folder}/${file}`, "Version"])).trim();
  const path = `${folder}/unpacked`;
  await runCommand(["dpkg-deb", "-x", `${folder}/${file}`, path]);
  await Deno.remove(`${folder}/${file}`);
  return { path, version };
}

async function readAptEntries(): Promise<AptEntry[]> {
  const entries = parseOneLine(await readText("/etc/apt/sources.list"));
  const parts = "/etc/apt/sources.list.d";
  let names: string[] = [];
  try {
    names = [...Deno.readDirSync(parts)].map((entry) => entry.name).sort();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  for (const name of names) {
    const text = await readText(`${parts}/${name}`);
    if (name.endsWith(".sources")) entries.push(...parseDeb822(text));
    else if (name.endsWith(".list")) entries.push(...parseOneLine(text));
  }
  return entries;
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
