// The reset domain protocol 0x16: what its commands do. SCMI 4.8.
import type { ResetDomain, ResetState } from "../../scp/model/reset_domain.ts";
import { everyProtocol } from "../every_protocol.ts";
import { hasExtendedName, nameReply } from "../names.ts";
import {
  bind,
  type Handler,
  type Platform,
  type ProtocolDefinition,
  type Session,
  versionsSince,
} from "../protocol.ts";
import { Subscriptions } from "../subscriptions.ts";
import * as messages from "./messages.ts";

const V3 = 0x30000;

/** One channel's state in the protocol. */
export class ResetContext {
  readonly domains: readonly ResetDomain[];
  readonly #resets = new Subscriptions<number>();

  constructor(readonly session: Session, platform: Platform) {
    this.domains = platform.view.resetDomain;
  }

  /** Turns RESET_ISSUED of a domain on or off. */
  hearResets(domainId: number, isOn: boolean): void {
    const listen = () =>
      this.domains[domainId]!.resets.add(({ agentId, state }) =>
        this.session.notify(messages.RESET_ISSUED, { agentId, domainId, resetState: state })
      );
    this.#resets.set(domainId, isOn ? listen : null);
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#resets.close();
  }
}

const attributes: Handler<typeof messages.RESET_PROTOCOL_ATTRIBUTES, ResetContext> = (
  _params,
  { domains },
) => ({ attributes: { domainCount: domains.length } });

const domainAttributes: Handler<typeof messages.RESET_DOMAIN_ATTRIBUTES, ResetContext> = (
  params,
  { domains, session },
) => {
  const domain = domains[params.domainId]!;
  return {
    attributes: {
      supportsAsync: domain.supportsAsync && session.hasP2a() && session.isOffered(messages.RESET.id),
      notifies: domain.notifies && session.isOffered(messages.RESET_NOTIFY.id),
      hasExtendedName: session.version >= V3 && hasExtendedName(domain.name),
    },
    latencyUs: domain.latencyUs ?? messages.LATENCY_UNKNOWN,
    name: domain.name,
  };
};

const reset: Handler<typeof messages.RESET, ResetContext> = (params, context) => {
  const { domainId, flags, resetState } = params;
  const { session } = context;
  const domain = context.domains[domainId]!;
  if (flags.async && !flags.autonomous) return "INVALID_PARAMETERS";
  if (!domain.hasState(resetState)) return "INVALID_PARAMETERS";
  if (flags.async) return beginReset(session, domain, domainId, resetState);
  if (flags.autonomous) return domain.pulse(session.agentId, resetState);
  return flags.assert ? domain.hold(session.agentId, resetState) : domain.release(session.agentId);
};

/** Accepts an asynchronous reset; the delayed response comes when it is complete. */
function beginReset(
  session: Session,
  domain: ResetDomain,
  domainId: number,
  state: ResetState,
): "SUCCESS" | "NOT_SUPPORTED" | "BUSY" | "HARDWARE_ERROR" {
  if (!domain.supportsAsync || !session.hasP2a()) return "NOT_SUPPORTED";
  const pulse = domain.beginPulse(session.agentId, state);
  if (typeof pulse === "string") return pulse;
  const isPending = session.respondLater(messages.RESET, pulse.dueUs, () => {
    const { result } = pulse;
    // A reset of the system gives up what is under way; agents outside of it still wait.
    return result === "SUCCESS" ? { domainId } : result ?? "GENERIC_ERROR";
  });
  if (isPending) return "SUCCESS";
  pulse.cancel();
  return "BUSY";
}

const notify: Handler<typeof messages.RESET_NOTIFY, ResetContext> = (params, context) => {
  if (!context.domains[params.domainId]!.notifies) return "NOT_SUPPORTED";
  context.hearResets(params.domainId, params.notifyEnable.enable);
  return "SUCCESS";
};

const nameGet: Handler<typeof messages.RESET_DOMAIN_NAME_GET, ResetContext> = (params, { domains }) =>
  nameReply(domains[params.domainId]!.name);

/** The reset domain protocol. */
export const resetProtocol: ProtocolDefinition<ResetContext> = {
  id: messages.RESET_MESSAGES.id,
  name: messages.RESET_MESSAGES.name,
  ...versionsSince({ "2.0": 0x10000, "3.0": 0x20000, "3.1": 0x30000, "3.2": 0x30001 }),
  bindings: [
    ...everyProtocol(0x30001),
    bind(messages.RESET_PROTOCOL_ATTRIBUTES, attributes),
    bind(messages.RESET_DOMAIN_ATTRIBUTES, domainAttributes),
    bind(messages.RESET, reset),
    bind(messages.RESET_NOTIFY, notify),
    bind(messages.RESET_DOMAIN_NAME_GET, nameGet),
  ],
  notifications: messages.RESET_MESSAGES.notifications,
  resource: "resetDomain",
  createContext: (session, platform) => new ResetContext(session, platform),
  closeContext: (context) => context.close(),
};
