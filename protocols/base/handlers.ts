// Base protocol 0x10: what its commands do. SCMI 4.2. Permission commands are shown to trusted agents only.
import type { Handler, Platform, ProtocolDefinition, Session } from "../protocol.ts";
import { bind, versionsSince } from "../protocol.ts";
import { everyProtocol } from "../every_protocol.ts";
import * as messages from "./messages.ts";

/** One channel's state in Base. */
export interface BaseContext {
  readonly session: Session;
  readonly platform: Platform;
  /** Whether the agent wants BASE_ERROR_EVENT here. */
  notifiesErrors: boolean;
}

const attributes: Handler<typeof messages.BASE_PROTOCOL_ATTRIBUTES, BaseContext> = (
  _params,
  { platform },
) => ({
  attributes: { protocolCount: platform.protocolIds.length, agentCount: platform.agents.length - 1 },
});

const discoverVendor: Handler<typeof messages.BASE_DISCOVER_VENDOR, BaseContext> = (
  _params,
  { platform },
) => ({
  vendor: platform.vendor,
});

const discoverSubVendor: Handler<typeof messages.BASE_DISCOVER_SUB_VENDOR, BaseContext> = (
  _params,
  { platform },
) => ({ subVendor: platform.subVendor });

const discoverImplementationVersion: Handler<
  typeof messages.BASE_DISCOVER_IMPLEMENTATION_VERSION,
  BaseContext
> = (_params, { platform }) => ({ version: platform.implementationVersion });

const listProtocols: Handler<typeof messages.BASE_DISCOVER_LIST_PROTOCOLS, BaseContext> = (
  params,
  { session, platform },
) => {
  const all = platform.protocolIds;
  if (params.skip > all.length) return "INVALID_PARAMETERS";
  // The count word, then whole words of four ids; room for none is refused when the reply is written.
  const fitting = Math.max(4, (session.room - 4) & ~3);
  const page = all.subarray(params.skip, params.skip + fitting);
  return { protocolCount: page.length, protocols: page };
};

const discoverAgentV1: Handler<typeof messages.BASE_DISCOVER_AGENT_V1, BaseContext> = (
  params,
  { platform },
) => ({
  name: platform.agents[params.agentId]!.name,
});

const discoverAgent: Handler<typeof messages.BASE_DISCOVER_AGENT, BaseContext> = (
  params,
  { session, platform },
) => {
  const agentId = params.agentId === messages.AGENT_SELF ? session.agentId : params.agentId;
  const agent = platform.agents[agentId];
  return agent === undefined ? "NOT_FOUND" : { agentId, name: agent.name };
};

const notifyErrors: Handler<typeof messages.BASE_NOTIFY_ERRORS, BaseContext> = (params, context) => {
  context.notifiesErrors = params.notifyEnable.enable;
  return "SUCCESS";
};

const setDevicePermissions: Handler<typeof messages.BASE_SET_DEVICE_PERMISSIONS, BaseContext> = (
  params,
  { platform },
) => platform.permitDevice(params.agentId, params.deviceId, null, params.flags.allow);

const setProtocolPermissions: Handler<typeof messages.BASE_SET_PROTOCOL_PERMISSIONS, BaseContext> = (
  params,
  { platform },
) => {
  const { protocolId } = params.commandId;
  // Base can never be taken away, and what an agent cannot use it need not be denied (suite test b013).
  if (protocolId === messages.BASE_MESSAGES.id) return "NOT_FOUND";
  return platform.permitDevice(params.agentId, params.deviceId, protocolId, params.flags.allow);
};

const resetAgentConfiguration: Handler<typeof messages.BASE_RESET_AGENT_CONFIGURATION, BaseContext> = (
  params,
  { platform },
) => platform.resetAgent(params.agentId, params.flags.resetPermissions);

const FOR_TRUSTED_AGENTS = new Set<number>([
  messages.BASE_SET_DEVICE_PERMISSIONS.id,
  messages.BASE_SET_PROTOCOL_PERMISSIONS.id,
]);

/** The Base protocol. */
export const baseProtocol: ProtocolDefinition<BaseContext> = {
  id: messages.BASE_MESSAGES.id,
  name: messages.BASE_MESSAGES.name,
  ...versionsSince({ "1.0": 0x10000, "2.0": 0x20000, "3.2": 0x20001 }),
  bindings: [
    ...everyProtocol(0x20001),
    bind(messages.BASE_PROTOCOL_ATTRIBUTES, attributes),
    bind(messages.BASE_DISCOVER_VENDOR, discoverVendor),
    bind(messages.BASE_DISCOVER_SUB_VENDOR, discoverSubVendor),
    bind(messages.BASE_DISCOVER_IMPLEMENTATION_VERSION, discoverImplementationVersion),
    bind(messages.BASE_DISCOVER_LIST_PROTOCOLS, listProtocols),
    bind(messages.BASE_DISCOVER_AGENT_V1, discoverAgentV1),
    bind(messages.BASE_DISCOVER_AGENT, discoverAgent),
    bind(messages.BASE_NOTIFY_ERRORS, notifyErrors),
    bind(messages.BASE_SET_DEVICE_PERMISSIONS, setDevicePermissions),
    bind(messages.BASE_SET_PROTOCOL_PERMISSIONS, setProtocolPermissions),
    bind(messages.BASE_RESET_AGENT_CONFIGURATION, resetAgentConfiguration),
  ],
  notifications: messages.BASE_MESSAGES.notifications,
  resource: null,
  createContext: (session, platform) => ({ session, platform, notifiesErrors: false }),
  isShown: (messageId, { platform }) => platform.isTrusted || !FOR_TRUSTED_AGENTS.has(messageId),
  commandFailed(context, header, status, agentId) {
    if (!context.notifiesErrors) return;
    context.session.notify(messages.BASE_ERROR_EVENT, {
      agentId,
      errorStatus: { fatal: false, reportCount: 1 },
      reports: [{ messageHeader: header, status: status >>> 0 }],
    });
  },
};
