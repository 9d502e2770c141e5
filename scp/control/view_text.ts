// An agent's view as text: a table of ids for people, and a C header of them for its guest's software.
import { FOREIGN_ANSWERS } from "../../boards/view.ts";
import { HARDWARE_KINDS, type HardwareKind } from "../core/schema.ts";
import type { SeenResource, ViewReport } from "./agent_view.ts";
import { tableLines } from "./terminal.ts";

/** What people call the kinds; the system's power has no id. */
export const KIND_TITLES: Readonly<Record<HardwareKind, string>> = {
  sensor: "sensor",
  clock: "clock",
  powerDomain: "power domain",
  systemPower: "system power",
  performanceDomain: "performance domain",
  resetDomain: "reset domain",
  voltageDomain: "voltage domain",
  powercapDomain: "powercap domain",
  pin: "pin",
  pinGroup: "pin group",
  pinFunction: "pin function",
};

/** Writes the table of ids. */
export function viewLines({ board, agent, foreignIds, commands, resources }: ViewReport): string[] {
  const rows = resources.map((
    { kind, id, name, right },
  ) => [KIND_TITLES[kind], idText(kind, id), name, right]);
  return [
    `agent ${agent} of board ${board}` + (resources.length === 0 ? " sees nothing" : ""),
    ...(foreignIds === FOREIGN_ANSWERS[0] ? [] : [`ids beyond these are answered with ${foreignIds}`]),
    ...Object.entries(commands).map(([protocol, names]) =>
      `of protocol ${protocol} it may use ${names.length === 0 ? "no command" : names.join(", ")}`
    ),
    ...(rows.length === 0 ? [] : ["", ...tableLines(["KIND", "#ID", "NAME", "RIGHT"], rows)]),
  ];
}

/** Writes the C header. Every name in it is one of its own: what C would not tell apart gets a number. */
export function viewHeader({ board, agent, resources }: ViewReport): string {
  const stem = `SCMI_${macroWord(board)}_${macroWord(agent)}`;
  const taken = new Set([`${stem}_H`]);
  const macro = (name: string): string => {
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name}_${number}`;
    taken.add(unique);
    return unique;
  };
  const sections = HARDWARE_KINDS.flatMap((kind) => {
    const all = resources.filter((resource) => resource.kind === kind);
    if (all.length === 0 || kind === "systemPower") return [];
    const prefix = `${stem}_${macroWord(KIND_TITLES[kind])}`;
    return [
      "",
      `#define ${macro(`${prefix}_COUNT`)} ${all.length}`,
      ...all.map((each) => define(prefix, each)),
    ];
  });
  function define(prefix: string, { id, name, right }: SeenResource): string {
    return `#define ${macro(`${prefix}_${macroWord(name)}`)} ${id} /* ${commentText(name)}: ${right} */`;
  }
  return [
    `/* SCMI ids of agent ${commentText(agent)} on board ${commentText(board)}. */`,
    `#ifndef ${stem}_H`,
    `#define ${stem}_H`,
    ...sections,
    "",
    `#endif /* ${stem}_H */`,
  ].join("\n");
}

/** The part of a macro's name that stands for a name. */
function macroWord(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]+/g, "_").replace(/^_|_$/g, "") || "X";
}

/** A name inside a C comment, which it must not end. */
function commentText(name: string): string {
  return name.replaceAll("*/", "* /");
}

function idText(kind: HardwareKind, id: number): string {
  return kind === "systemPower" ? "-" : `${id}`;
}
