// Transport specifications as the command line takes them: `SCHEME:SOCKET[,agent=NAME]`. Text only: nothing is opened.

/** The schemes there are. */
export const TRANSPORT_SCHEMES = ["virtio", "message"] as const;

export type TransportScheme = typeof TRANSPORT_SCHEMES[number];

/** A specification, taken apart. */
export interface TransportSpec {
  readonly scheme: TransportScheme;
  /** Path of the Unix socket. */
  readonly path: string;
  /** Name of the agent; null = the board's first. */
  readonly agent: string | null;
}

/** A specification, or one line that says what is wrong with it. */
export type SpecResult =
  | { readonly ok: true; readonly spec: TransportSpec }
  | { readonly ok: false; readonly problem: string };

const FORM = `${
  TRANSPORT_SCHEMES.map((scheme) => `${scheme}:SOCKET`).join(" or ")
}, each with ,agent=NAME if wanted`;

/** Takes a specification apart. A comma ends the path: paths with commas cannot be written. */
export function parseTransportSpec(text: string): SpecResult {
  const colon = text.indexOf(":");
  const given = colon < 0 ? text : text.slice(0, colon);
  const scheme = TRANSPORT_SCHEMES.find((known) => known === given);
  if (colon < 0 || scheme === undefined) {
    return refuse(text, colon < 0 ? "no scheme" : `no transport is called ${JSON.stringify(given)}`);
  }
  const [path = "", ...options] = text.slice(colon + 1).split(",");
  if (path === "") return refuse(text, "no socket path");
  let agent: string | null = null;
  for (const option of options) {
    const [key, value = ""] = option.split("=", 2);
    if (key !== "agent") return refuse(text, `unknown option ${JSON.stringify(option)}`);
    if (value === "") return refuse(text, "agent= needs a name");
    if (agent !== null) return refuse(text, "agent= is given twice");
    agent = value;
  }
  return { ok: true, spec: { scheme, path, agent } };
}

/** Writes a specification with its agent. */
export function transportSpecText(scheme: string, path: string, agent: string): string {
  return `${scheme}:${path},agent=${agent}`;
}

function refuse(text: string, what: string): SpecResult {
  return { ok: false, problem: `transport ${JSON.stringify(text)}: ${what}; write ${FORM}` };
}
