// What a board has, as tables for people: one for each kind of hardware that agents can name. Sensors are in
// board_sensor_table.ts; the physics behind all of it is for --json.
import type { Board } from "../../boards/board.ts";
import type { ClockDescription, ClockSettingPlan } from "../../boards/clock.ts";
import type { GpioLineSource } from "../../boards/gpio_line.ts";
import type { VoltageSteps } from "../../boards/regulator.ts";
import { compileViews } from "../../boards/view_compiler.ts";
import { HARDWARE_KINDS } from "../core/schema.ts";
import { sensorTable } from "./board_sensor_table.ts";
import { sharingTables } from "./board_sharing_tables.ts";
import { FIRST_BOARD_LINE } from "./device_tree_gpio.ts";
import { alikeLines, tableLines } from "./terminal.ts";
import { KIND_TITLES } from "./view_text.ts";

/** Names in one cell. */
const NAME_COUNT_MAX = 12;

/** Writes the tables of a board; one of nothing has no lines. */
export function boardTables(board: Board): string[][] {
  return [
    agentTable(board),
    table(
      ["#ID", "DEVICE", "RESOURCES"],
      board.devices.map(({ name, resources }, id) => [
        `${id}`,
        name,
        shortList(Object.values(resources).flat()),
      ]),
    ),
    sensorTable(board.sensors),
    powerDomainTable(board),
    systemPowerLines(board),
    ...sharingTables(board),
    performanceTable(board),
    clockTable(board),
    resetLines(board),
    voltageTable(board),
    powercapTable(board),
    pinLines(board),
    table(
      ["#ID", "PIN GROUP", "PINS", "AT BOOT"],
      board.pinGroups.map(({ id, name, pins, bootFunction }) => [
        `${id}`,
        name,
        pins.join(" "),
        bootFunction ?? "-",
      ]),
    ),
    table(
      ["#ID", "PIN FUNCTION", "WORKS ON"],
      board.pinFunctions.map(({ id, name, isGpio, groups, pins }) => [
        `${id}`,
        name + (isGpio ? " (GPIO)" : ""),
        [...groups, ...pins].join(" "),
      ]),
    ),
    table(
      ["#NO", "GPIO LINE", "DIRECTION", "FOLLOWS"],
      board.gpioLines.map(({ name, follows }, index) => [
        `${FIRST_BOARD_LINE + index}`,
        name,
        follows.kind === "guest" ? "output" : "input",
        lineSourceText(follows),
      ]),
    ),
  ];
}

/** The agents; how much each sees of what, as `scp view` lists all of it. */
function agentTable(board: Board): string[] {
  const views = compileViews(board);
  const seenBy = (i: number) =>
    HARDWARE_KINDS.flatMap((kind) => {
      const count = views[i]!.resources[kind].length;
      if (count === 0) return [];
      return kind === "systemPower"
        ? [KIND_TITLES[kind]]
        : [`${count} ${KIND_TITLES[kind]}${count === 1 ? "" : "s"}`];
    });
  return table(
    ["#ID", "AGENT", "KIND", "TRUSTED", "SEES"],
    board.agents.map(({ name, kind, isTrusted }, i) => [
      `${i + 1}`,
      name,
      kind,
      yesNo(isTrusted),
      seenBy(i).join(", ") || "nothing",
    ]),
  );
}

function lineSourceText(source: GpioLineSource): string {
  switch (source.kind) {
    case "switch":
      return source.input + (source.isActiveLow ? " (active low)" : "");
    case "wheelPulse":
      return `wheel ${source.wheel}, ${source.pulsesPerTurn} pulses per turn`;
    case "guest":
      return "the guest";
  }
}

function powerDomainTable(board: Board): string[] {
  return table(
    ["#ID", "POWER DOMAIN", "KIND", "BELOW", "STATES", "AT BOOT", "SET BY", "TELLS"],
    board.powerDomains.map((domain) => [
      `${domain.id ?? "-"}`,
      domain.name,
      domain.kind,
      domain.parent ?? "-",
      ["on", ...domain.states.map(({ name }) => name), "off"].join(" "),
      domain.isAlwaysOn ? "on, always" : domain.bootState,
      domain.setBy.join(" ") || "-",
      yesNo(domain.hasNotifications),
    ]),
  );
}

function systemPowerLines({ systemPower }: Board): string[] {
  if (systemPower === null) return [];
  const { transitions, fullView, gracefulTimeoutMs } = systemPower;
  return [
    `system power: ${transitions.join(", ")}; full view for ${fullView.join(", ") || "nobody"}; ` +
    `a graceful shutdown waits ${gracefulTimeoutMs === 0 ? "without limit" : `${gracefulTimeoutMs} ms`}`,
  ];
}

