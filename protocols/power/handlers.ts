// The power domain protocol 0x11: what its commands do. SCMI 4.3. What agents are told of a domain depends on who asks: an
// agent that may not set it finds neither way of setting it in its attributes.
import { everyProtocol } from "../every_protocol.ts";
import { hasExtendedName, nameReply } from "../names.ts";
import { bind, type Handler, type ProtocolDefinition, versionsSince } from "../protocol.ts";
import { PowerContext, wordOf } from "./context.ts";
import * as messages from "./messages.ts";

const V3 = 0x30000;

const attributes: Handler<typeof messages.POWER_PROTOCOL_ATTRIBUTES, PowerContext> = (
  _params,
  { domains, statistics },
) => ({ attributes: { domainCount: domains.length }, ...statistics.tell() });

const domainAttributes: Handler<typeof messages.POWER_DOMAIN_ATTRIBUTES, PowerContext> = (
  params,
  { domains, session },
) => {
  const domain = domains[params.domainId]!;
  const mayBeSet = session.mayUse(messages.POWER_STATE_SET.id, params.domainId);
  const { supportsAsync, supportsSync } = domain.modesFor(session.agentId);
  const notifies = (messageId: number) => domain.hasNotifications && session.isOffered(messageId);
  return {
    attributes: {
      notifiesChanges: notifies(messages.POWER_STATE_NOTIFY.id),
      supportsAsync: supportsAsync && mayBeSet,
      supportsSync: supportsSync && mayBeSet,
      // Version 2.0 has the message, but keeps the bit reserved (suite p005).
      notifiesRequests: session.version >= V3 && notifies(messages.POWER_STATE_CHANGE_REQUESTED_NOTIFY.id),
      hasExtendedName: session.version >= V3 && hasExtendedName(domain.name),
    },
    name: domain.name,
  };
};

const stateSet: Handler<typeof messages.POWER_STATE_SET, PowerContext> = (params, { domains, session }) => {
  const domain = domains[params.domainId]!;
  const { isContextLost, stateId } = params.powerState;
  const state = domain.states.find((each) =>
    each.isContextLost === isContextLost && each.stateId === stateId
  );
  // Before the mode, as the suite asks for a bad state in a mode that the domain lacks (p007).
  if (state === undefined) return "INVALID_PARAMETERS";
  const { supportsAsync, supportsSync } = domain.modesFor(session.agentId);
  // The flag means nothing for a core: it changes when it stops by itself, after the answer (SCMI 4.3.2.6).
  const isAsync = domain.isCore ? supportsAsync : params.flags.async;
  if (!(isAsync ? supportsAsync : supportsSync)) return "NOT_SUPPORTED";
  return domain.request(state, isAsync, session.agentId);
};

const stateGet: Handler<typeof messages.POWER_STATE_GET, PowerContext> = (params, { domains }) => ({
  powerState: wordOf(domains[params.domainId]!.state),
});

const stateNotify: Handler<typeof messages.POWER_STATE_NOTIFY, PowerContext> = (params, context) => {
  if (!context.domains[params.domainId]!.hasNotifications) return "NOT_SUPPORTED";
  context.hearChanges(params.domainId, params.notifyEnable.enable);
  return "SUCCESS";
};

const changeRequestedNotify: Handler<
  typeof messages.POWER_STATE_CHANGE_REQUESTED_NOTIFY,
  PowerContext
> = (params, context) => {
  if (!context.domains[params.domainId]!.hasNotifications) return "NOT_SUPPORTED";
  context.hearRequests(params.domainId, params.notifyEnable.enable);
  return "SUCCESS";
};

const nameGet: Handler<typeof messages.POWER_DOMAIN_NAME_GET, PowerContext> = (params, { domains }) =>
  nameReply(domains[params.domainId]!.name);

/** The power domain protocol. */
export const powerProtocol: ProtocolDefinition<PowerContext> = {
  id: messages.POWER_MESSAGES.id,
  name: messages.POWER_MESSAGES.name,
  ...versionsSince({ "1.0": 0x10000, "2.0": 0x20000, "3.1": 0x30000, "3.2": 0x30001 }),
  bindings: [
    ...everyProtocol(0x30001),
    bind(messages.POWER_PROTOCOL_ATTRIBUTES, attributes),
    bind(messages.POWER_DOMAIN_ATTRIBUTES, domainAttributes),
    bind(messages.POWER_STATE_SET, stateSet),
    bind(messages.POWER_STATE_GET, stateGet),
    bind(messages.POWER_STATE_NOTIFY, stateNotify),
    bind(messages.POWER_STATE_CHANGE_REQUESTED_NOTIFY, changeRequestedNotify),
    bind(messages.POWER_DOMAIN_NAME_GET, nameGet),
  ],
  notifications: messages.POWER_MESSAGES.notifications,
  resource: "powerDomain",
  createContext: (session, platform) => new PowerContext(session, platform),
  closeContext: (context) => context.close(),
};
