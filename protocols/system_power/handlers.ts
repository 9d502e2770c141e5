// The system power protocol 0x12: what its commands do. SCMI 4.4. Which transitions an agent may ask for, and whether it is
// told the condition of the system, depends on its view: scp/model/system_power.ts.
import type {
  SystemCondition,
  SystemPower,
  SystemPowerNotice,
  SystemTransition,
} from "../../scp/model/system_power.ts";
import { everyProtocol, PROTOCOL_MESSAGE_ATTRIBUTES } from "../every_protocol.ts";
import {
  bind,
  type Handler,
  type Platform,
  type ProtocolDefinition,
  type Session,
  versionsSince,
} from "../protocol.ts";
import * as messages from "./messages.ts";
import { SYSTEM_STATE } from "./messages.ts";

const WARM_RESET_SUPPORTED = 0x8000_0000;
const SUSPEND_SUPPORTED = 0x4000_0000;

/** Lowest of the states that are the vendor's. */
const VENDOR_STATE_MIN = 0x8000_0000;

/** By wire number; the names of the transitions are those of the wire states. */
const TRANSITIONS: ReadonlyMap<number, SystemTransition> = new Map(
  (Object.keys(SYSTEM_STATE) as SystemTransition[]).map((name) => [SYSTEM_STATE[name], name]),
);

const STATE_OF: Readonly<Record<SystemCondition, number>> = {
  up: SYSTEM_STATE.powerUp,
  suspended: SYSTEM_STATE.suspend,
  down: SYSTEM_STATE.shutdown,
  restarting: SYSTEM_STATE.shutdown,
};

/** One channel's state in the protocol. */
export class SystemPowerContext {
  readonly system: SystemPower;
  /** Ends the subscription, if there is one. */
  #stop: (() => void) | null = null;

  constructor(readonly session: Session, platform: Platform) {
    this.system = platform.view.systemPower[0]!;
  }

  /** Turns SYSTEM_POWER_STATE_NOTIFIER on or off. */
  hear(isOn: boolean): void {
    if (isOn === (this.#stop !== null)) return;
    if (isOn) this.#stop = this.system.subscribe(this.session.agentId, (notice) => this.#notify(notice));
    else this.close();
  }

  /** Ends the subscription. */
  close(): void {
    const stop = this.#stop;
    this.#stop = null;
    stop?.();
  }

  #notify({ agentId, isGraceful, transition, timeoutMs }: SystemPowerNotice): void {
    const { session } = this;
    const payload = { agentId, flags: { graceful: isGraceful }, systemState: SYSTEM_STATE[transition] };
    if (session.version < messages.SYSTEM_POWER_STATE_NOTIFIER.since) {
      session.notify(messages.SYSTEM_POWER_STATE_NOTIFIER_V1, payload);
    } else {
      session.notify(messages.SYSTEM_POWER_STATE_NOTIFIER, { ...payload, timeoutMs });
    }
  }
}

/** As for every protocol, but a notification that is not available is NOT_SUPPORTED here (SCMI 4.4.2.3). */
const SYSTEM_POWER_MESSAGE_ATTRIBUTES = {
  ...PROTOCOL_MESSAGE_ATTRIBUTES,
  fails: ["NOT_FOUND", "NOT_SUPPORTED"],
} as const;

const messageAttributes: Handler<typeof SYSTEM_POWER_MESSAGE_ATTRIBUTES, SystemPowerContext> = (
  params,
  { session },
) => {
  const { messageId } = params;
  if (session.isOffered(messageId)) return { attributes: session.messageAttributes(messageId) };
  return messageId === messages.SYSTEM_POWER_STATE_NOTIFY.id ? "NOT_SUPPORTED" : "NOT_FOUND";
};

const attributes: Handler<typeof messages.SYSTEM_POWER_PROTOCOL_ATTRIBUTES, SystemPowerContext> = () => ({
  attributes: 0,
});

const stateSet: Handler<typeof messages.SYSTEM_POWER_STATE_SET, SystemPowerContext> = (
  params,
  { session, system },
) => {
  const transition = TRANSITIONS.get(params.systemState);
  if (transition === undefined) {
    return params.systemState < VENDOR_STATE_MIN ? "INVALID_PARAMETERS" : "NOT_SUPPORTED";
  }
  return system.request(transition, params.flags.graceful, session.agentId);
};

const stateGet: Handler<typeof messages.SYSTEM_POWER_STATE_GET, SystemPowerContext> = (
  _params,
  { session, system },
) =>
  system.hasFullView(session.agentId)
    ? { systemState: STATE_OF[system.conditionFor(session.agentId)] }
    : "NOT_SUPPORTED";

const stateNotify: Handler<typeof messages.SYSTEM_POWER_STATE_NOTIFY, SystemPowerContext> = (
  params,
  context,
) => {
  context.hear(params.notifyEnable.enable);
  return "SUCCESS";
};

/** The system power protocol. */
export const systemPowerProtocol: ProtocolDefinition<SystemPowerContext> = {
  id: messages.SYSTEM_POWER_MESSAGES.id,
  name: messages.SYSTEM_POWER_MESSAGES.name,
  ...versionsSince({ "1.0": 0x10000, "3.1": 0x20000, "3.2": 0x20001 }),
  bindings: [
    ...everyProtocol(0x20001).filter(({ schema }) => schema.id !== PROTOCOL_MESSAGE_ATTRIBUTES.id),
    bind(SYSTEM_POWER_MESSAGE_ATTRIBUTES, messageAttributes),
    bind(messages.SYSTEM_POWER_PROTOCOL_ATTRIBUTES, attributes),
    bind(messages.SYSTEM_POWER_STATE_SET, stateSet),
    bind(messages.SYSTEM_POWER_STATE_GET, stateGet),
    bind(messages.SYSTEM_POWER_STATE_NOTIFY, stateNotify),
  ],
  notifications: messages.SYSTEM_POWER_MESSAGES.notifications,
  resource: "systemPower",
  createContext: (session, platform) => new SystemPowerContext(session, platform),
  closeContext: (context) => context.close(),
  messageAttributes(messageId, { session, system }) {
    if (messageId !== messages.SYSTEM_POWER_STATE_SET.id) return 0;
    const offers = (transition: SystemTransition) =>
      session.mayUse(messageId, 0) &&
      [true, false].some((isGraceful) => system.offers(transition, isGraceful, session.agentId));
    // `>>>` as bit 31 is a sign in JavaScript's bit operations.
    return ((offers("warmReset") ? WARM_RESET_SUPPORTED : 0) |
      (offers("suspend") ? SUSPEND_SUPPORTED : 0)) >>> 0;
  },
};
