// A mailbox in a file of its own with an agent at it and a port that notes what it is asked.
import { MailboxAgent, MailboxSite } from "../contract/mailbox.ts";
import type { MailboxOptions } from "../../transports/mailbox/options.ts";
import type { Reactor } from "../../transports/ffi/reactor.ts";
import { TestPort } from "./smt_fixture.ts";

export const VERSIONS = [1, 2, 3] as const;

/** A served mailbox. */
export interface ServedMailbox {
  readonly site: MailboxSite;
  readonly agent: MailboxAgent;
  readonly port: TestPort;
}

/** Serves a mailbox to an agent whose driver has begun; whoever calls closes the site. */
export function serveMailbox(
  version: 1 | 2 | 3,
  changes: Partial<MailboxOptions> = {},
  reactor: Reactor | null = null,
): ServedMailbox {
  const port = new TestPort();
  const site = new MailboxSite(() => port, version, changes, reactor);
  const agent = site.connect();
  agent.begin();
  agent.settle();
  return { site, agent, port };
}

/** Registers a test for each version of the registers, its mailbox closed at the end. */
export function testMailbox(
  name: string,
  body: (mailbox: ServedMailbox, version: 1 | 2 | 3) => void,
  changes: Partial<MailboxOptions> = {},
): void {
  for (const version of VERSIONS) {
    Deno.test(`mailbox (MHUv${version}) ${name}`, () => {
      const mailbox = serveMailbox(version, changes);
      body(mailbox, version);
      mailbox.agent.disconnect();
      mailbox.site.close();
    });
  }
}