function performanceTable(board: Board): string[] {
  return table(
    ["#ID", "PERFORMANCE", "LEVELS", "MHz", "COST", "SUSTAINED", "LATENCY", "DRIVES"],
    board.performanceDomains.map((domain) => [
      `${domain.id}`,
      domain.name,
      domain.levels.map(({ level }) => level).join(" "),
      domain.levels.map(({ mhz }) => mhz).join(" "),
      `${domain.levels.map(({ powerCost }) => powerCost).join(" ")} ${domain.powerUnit}`,
      `${domain.sustainedMhz} MHz`,
      `${domain.latencyUs} us`,
      domain.block ?? "-",
    ]),
  );
}

function clockTable(board: Board): string[] {
  return table(
    ["#ID", "CLOCK", "PARENTS", "RATIO", "GATE", "DOMAIN", "MORE"],
    board.clocks.map((clock) => [
      `${clock.id}`,
      clock.name,
      clock.parents.length === 0 ? `${clock.rateHz} Hz` : clock.parents.join(" "),
      clock.ratio.kind,
      clock.hasGate ? clock.startsEnabled ? "on at boot" : "off at boot" : "-",
      clock.powerDomain ?? "-",
      clockExtras(clock),
    ]),
  );
}

function clockExtras(clock: ClockDescription): string {
  const setting = (name: string, plan: ClockSettingPlan | null) =>
    plan === null ? [] : [`${name} ${plan.lowest} to ${plan.highest}`];
  return [
    ...setting("duty cycle %", clock.dutyCyclePercent),
    ...setting("phase mrad", clock.phaseMrad),
    ...(clock.notifiesRate ? ["tells rates"] : []),
    ...(clock.notifiesRequests ? ["tells requests"] : []),
    ...(Object.keys(clock.rights).length > 0 ? ["restricted"] : []),
  ].join(", ");
}

function resetLines({ resetDomains }: Board): string[] {
  return alikeLines(
    "reset",
    resetDomains,
    ({ pulseUs, supportsAsync, notifies }) =>
      `a pulse of ${pulseUs} us${supportsAsync ? ", also asynchronous" : ""}${notifies ? ", tells" : ""}`,
  );
}

function voltageTable(board: Board): string[] {
  return table(
    ["#ID", "VOLTAGE", "RAIL", "LEVELS uV", "START uV", "SLEW uV/us", "SET BY"],
    board.voltageDomains.map(({ id, name, rail, setBy }) => {
      const regulator = board.power.rails.find((each) => each.name === rail)?.regulator ?? null;
      return [
        `${id}`,
        name,
        rail,
        regulator === null ? "?" : stepsText(regulator.steps),
        `${regulator?.startUv ?? "?"}`,
        `${regulator?.slewUvPerUs ?? "?"}`,
        setBy.join(" ") || "-",
      ];
    }),
  );
}

function powercapTable(board: Board): string[] {
  return table(
    ["#ID", "POWER CAP", "BELOW", "BLOCKS", "CAPS", "UNIT", "AVERAGED OVER", "SET BY"],
    board.powercapDomains.map((domain) => [
      `${domain.id}`,
      domain.name,
      domain.parent ?? "-",
      domain.blocks.join(" "),
      `${domain.cap.min} to ${domain.cap.max} by ${domain.cap.step}`,
      domain.unit,
      `${domain.averaging.minUs} to ${domain.averaging.maxUs} us`,
      domain.setBy.join(" ") || "-",
    ]),
  );
}

function pinLines({ pins }: Board): string[] {
  return alikeLines(
    "pin",
    pins,
    ({ configs }) => `config types ${configs.map(({ typeCode }) => typeCode).join(" ")}`,
  );
}

/** Names of which there can be hundreds: --json has them all. */
function shortList(names: readonly string[]): string {
  const hiddenCount = names.length - NAME_COUNT_MAX;
  return names.slice(0, NAME_COUNT_MAX).join(" ") + (hiddenCount > 0 ? ` and ${hiddenCount} more` : "");
}

function stepsText(steps: VoltageSteps): string {
  return steps.kind === "list"
    ? steps.levelsUv.join(" ")
    : `${steps.lowestUv} to ${steps.highestUv} by ${steps.stepUv}`;
}

function yesNo(is: boolean): string {
  return is ? "yes" : "no";
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : tableLines(headings, rows);
}
