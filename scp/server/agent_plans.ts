// What each agent of a board is given of the board's hardware: its view, compiled, with the resources themselves. Agents that
// see the same share one list of it, as protocols work out what they need of a view once.
import type { Board } from "../../boards/board.ts";
import { pinsOfGroups } from "../../boards/pin.ts";
import { type CompiledView, compileViews } from "../../boards/view_compiler.ts";
import { fitsPattern } from "../core/name_pattern.ts";
import { byKind, HARDWARE_KINDS } from "../core/schema.ts";
import { type PassedResources, passedResources } from "../model/arbitration/pass_through.ts";
import type { HardwareView } from "../model/hardware.ts";
import type { SensorSupplier } from "../model/sensor_supplier.ts";
import type { AgentPlan } from "./agents.ts";
import type { ViewRights } from "./rights.ts";

/**
 * Plans the agents of a board, of which `hardware` is all that can be named, by the board's own ids. `hardwareOf` gives it as an
 * agent has it, who may share some of it with others, and `supplierOf` the sensors that an agent supplies.
 */
export function planAgents(
  board: Board,
  hardware: HardwareView,
  hardwareOf: (agentId: number) => HardwareView = () => hardware,
  supplierOf: (agentId: number) => SensorSupplier | null = () => null,
): AgentPlan[] {
  const views = new Map<string, HardwareView>();
  const passed = passedResources(board).map((set) => withPinsOfGroups(board, set));
  return compileViews(board).map((compiled, index) => {
    const own = hardwareOf(index + 1);
    const key = keyOf(compiled);
    let view = own === hardware ? views.get(key) : undefined;
    if (view === undefined) view = viewOf(compiled, own);
    if (own === hardware) views.set(key, view);
    return {
      ...board.agents[index]!,
      view,
      supplier: supplierOf(index + 1),
      rights: rightsOf(board, compiled, hardware, passed.filter((_set, i) => i !== index)),
    };
  });
}

/** Whoever has a group to itself has its pins; others are refused groups by their pins. */
function withPinsOfGroups({ pinGroups }: Board, passed: PassedResources): PassedResources {
  const pins = pinsOfGroups(pinGroups, passed.get("pinGroup") ?? []);
  return pins.length === 0
    ? passed
    : new Map(passed).set("pin", new Set([...passed.get("pin") ?? [], ...pins]));
}

/** Alike for views of the same resources under the same ids. */
function keyOf({ resources }: CompiledView): string {
  return HARDWARE_KINDS.map((kind) => resources[kind].map(({ boardId }) => boardId).join()).join(";");
}

function viewOf({ resources }: CompiledView, hardware: HardwareView): HardwareView {
  const isWhole = HARDWARE_KINDS.every((kind) =>
    resources[kind].length === hardware[kind].length &&
    resources[kind].every(({ boardId }, id) => boardId === id)
  );
  if (isWhole) return hardware;
  return byKind((kind) =>
    resources[kind].map(({ boardId }) => hardware[kind][boardId]!)
  ) as unknown as HardwareView;
}

function rightsOf(
  board: Board,
  { resources, commands }: CompiledView,
  hardware: HardwareView,
  passedToOthers: readonly PassedResources[],
): ViewRights {
  return {
    readOnly: byKind((kind) => {
      const isReadOnly = ({ boardId, right }: CompiledView["resources"][typeof kind][number]) =>
        right === "read" || passedToOthers.some((set) => set.get(kind)?.has(hardware[kind][boardId]!.name));
      const flags = Uint8Array.from(resources[kind], (each) => isReadOnly(each) ? 1 : 0);
      return flags.includes(1) ? flags : null;
    }),
    knownCounts: board.foreignIds === "DENIED" ? byKind((kind) => hardware[kind].length) : null,
    mayUse: Object.keys(commands).length === 0
      ? null
      : (protocolName, commandName) =>
        !Object.hasOwn(commands, protocolName) ||
        commands[protocolName]!.some((pattern) => fitsPattern(commandName, pattern)),
  };
}
