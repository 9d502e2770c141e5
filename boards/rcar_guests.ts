// The R-Car H3 of `rcar` as several guests of a hypervisor share it: a host that keeps what it has not given away, a cockpit
// (Android's set of sensors), an instrument cluster, and a safety guest that watches over all and has what it needs for that
// to itself. Which guest needs what is a guess.
import type { ArbitrationInput } from "./arbitration.ts";
import { type Board, defineBoard, type DeviceDescription } from "./board.ts";
import { VEHICLE_SENSORS } from "./packs/vehicle_sensors.ts";
import { rcarBoard } from "./rcar.ts";
import type { SensorInput } from "./sensor_description.ts";
import { RCAR_VIEWS } from "./rcar/views.ts";
import type { AgentInput } from "./agent.ts";
import type { SystemPolicyInput } from "./system_policy.ts";
import type { Right, ViewInput } from "./view.ts";

/** What the safety guest talks to the car with, and what watches over it. */
const SAFETY_MODULES = ["can-fd", "can-if0", "can-if1", "rwdt", "cmt0", "thermal"] as const;
/** Its clocks that are no modules. */
const SAFETY_CLOCKS = ["canfd", "can_clk"] as const;

/** The speed on the cluster's display, which only the cluster knows: the safety guest holds it against the wheels. */
const SPEED_SHOWN: SensorInput = {
  id: rcarBoard.sensors.length,
  name: "speed_shown",
  typeCode: 90, // metres per second
  unitExponent: -3,
  suppliedBy: "cluster",
  // A display that stands still is as bad as one that is wrong.
  staleAfterMs: 500,
  rangeMin: 0,
  rangeMax: 100,
  step: { mantissa: 1, exponent: -3 },
  samplePeriodUs: 100_000,
  hasExtendedAttributes: true,
  tripPointCount: 1,
  supportsContinuousUpdate: true,
  timestampExponent: -6,
  intervals: { kind: "list", list: [{ mantissa: 100, exponent: -3 }] },
};

function rules(names: readonly string[], right: Right): Readonly<Record<string, Right>> {
  return Object.fromEntries(names.map((name) => [name, right]));
}

/** Control of modules: their clocks, and the resets that have the same names. */
function modules(...patterns: readonly string[]) {
  return { clock: rules(patterns, "control"), resetDomain: rules(patterns, "control") };
}

const SOUND_AND_PICTURES = modules(
  ...["du0", "du1", "du2", "cmm0", "cmm1", "cmm2", "vspd0", "vspd1", "fcpvd0", "fcpvd1"],
  ...["hdmi*", "ssi*", "audmac*"],
);

const CHIP_TEMPERATURES = { thermal1: "read", thermal2: "read", thermal3: "read" } as const;

const WHEELS = rules(["wheel_fl", "wheel_fr", "wheel_rl", "wheel_rr"], "read");
const TIRES = rules(["tire_fl", "tire_fr", "tire_rl", "tire_rr"], "read");

const VIEWS = {
  /** Everything but what is somebody else's alone, of which the host knows. */
  host: {
    "*": "control",
    clock: rules([...SAFETY_MODULES, ...SAFETY_CLOCKS], "read"),
    resetDomain: rules(SAFETY_MODULES, "read"),
  },
  psci: RCAR_VIEWS.psci,
  cockpit: {
    sensor: {
      // Linux' IIO and Android's sensor service tell the orientation by these.
      accel: "read",
      gyro: "read",
      temp_exterior: "read",
      temp_board: "read",
      thermal1: "read",
      volt_12v: "read",
      [VEHICLE_SENSORS.soc_traction.name]: "read",
      ...TIRES,
    },
    powerDomain: { "3dg-*": "control" },
    ...SOUND_AND_PICTURES,
    clock: { ...SOUND_AND_PICTURES.clock, "scu-*": "control", x21_clk: "control" },
    powercapDomain: { gpu: "read" },
    systemPower: "control",
  },
  cluster: {
    sensor: {
      ...WHEELS,
      ...TIRES,
      [VEHICLE_SENSORS.soc_traction.name]: "read",
      power_traction: "read",
      temp_batt_avg: "read",
      temp_exterior: "read",
      volt_12v: "read",
    },
    ...modules("du3", "cmm3", "vspd2", "fcpvd2", "lvds"),
    systemPower: "control",
  },
  safety: {
    sensor: {
      ...CHIP_TEMPERATURES,
      temp_board: "read",
      volt_dvfs: "read",
      curr_dvfs: "read",
      power_soc: "read",
      temp_batt_avg: "read",
      volt_12v: "read",
      curr_12v: "read",
      volt_traction: "read",
      curr_traction: "read",
      ...WHEELS,
      [SPEED_SHOWN.name]: "read",
    },
    clock: rules([...SAFETY_MODULES, ...SAFETY_CLOCKS], "exclusive"),
    resetDomain: rules(SAFETY_MODULES, "exclusive"),
    performanceDomain: "read",
    voltageDomain: "read",
    powercapDomain: "read",
    systemPower: "control",
  },
} as const satisfies Readonly<Record<string, ViewInput>>;

