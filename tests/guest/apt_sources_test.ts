import { assertEquals } from "@std/assert";
import { findDebianMirrors, parseDeb822, parseOneLine, sourcesStanza } from "./apt_sources.ts";

const KEY_RING = "/usr/share/keyrings/debian-archive-keyring.gpg";

const DEB822 = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: ${KEY_RING}

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: ${KEY_RING}
`;

Deno.test("apt sources in deb822 form give archive and security mirror", () => {
  const mirrors = findDebianMirrors(parseDeb822(DEB822));
  assertEquals(mirrors?.archive.uri, "http://mirror.example/debian");
  assertEquals(mirrors?.archive.options.get("signed-by"), KEY_RING);
  assertEquals(mirrors?.security?.uri, "http://mirror.example/debian-security");
});

Deno.test("apt sources in one-line form give archive and security mirror", () => {
  const mirrors = findDebianMirrors(parseOneLine(`
# deb http://old.example/debian bookworm main
deb-src http://src.example/debian bookworm main
deb [arch=amd64 signed-by=${KEY_RING}] http://mirror.example/debian/ bookworm main contrib # trailing
deb http://security.example/debian-security bookworm-security main
`));
  assertEquals(mirrors?.archive, {
    uri: "http://mirror.example/debian/",
    options: new Map([["signed-by", KEY_RING]]),
  });
  assertEquals(mirrors?.security?.uri, "http://security.example/debian-security");
});

Deno.test("apt sources of third parties are no Debian mirror", () => {
  const foreign = [
    "deb [signed-by=/etc/apt/keyrings/docker.gpg] https://download.example/linux/debian bookworm stable",
    "deb [signed-by=/etc/apt/keyrings/other.gpg] https://other.example/debian bookworm main",
    "deb https://apt.example bookworm main",
    "deb https://node.example/node_20.x nodistro main",
    "deb https://db.example/pub/debian bookworm-pgdg main",
    "deb cdrom:[Debian]/debian bookworm main",
    "deb https://flat.example/debian ./",
  ].join("\n");
  assertEquals(findDebianMirrors(parseOneLine(foreign)), null);
  const stanza =
    "Types: deb\nURIs: https://x.example/debian\nSuites: bookworm\nComponents: main\nSigned-By:\n" +
    " -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n";
  assertEquals(findDebianMirrors(parseDeb822(stanza)), null);
});

Deno.test("apt sources that are switched off or for sources only are ignored", () => {
  assertEquals(findDebianMirrors(parseDeb822(DEB822.replaceAll("Types: deb", "Types: deb-src"))), null);
  assertEquals(findDebianMirrors(parseDeb822(DEB822.replaceAll("Types", "Enabled: no\nTypes"))), null);
});

Deno.test("apt sources that name a mirror list or a dated archive are Debian's", () => {
  for (
    const uri of ["mirror+file:///etc/apt/mirrors/debian.list", "http://dated.example/archive/debian/2025T0Z"]
  ) {
    assertEquals(findDebianMirrors(parseOneLine(`deb ${uri} trixie main`))?.archive.uri, uri);
  }
});

Deno.test("private sources stanza keeps how the mirror is trusted and nothing else", () => {
  const [entry] = parseDeb822(DEB822.replace("Types", "Check-Valid-Until: no\nArchitectures: amd64\nTypes"));
  const mirrors = entry && findDebianMirrors([entry]);
  assertEquals(
    mirrors && sourcesStanza(mirrors.archive, ["trixie", "trixie-backports"]),
    "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie trixie-backports\nComponents: main\n" +
      `Check-Valid-Until: no\nSigned-By: ${KEY_RING}\n\n`,
  );
});
