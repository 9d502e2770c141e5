// R-Car Gen3 H3 (r8a7795; Salvator-X, Salvator-XS, H3ULCB) in an electric car. Identity, agents and sensors 0 to 2 are
// those of Arm's SCP-firmware, product/rcar (SCP in the comments); the other sensors are an extension of ours. Linux
// stands for its device trees, NXP-DS for the thermal tables of the i.MX 8 data sheets; a number without a source is a
// guess of plausible size.
import { type Board, defineBoard } from "./board.ts";
import type { BlockLoad, OperatingPoint } from "./chip.ts";
import { COMPACT_EV } from "./packs/compact_ev.ts";
import { VEHICLE_GPIO_LINES } from "./packs/vehicle_gpio_lines.ts";
import { VEHICLE_SENSORS } from "./packs/vehicle_sensors.ts";
import { RCAR_CLOCKS } from "./rcar/clocks.ts";
import { RCAR_CLOCK_SOURCES } from "./rcar/core_clocks.ts";
import { RCAR_DEVICES } from "./rcar/devices.ts";
import { RCAR_PERFORMANCE_DOMAINS, RCAR_THERMAL_GOVERNORS } from "./rcar/performance_domains.ts";
import { RCAR_PIN_FUNCTIONS, RCAR_PIN_GROUPS } from "./rcar/pin_functions.ts";
import { RCAR_PINS } from "./rcar/pins.ts";
import { RCAR_POWERCAP_DOMAINS } from "./rcar/powercap_domains.ts";
import { RCAR_POWER_DOMAINS, RCAR_SYSTEM_POWER } from "./rcar/power_domains.ts";
import { RCAR_RAILS, RCAR_VOLTAGE_DOMAINS } from "./rcar/rails.ts";
import { RCAR_RESETS } from "./rcar/resets.ts";
import { RCAR_VIEWS } from "./rcar/views.ts";
import type { SensorTemplate } from "./sensor_description.ts";
import { WHOLE_BOARD } from "./view.ts";

/** Cortex-A57 cluster: frequencies and voltages of the rail (SCP, Linux). */
const BIG_POINTS: readonly OperatingPoint[] = [
  { mhz: 500, volts: 0.83 },
  { mhz: 1000, volts: 0.83 },
  { mhz: 1500, volts: 0.83 },
  { mhz: 1600, volts: 0.9 },
  { mhz: 1700, volts: 0.96 },
];

/** Cortex-A53 cluster (SCP, Linux). */
const LITTLE_POINTS: readonly OperatingPoint[] = [
  { mhz: 800, volts: 0.82 },
  { mhz: 1000, volts: 0.82 },
  { mhz: 1200, volts: 0.82 },
];

const GPU_OFF: BlockLoad = { mhz: 0, utilisation: 0 };

/** Sensors 0 to 2: 0.5 degree steps as SCP rounds; two trip points each, as the unit has two comparator interrupts. */
const DIE_TEMPERATURE = {
  typeCode: 2,
  unitExponent: -3,
  powerDomain: "SYSTOP", // the units are on the chip
  rangeMin: -40, // the driver's limits (SCP)
  rangeMax: 125,
  step: { mantissa: 5, exponent: -1 },
  samplePeriodUs: 100_000,
  errors: { offsetMax: 1.5, noiseSigma: 0.1 },
  hasExtendedAttributes: true,
  tripPointCount: 2,
  supportsContinuousUpdate: true,
  timestampExponent: -3,
  intervals: {
    kind: "list",
    list: [
      { mantissa: 100, exponent: -3 },
      { mantissa: 250, exponent: -3 },
      { mantissa: 500, exponent: -3 },
      { mantissa: 1, exponent: 0 },
    ],
  },
  defaultInterval: { mantissa: 1, exponent: 0 }, // Linux polls once a second
} as const satisfies Partial<SensorTemplate>;

/** Sensors of the regulator and of the board, read over I2C. */
const MONITOR = { samplePeriodUs: 100_000, powerUw: 1_000, hasExtendedAttributes: true } as const;