/** What the safety guest has to itself, as one device. */
const SAFETY_DEVICE: DeviceDescription = {
  name: "SAFETY",
  resources: { clock: [...SAFETY_MODULES, ...SAFETY_CLOCKS], resetDomain: SAFETY_MODULES },
};

const AGENTS: readonly AgentInput[] = [
  { name: "host", kind: "OSPM", isTrusted: true, view: VIEWS.host },
  { name: "PSCI", kind: "PSCI", view: VIEWS.psci },
  {
    name: "cockpit",
    kind: "OSPM",
    view: VIEWS.cockpit,
    // A guess that is far above what its drivers send.
    mediation: { messagesPerS: 20_000 },
    passThrough: ["HDMI0"],
    // A guess of how long it takes to restart: its picture stays meanwhile.
    onVanish: { dropAfterMs: 10_000 },
  },
  { name: "cluster", kind: "OSPM", view: VIEWS.cluster, onVanish: "reset" },
  {
    name: "safety",
    kind: "OSPM",
    view: VIEWS.safety,
    mediation: { serviceClass: "safety" },
    passThrough: [SAFETY_DEVICE.name],
    // What it had asked for holds until it says otherwise.
    onVanish: "keep",
  },
];

/** What becomes of requests for what several have. */
const ARBITRATION: ArbitrationInput = {
  clock: {
    "*": { rate: "highest" },
    // Pictures are the matter of guests: what the host asks for is answered SUCCESS and not done.
    "du*": { rate: "highest", strategies: { host: "accept-ignore" } },
    x21_clk: { strategies: { cockpit: "own", host: "accept-ignore", "*": "deny" } },
  },
  powerDomain: { "*": "vote" },
  performanceDomain: { "*": { level: { owner: "host" }, max: "lowest", min: "highest" } },
  voltageDomain: { "*": "highest" },
  powercapDomain: { "*": "lowest" },
};

/** Guests come and go; while one needs the system it runs, and nobody resets it under the safety guest. */
const SYSTEM_POLICY: SystemPolicyInput = {
  voters: ["cockpit", "cluster", "safety"],
  rules: {
    shutdown: { decide: "lastOneOut" },
    coldReset: { decide: "veto", vetoers: ["safety"], deadlineMs: 5000 },
    warmReset: { decide: "veto", vetoers: ["safety"], deadlineMs: 5000 },
    suspend: { decide: "lastOneOut" },
  },
};

/** The board. */
export const rcarGuestsBoard: Board = defineBoard({
  ...rcarBoard,
  name: "rcar-guests",
  title: "The R-Car H3 shared by a host and three guests: cockpit, instrument cluster and safety",
  agents: AGENTS,
  devices: [...rcarBoard.devices, SAFETY_DEVICE],
  arbitration: ARBITRATION,
  systemPower: { ...rcarBoard.systemPower!, policy: SYSTEM_POLICY },
  views: {},
  sensors: [...rcarBoard.sensors, SPEED_SHOWN],
  // Who may do what is said by the views alone: `rcar` has other agents.
  clocks: rcarBoard.clocks.map((clock) => ({ ...clock, rights: {} })),
});

export default rcarGuestsBoard;
