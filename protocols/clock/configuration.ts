// Clock protocol: switching clocks on and off, duty cycle, phase, and the choice of a parent. SCMI 4.6.2.8, 4.6.2.12 to
// 4.6.2.15.
import type { ClockSettingName, ParentFailure } from "../../scp/model/clock.ts";
import { pageOf } from "../paging.ts";
import type { Handler } from "../protocol.ts";
import type { ClockContext } from "./context.ts";
import * as messages from "./messages.ts";

const PARENT_SIZE = 4;
const RETURNED_MAX = 0xff;

export const configSetV1: Handler<typeof messages.CLOCK_CONFIG_SET_V1, ClockContext> = (
  params,
  { clocks, session },
) => {
  const { isEnabled } = params.attributes;
  const result = clocks[params.clockId]!.configure(session.agentId, { isEnabled, setting: null });
  return result === "SUCCESS" ? result : "DENIED";
};

/** The setting that a type of extended configuration means; undefined = none. */
function settingNameOf(extendedType: number): ClockSettingName | undefined {
  if (extendedType === messages.EXTENDED_CONFIG.dutyCycle) return "dutyCycle";
  if (extendedType === messages.EXTENDED_CONFIG.phase) return "phase";
  return undefined;
}

export const configSet: Handler<typeof messages.CLOCK_CONFIG_SET, ClockContext> = (
  params,
  { clocks, session },
) => {
  const { state, extendedType } = params.attributes;
  const { disable, enable, unchanged } = messages.CLOCK_STATE;
  if (state !== disable && state !== enable && state !== unchanged) return "INVALID_PARAMETERS";
  const hasSetting = extendedType !== messages.EXTENDED_CONFIG.none;
  if (state === unchanged && !hasSetting) return "INVALID_PARAMETERS";
  const name = settingNameOf(extendedType);
  if (hasSetting && name === undefined) return "INVALID_PARAMETERS";
  const result = clocks[params.clockId]!.configure(session.agentId, {
    isEnabled: state === unchanged ? null : state === enable,
    setting: name === undefined ? null : { name, value: params.extendedValue },
  });
  return result === "INVALID" ? "INVALID_PARAMETERS" : result;
};

export const configGet: Handler<typeof messages.CLOCK_CONFIG_GET, ClockContext> = (params, { clocks }) => {
  const clock = clocks[params.clockId]!;
  const { extendedType } = params.flags;
  let extendedValue = 0;
  if (extendedType !== messages.EXTENDED_CONFIG.none) {
    const name = settingNameOf(extendedType);
    const setting = name === undefined ? null : clock.settingOf(name);
    if (setting === null) return "INVALID_PARAMETERS";
    extendedValue = setting.value;
  }
  return { attributes: 0, config: { isEnabled: clock.isEnabled }, extendedValue };
};

export const possibleParentsGet: Handler<typeof messages.CLOCK_POSSIBLE_PARENTS_GET, ClockContext> = (
  params,
  context,
) => {
  // A choice of which the agent sees nothing is none for it.
  const ids = context.parentsOf(context.clocks[params.clockId]!);
  if (ids.length === 0) return "NOT_SUPPORTED";
  const bounds = { room: context.session.room, itemSize: PARENT_SIZE, countMax: RETURNED_MAX };
  const page = pageOf(ids, params.skip, bounds);
  if (page === null) return "OUT_OF_RANGE";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    parents: page.items.map((clockId) => ({ clockId })),
  };
};

const STATUS_OF_FAILURE = {
  NO_PARENT: "INVALID_PARAMETERS",
  OUT_OF_RANGE: "OUT_OF_RANGE",
  DENIED: "DENIED",
  BUSY: "BUSY",
} as const satisfies Record<ParentFailure, string>;

export const parentSet: Handler<typeof messages.CLOCK_PARENT_SET, ClockContext> = (
  params,
  context,
) => {
  const { clocks, session } = context;
  const clock = clocks[params.clockId]!;
  if (context.parentsOf(clock).length === 0) return "NOT_SUPPORTED";
  const result = clock.setParent(session.agentId, clocks[params.parentId]!);
  return result === "SUCCESS" ? result : STATUS_OF_FAILURE[result];
};

export const parentGet: Handler<typeof messages.CLOCK_PARENT_GET, ClockContext> = (params, context) => {
  const clock = context.clocks[params.clockId]!;
  if (clock.parentChoice === null || context.parentsOf(clock).length === 0) return "NOT_SUPPORTED";
  // Linux takes the first of the parents that it knows for one that it may not know; rates it asks for all the same.
  const parentId = context.findId(clock.parentChoice);
  return parentId === undefined ? "DENIED" : { parentId };
};
