// Pin control protocol: functions and configurations of pins and groups, got and set. SCMI 4.11.
import type { PinChange } from "../../scp/model/pin.ts";
import { pageOf } from "../paging.ts";
import type { Handler } from "../protocol.ts";
import type { PinControlContext } from "./context.ts";
import { SETTINGS } from "./messages.ts";
import type * as messages from "./messages.ts";

/** Function and counts, before the list of configurations. */
const HEAD_SIZE = 8;
const CONFIG_SIZE = 8;
const RETURNED_MAX = 0xff;

const NO_CONFIGS = { returned: 0, remaining: 0 } as const;

export const settingsGet: Handler<typeof messages.PINCTRL_SETTINGS_GET, PinControlContext> = (
  { identifier, attributes: { mode, selector, skip, typeCode } },
  context,
) => {
  const unit = context.unitOf({ selector, id: identifier });
  const functionId = context.functionIdOf(unit.function);
  switch (mode) {
    case SETTINGS.oneConfig: {
      const value = unit.valueOf(typeCode);
      if (value === null) return "NOT_SUPPORTED";
      return { functionId, counts: { returned: 1, remaining: 0 }, configs: [{ type: { typeCode }, value }] };
    }
    case SETTINGS.allConfigs: {
      const all = unit.configs;
      // Whoever asks for all of nothing gets that.
      if (all.length === 0 && skip === 0) return { functionId, counts: NO_CONFIGS, configs: [] };
      const { room } = context.session;
      const bounds = { room, headSize: HEAD_SIZE, itemSize: CONFIG_SIZE, countMax: RETURNED_MAX };
      const page = pageOf(all, skip, bounds);
      if (page === null) return "INVALID_PARAMETERS";
      return {
        functionId,
        counts: { returned: page.items.length, remaining: page.remaining },
        configs: page.items.map((config) => ({ type: config, value: config.value })),
      };
    }
    case SETTINGS.functionOnly:
      return { functionId, counts: NO_CONFIGS, configs: [] };
    default:
      return "INVALID_PARAMETERS";
  }
};

export const settingsConfigure: Handler<typeof messages.PINCTRL_SETTINGS_CONFIGURE, PinControlContext> = (
  { identifier, functionId, attributes: { selector, setsFunction }, configs },
  context,
) => {
  const unit = context.unitOf({ selector, id: identifier });
  if (!context.mayControlPins(unit)) return "DENIED";
  if (!setsFunction && configs.length === 0) return "INVALID_PARAMETERS";
  const change: PinChange = {
    function: setsFunction ? context.view.functions[functionId]! : null,
    configs: configs.map(({ type, value }) => ({ typeCode: type.typeCode, value })),
  };
  const result = unit.configure(context.agentId, change);
  return result === "OUT_OF_RANGE" ? "INVALID_PARAMETERS" : result;
};
