// What a trusted agent may say about the permissions of others: as steps of random programs, as the messages that it sends, and as
// what that makes of the views that tests work out a second time.
import { resourceNames } from "../../boards/resource_names.ts";
import * as base from "../../protocols/base/messages.ts";
import { PIN_CONTROL_MESSAGES, PINCTRL_SET_PERMISSIONS } from "../../protocols/pin_control/messages.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import fc from "../support/property.ts";
import { VIEWED_BOARD } from "../support/viewed_board.ts";
import type { ReferenceDevice, ReferenceView } from "./reference_views.ts";

/** Devices that have resources of most kinds, one of them in both. */
export const DEVICES: readonly ReferenceDevice[] = [
  { clock: ["crystal", "bus"], sensor: ["temp"], powerDomain: ["main"], pin: ["p0"], pinGroup: ["g01"] },
  { clock: ["bus"], resetDomain: ["plain"], voltageDomain: ["core"], performanceDomain: ["cpu"] },
  { powercapDomain: ["chip"], pinFunction: ["uart"], sensor: ["volt"], resetDomain: ["slow"] },
];

/** A trusted agent says what another may have: a device, in one protocol or in all; a pin; everything. */
export interface PermitStep {
  readonly kind: "permit";
  /** Whose permissions. */
  readonly channel: number;
  readonly isAllowed: boolean;
  readonly of:
    | { readonly deviceId: number; readonly protocolId: number | null }
    | { readonly pinKind: number; readonly id: number }
    | null;
}

/** Steps about one of so many agents, which have the first channels and ids. */
export function arbitraryPermit(agentCount: number): fc.Arbitrary<PermitStep> {
  const channel = fc.nat({ max: agentCount - 1 });
  const protocolId = fc.constantFrom(...PROTOCOL_MESSAGES.map(({ id }) => id));
  const deviceId = fc.nat({ max: DEVICES.length - 1 });
  return fc.record({
    kind: fc.constant("permit" as const),
    channel,
    isAllowed: fc.constantFrom(false, false, true),
    of: fc.oneof(
      { weight: 4, arbitrary: fc.record({ deviceId, protocolId: fc.option(protocolId) }) },
      { weight: 2, arbitrary: fc.record({ pinKind: fc.nat({ max: 2 }), id: fc.nat({ max: 2 }) }) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
  });
}

/** Kinds of hardware of which each is denied by itself. */
export const PIN_KINDS = ["pin", "pinGroup", "pinFunction"] as const;

/** What the trusted agent sends. */
export function permission({ channel, isAllowed, of }: PermitStep): Uint8Array {
  const agentId = channel + 1;
  const allow = { allow: isAllowed };
  if (of === null) {
    const params = { agentId, flags: { resetPermissions: isAllowed } };
    return encodeCommand(base.BASE_MESSAGES.id, base.BASE_RESET_AGENT_CONFIGURATION, params, 0);
  }
  if ("pinKind" in of) {
    const params = { agentId, identifier: of.id, flags: { ...allow, selector: of.pinKind } };
    return encodeCommand(PIN_CONTROL_MESSAGES.id, PINCTRL_SET_PERMISSIONS, params, 0);
  }
  const { deviceId, protocolId } = of;
  if (protocolId === null) {
    const params = { agentId, deviceId, flags: allow };
    return encodeCommand(base.BASE_MESSAGES.id, base.BASE_SET_DEVICE_PERMISSIONS, params, 0);
  }
  const params = { agentId, deviceId, commandId: { protocolId }, flags: allow };
  return encodeCommand(base.BASE_MESSAGES.id, base.BASE_SET_PROTOCOL_PERMISSIONS, params, 0);
}

/** What that does to a view, once it has succeeded. */
export function notePermission(reference: ReferenceView, { isAllowed, of }: PermitStep): void {
  if (of === null) {
    if (isAllowed) reference.permitAll();
  } else if ("pinKind" in of) {
    const kind = PIN_KINDS[of.pinKind]!;
    reference.permitOne(kind, resourceNames(VIEWED_BOARD)[kind][of.id]!, isAllowed);
  } else reference.permit(of.deviceId, of.protocolId, isAllowed);
}
