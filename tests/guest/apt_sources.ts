// Reads the machine's apt sources, both formats of sources.list(5), for one purpose: to learn from which mirror this
// machine takes Debian. Everything that is not the Debian archive is left out. Pure text in, values out.

/** One stanza or line: archives of one kind, without those that are switched off. */
export interface AptEntry {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Field values of a deb822 stanza under their names in lower case, for example `signed-by`. */
  readonly options: ReadonlyMap<string, string>;
}

/** Where a machine takes Debian from. */
export interface DebianMirror {
  readonly uri: string;
  readonly options: ReadonlyMap<string, string>;
}

/** The archives of a machine: packages, and security updates if it takes any. */
export interface DebianMirrors {
  readonly archive: DebianMirror;
  readonly security: DebianMirror | null;
}

// Of a foreign entry's options these matter for another suite of the same mirror: how it is trusted and how it dates.
const KEPT_OPTIONS = ["signed-by", "trusted", "check-valid-until", "check-date"];

const DEBIAN_SUITE = new RegExp(
  "^(?:stable|oldstable|testing|unstable|sid|bullseye|bookworm|trixie|forky)" +
    "(?:-updates|-proposed-updates|-security|/updates|-backports(?:-sloppy)?)?$",
);

/** Parses a `.sources` file (deb822). Lines that belong to no field are ignored. */
export function parseDeb822(text: string): AptEntry[] {
  const entries: AptEntry[] = [];
  for (const stanza of text.split(/\n[ \t]*\n/)) {
    const fields = new Map<string, string>();
    let name = "";
    for (const line of stanza.split("\n")) {
      if (line.startsWith("#")) continue;
      const field = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/.exec(line);
      if (field) {
        name = (field[1] ?? "").toLowerCase();
        fields.set(name, (field[2] ?? "").trimEnd());
      } else if (/^[ \t]/.test(line) && name !== "") {
        fields.set(name, `${fields.get(name)}\n${line.trimEnd()}`);
      }
    }
    const isOff = /^(?:no|false|without|off|disable|0)$/i.test(fields.get("enabled") ?? "");
    if (isOff || !words(fields.get("types")).includes("deb")) continue;
    entries.push({
      uris: words(fields.get("uris")),
      suites: words(fields.get("suites")),
      components: words(fields.get("components")),
      options: fields,
    });
  }
  return entries;
}

/** Parses a `.list` file: one archive per line, options in brackets. */
export function parseOneLine(text: string): AptEntry[] {
  const entries: AptEntry[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match) continue;
    const options = new Map(
      words(match[1]).map((option): [string, string] => {
        const [name = "", value = ""] = option.split("=", 2);
        return [name.toLowerCase(), value];
      }),
    );
    entries.push({
      uris: [match[2] ?? ""],
      suites: [match[3] ?? ""],
      components: words(match[4]),
      options,
    });
  }
  return entries;
}

/**
 * Picks the machine's Debian mirrors out of its entries, or null when there is none. An entry is Debian's own if it
 * has a Debian suite with `main`, and is signed by Debian's key ring or, where no key is named, lies under `debian`.
 */
export function findDebianMirrors(entries: readonly AptEntry[]): DebianMirrors | null {
  let archive: DebianMirror | null = null;
  let security: DebianMirror | null = null;
  for (const entry of entries) {
    if (!entry.components.includes("main")) continue;
    if (!entry.suites.some((suite) => DEBIAN_SUITE.test(suite))) continue;
    const signedBy = entry.options.get("signed-by");
    if (signedBy !== undefined && !signedBy.includes("debian-archive")) continue;
    for (const uri of entry.uris) {
      if (uri.startsWith("cdrom:")) continue;
      const mirror = { uri, options: keptOptions(entry.options) };
      const isSecurity = entry.suites.every((suite) => /[-/](?:security|updates)/.test(suite)) &&
        /security/.test(uri);
      if (isSecurity) security ??= mirror;
      else if (signedBy !== undefined || /\/debian(?:\.list)?(?:\/|$)/.test(uri)) archive ??= mirror;
    }
  }
  return archive === null ? null : { archive, security };
}

/** Writes a deb822 stanza that takes `main` of some suites from a mirror. */
export function sourcesStanza(mirror: DebianMirror, suites: readonly string[]): string {
  const options = [...mirror.options].map(([name, value]) => `${fieldName(name)}: ${value}\n`).join("");
  return `Types: deb\nURIs: ${mirror.uri}\nSuites: ${suites.join(" ")}\nComponents: main\n${options}\n`;
}

function keptOptions(options: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...options].filter(([name]) => KEPT_OPTIONS.includes(name)));
}

function fieldName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}
