// The pin control protocol 0x19: which command is handled where, and who has which pins. SCMI 4.11.
import { everyProtocol } from "../every_protocol.ts";
import { bind, type Handler, type ProtocolDefinition, versionsSince } from "../protocol.ts";
import { PinControlContext } from "./context.ts";
import * as descriptions from "./descriptions.ts";
import * as messages from "./messages.ts";
import { settingsConfigure, settingsGet } from "./settings.ts";

const request: Handler<typeof messages.PINCTRL_REQUEST, PinControlContext> = (params, context) => {
  const named = { selector: params.flags.selector, id: params.identifier };
  return context.mayControlPins(context.unitOf(named)) ? context.take(named) : "DENIED";
};

const release: Handler<typeof messages.PINCTRL_RELEASE, PinControlContext> = (params, context) => {
  const named = { selector: params.flags.selector, id: params.identifier };
  return context.mayControlPins(context.unitOf(named)) ? context.giveBack(named) : "DENIED";
};

const setPermissions: Handler<typeof messages.PINCTRL_SET_PERMISSIONS, PinControlContext> = (
  { agentId, identifier, flags: { selector, allow } },
  { platform },
) => platform.permitResource(agentId, messages.SELECTED[selector]!, identifier, allow);

/** The pin control protocol. */
export const pinControlProtocol: ProtocolDefinition<PinControlContext> = {
  id: messages.PIN_CONTROL_MESSAGES.id,
  name: messages.PIN_CONTROL_MESSAGES.name,
  ...versionsSince({ "3.2": 0x10000 }),
  bindings: [
    ...everyProtocol(0x10000),
    bind(messages.PINCTRL_PROTOCOL_ATTRIBUTES, descriptions.attributes),
    bind(messages.PINCTRL_ATTRIBUTES, descriptions.elementAttributes),
    bind(messages.PINCTRL_LIST_ASSOCIATIONS, descriptions.listAssociations),
    bind(messages.PINCTRL_SETTINGS_GET, settingsGet),
    bind(messages.PINCTRL_SETTINGS_CONFIGURE, settingsConfigure),
    bind(messages.PINCTRL_REQUEST, request),
    bind(messages.PINCTRL_RELEASE, release),
    bind(messages.PINCTRL_NAME_GET, descriptions.nameGet),
    bind(messages.PINCTRL_SET_PERMISSIONS, setPermissions),
  ],
  notifications: messages.PIN_CONTROL_MESSAGES.notifications,
  resource: "pin",
  otherResources: ["pinGroup", "pinFunction"],
  createContext: (session, platform) => new PinControlContext(session, platform),
  closeContext: (context) => context.close(),
  permissionsChanged: (context) => context.dropDenied(),
  // As Base does with its permissions, the switch is kept from agents that may not use it.
  isShown: (messageId, { platform }) =>
    messageId !== messages.PINCTRL_SET_PERMISSIONS.id || platform.isTrusted,
};
