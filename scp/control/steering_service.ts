// Answers the calls that move the world around the platform: inputs of the model, and GPIO lines made to show
// a level.
import type { CallOutcome, GpioLineView, InputView } from "./control_calls.ts";
import type { HardwareLists } from "./hardware_service.ts";
import { HARDWARE_PATHS } from "./hardware_views.ts";
import type { ModelInput } from "../model/signal.ts";
import type { Platform } from "./platform.ts";

/** The calls, each by its name in `ControlCalls`. */
export interface SteeringService {
  inputs(): CallOutcome<readonly InputView[]>;
  setInput(params: { readonly name: string; readonly value: number | null }): CallOutcome<InputView>;
  overrideLine(params: { readonly name: string; readonly level: 0 | 1 | null }): CallOutcome<GpioLineView>;
}

/** Makes the functions that answer for a platform, whose GPIO lines are shown as in `gpioLines`. */
export function createSteeringService(
  { board, machine, model }: Platform,
  gpioLines: HardwareLists["gpioLines"],
): SteeringService {
  const setValues = new Map<string, number>();
  const showInput = ({ name, min, max }: ModelInput): InputView => ({
    name,
    min,
    max,
    value: setValues.get(name) ?? null,
  });
  return {
    inputs: () => ({ ok: true, value: model.inputs.map(showInput) }),
    setInput({ name, value }) {
      const input = model.inputs.find((each) => each.name === name);
      if (input === undefined) {
        const problem = `board ${board.name} has no input ${
          JSON.stringify(name)
        }: GET /api/inputs lists them`;
        return { ok: false, reason: "notFound", problem };
      }
      const { min, max } = input;
      model.advanceTo(machine.nowUs());
      if (model.setInput(name, value)) {
        if (value === null) setValues.delete(name);
        else setValues.set(name, value);
        return { ok: true, value: showInput(input) };
      }
      const problem = `input ${name} takes a number from ${min} to ${max}, not ${value}`;
      return { ok: false, reason: "invalid", problem };
    },
    overrideLine({ name, level }) {
      const index = gpioLines.names.indexOf(name);
      const line = model.gpioLines[index];
      if (line === undefined) {
        const path = `/api/hardware/${HARDWARE_PATHS.gpioLines}`;
        const problem = `board ${board.name} has no GPIO line ${
          JSON.stringify(name)
        }: GET ${path} lists them`;
        return { ok: false, reason: "notFound", problem };
      }
      model.advanceTo(machine.nowUs());
      line.setOverride(level);
      return { ok: true, value: gpioLines.show(index) };
    },
  };
}