/** The board. */
export const rcarBoard: Board = defineBoard({
  name: "rcar",
  title: "R-Car Gen3 H3 in an electric car: chip, board and vehicle sensors, five agents",
  // SCP answers `renesas` twice; no Linux quirk matches it.
  identity: { vendor: "renesas", subVendor: "renesas", implementationVersion: 1 },
  agents: [
    { name: "OSPM", kind: "OSPM", isTrusted: true, view: WHOLE_BOARD },
    { name: "PSCI", kind: "PSCI", view: { extends: ["psci"] } },
    { name: "VMM", kind: "OSPM", isTrusted: true, view: WHOLE_BOARD }, // the hypervisor manages its guests
    { name: "VM1", kind: "OSPM", view: { extends: ["cockpit"] } },
    { name: "VM2", kind: "OSPM", view: { extends: ["adas"] } },
  ],
  views: RCAR_VIEWS,
  devices: RCAR_DEVICES,
  ambientC: 25,
  thermal: {
    nodes: [
      { name: "big", heatCapacityJPerK: 0.020 },
      { name: "little", heatCapacityJPerK: 0.006 },
      { name: "gpu", heatCapacityJPerK: 0.036 }, // 28 mm2 of silicon (WikiChip)
      { name: "die", heatCapacityJPerK: 0.085 }, // the rest of 111 mm2
      { name: "case", heatCapacityJPerK: 38 }, // 40 g of aluminium
      { name: "board", heatCapacityJPerK: 60 }, // 60 g of FR4 and copper
    ],
    links: [
      { from: "big", to: "die", resistanceKPerW: 1.5 },
      { from: "little", to: "die", resistanceKPerW: 3.5 },
      { from: "gpu", to: "die", resistanceKPerW: 0.9 },
      { from: "die", to: "case", resistanceKPerW: 1.0 },
      { from: "die", to: "board", resistanceKPerW: 2.9 }, // i.MX 8QXP, 21 x 21 mm flip chip (NXP-DS)
      { from: "board", to: "ambient", resistanceKPerW: 12.3 }, // derived: 15.2 without heatsink (NXP-DS)
      { from: "case", to: "ambient", resistanceKPerW: 6.0 }, // on the bench
    ],
  },
  power: {
    rails: RCAR_RAILS,
    blocks: [
      {
        name: "big",
        node: "big",
        rail: "dvfs",
        powerDomain: "CLUS0",
        fixedW: 0,
        loadW: 0,
        dynamicUwPerMhzV2: 4 * 854, // four cores (Linux)
        idleActivity: 0.08,
        leakageA: 0.235,
        leakageVolts: 0.83,
        operatingPoints: BIG_POINTS,
      },
      {
        name: "little",
        node: "little",
        rail: "vlittle",
        powerDomain: "CLUS1",
        fixedW: 0,
        loadW: 0,
        dynamicUwPerMhzV2: 4 * 277, // four cores (Linux)
        idleActivity: 0.08,
        leakageA: 0.052,
        leakageVolts: 0.82,
        operatingPoints: LITTLE_POINTS,
      },
      {
        name: "gpu",
        node: "gpu",
        rail: "vd09",
        powerDomain: "3dg-a",
        fixedW: 0,
        loadW: 0,
        dynamicUwPerMhzV2: 9000,
        idleActivity: 0.08,
        leakageA: 0.19,
        leakageVolts: 0.83,
        operatingPoints: [{ mhz: 600, volts: 0.83 }],
      },
      {
        // What is left of the chip, and the memory interface; its load follows that of the processors.
        name: "rest",
        node: "die",
        rail: "vd09",
        powerDomain: "SYSTOP",
        fixedW: 1.8,
        loadW: 2.0,
        dynamicUwPerMhzV2: 0,
        idleActivity: 0,
        leakageA: 0.25,
        leakageVolts: 0.83,
        operatingPoints: [{ mhz: 0, volts: 0.83 }],
      },
    ],
    // A cockpit over six minutes: the temperatures move, and stay below the 100 degree trip of zone 3.
    phases: [
      {
        name: "idle",
        durationS: 60,
        loads: {
          big: { mhz: 500, utilisation: 0.03 },
          little: { mhz: 800, utilisation: 0.03 },
          gpu: GPU_OFF,
          rest: { mhz: 0, utilisation: 0.03 },
        },
      },
      {
        name: "cockpit",
        durationS: 180,
        loads: {
          big: { mhz: 1500, utilisation: 0.4 },
          little: { mhz: 1200, utilisation: 0.3 },
          gpu: { mhz: 600, utilisation: 0.5 },
          rest: { mhz: 0, utilisation: 0.4 },
        },
      },
      {
        name: "stress",
        durationS: 30,
        loads: {
          big: { mhz: 1500, utilisation: 1 },
          little: { mhz: 1200, utilisation: 1 },
          gpu: { mhz: 600, utilisation: 0 },
          rest: { mhz: 0, utilisation: 0 },
        },
      },
      {
        name: "light",
        durationS: 90,
        loads: {
          big: { mhz: 1000, utilisation: 0.3 },
          little: { mhz: 1000, utilisation: 0.2 },
          gpu: { mhz: 600, utilisation: 0.2 },
          rest: { mhz: 0, utilisation: 0.3 },
        },
      },
    ],
  },
  vehicle: COMPACT_EV,
  powerDomains: RCAR_POWER_DOMAINS,
  systemPower: RCAR_SYSTEM_POWER,
  clockSources: RCAR_CLOCK_SOURCES,
  clocks: RCAR_CLOCKS,
  resetDomains: RCAR_RESETS,
  pins: RCAR_PINS,
  pinGroups: RCAR_PIN_GROUPS,
  pinFunctions: RCAR_PIN_FUNCTIONS,
  performanceDomains: RCAR_PERFORMANCE_DOMAINS,
  voltageDomains: RCAR_VOLTAGE_DOMAINS,
  powercapDomains: RCAR_POWERCAP_DOMAINS,
  thermalGovernors: RCAR_THERMAL_GOVERNORS,
  gpioLines: [
    VEHICLE_GPIO_LINES.doorFrontLeft,
    VEHICLE_GPIO_LINES.doorFrontRight,
    VEHICLE_GPIO_LINES.wheelFrontLeft,
    VEHICLE_GPIO_LINES.hazardLamp,
  ],
  sensors: [
    // Where the diodes sit is not public: the binding of 0 to 2 to nodes is a guess.
    { id: 0, name: "thermal1", signal: "temperature.gpu", ...DIE_TEMPERATURE },
    { id: 1, name: "thermal2", signal: "temperature.die", ...DIE_TEMPERATURE },
    { id: 2, name: "thermal3", signal: "temperature.big", ...DIE_TEMPERATURE },
    {
      id: 3,
      name: "volt_dvfs",
      typeCode: 5,
      unitExponent: -3,
      signal: "rail.dvfs.voltage",
      rangeMin: 0,
      rangeMax: 1.5,
      step: { mantissa: 1, exponent: -3 },
      errors: { gainMax: 0.005 },
      ...MONITOR,
    },
    {
      id: 4,
      name: "curr_dvfs",
      typeCode: 6,
      unitExponent: -3,
      signal: "rail.dvfs.current",
      rangeMin: 0,
      rangeMax: 20,
      step: { mantissa: 1, exponent: -3 },
      errors: { gainMax: 0.01, offsetMax: 0.02 },
      ...MONITOR,
    },
    {
      id: 5,
      name: "power_soc",
      typeCode: 7,
      unitExponent: -6,
      signal: "chip.power",
      rangeMin: 0,
      rangeMax: 60,
      step: { mantissa: 1, exponent: -3 },
      errors: { gainMax: 0.01 },
      ...MONITOR,
      tripPointCount: 1,
      supportsContinuousUpdate: true,
      timestampExponent: -3,
      // Any whole number of tenths of a second up to ten seconds.
      intervals: {
        kind: "segment",
        lowest: { mantissa: 1, exponent: -1 },
        highest: { mantissa: 100, exponent: -1 },
        step: { mantissa: 1, exponent: -1 },
      },
    },
    {
      id: 6,
      name: "energy_soc",
      typeCode: 8,
      unitExponent: -6,
      signal: "chip.energy",
      rangeMin: 0,
      rangeMax: 1e9,
      step: { mantissa: 1, exponent: -3 },
      errors: { noiseSigma: 0 }, // a counter never falls
      ...MONITOR,
    },
    {
      id: 7,
      name: "temp_board",
      typeCode: 2,
      unitExponent: -3,
      signal: "temperature.board",
      rangeMin: -40,
      rangeMax: 125,
      step: { mantissa: 625, exponent: -4 },
      errors: { lagS: 2, offsetMax: 1 },
      ...MONITOR,
      asyncLatencyUs: 26_000, // one conversion of 12 bits
    },
    { id: 8, ...VEHICLE_SENSORS.accel },
    { id: 9, ...VEHICLE_SENSORS.gyro },
    { id: 10, ...VEHICLE_SENSORS.temp_exterior },
    { id: 11, ...VEHICLE_SENSORS.temp_batt_avg },
    { id: 12, ...VEHICLE_SENSORS.volt_12v },
    { id: 13, ...VEHICLE_SENSORS.curr_12v },
    { id: 14, ...VEHICLE_SENSORS.volt_traction },
    { id: 15, ...VEHICLE_SENSORS.curr_traction },
    { id: 16, ...VEHICLE_SENSORS.power_traction },
    { id: 17, ...VEHICLE_SENSORS.wheel_fl },
    { id: 18, ...VEHICLE_SENSORS.wheel_fr },
    { id: 19, ...VEHICLE_SENSORS.wheel_rl },
    { id: 20, ...VEHICLE_SENSORS.wheel_rr },
    { id: 21, ...VEHICLE_SENSORS.tire_fl },
    { id: 22, ...VEHICLE_SENSORS.tire_fr },
    { id: 23, ...VEHICLE_SENSORS.tire_rl },
    { id: 24, ...VEHICLE_SENSORS.tire_rr },
    { id: 25, ...VEHICLE_SENSORS.soc_traction },
  ],
});

export default rcarBoard;
