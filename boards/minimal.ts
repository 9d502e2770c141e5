// The smallest board that shows something, to copy from: one agent, a chip that warms up under a changing load, and three
// sensors. `deno task scp --board ./my_board.ts` runs a copy; every mistake in it is listed with its place. `defineBoard`
// only helps the editor: a copy elsewhere may drop it and export the object itself, or be written as YAML or JSON.
import { type Board, defineBoard } from "./board.ts";

/** The board. */
export const minimalBoard: Board = defineBoard({
  name: "minimal",
  title: "One agent and three sensors, to copy from",
  // What agents read with BASE_DISCOVER_VENDOR and its fellows; up to 15 characters each.
  identity: { vendor: "scmi-sim", subVendor: "minimal", implementationVersion: 1 },
  // The first agent has id 1; 0 is the platform. The only agent sees the whole board; of several each sees what its view names,
  // under ids of its own: view: { sensor: "read", clock: { bus: "control", "cry*": "read" } }.
  agents: [{ name: "OSPM", kind: "OSPM" }],
  ambientC: 25,
  // Two bodies: the chip warms its heatsink, the heatsink warms the room.
  thermal: {
    nodes: [{ name: "chip", heatCapacityJPerK: 0.5 }, { name: "heatsink", heatCapacityJPerK: 20 }],
    links: [
      { from: "chip", to: "heatsink", resistanceKPerW: 1 },
      { from: "heatsink", to: "ambient", resistanceKPerW: 5 },
    ],
  },
  power: {
    // The regulator takes 50 us to be told, then moves 5 mV a microsecond.
    rails: [{
      name: "core",
      loadLineOhm: 0.005,
      regulator: {
        steps: { kind: "segment", lowestUv: 700_000, highestUv: 1_000_000, stepUv: 10_000 },
        startUv: 800_000,
        startsOn: true,
        canSwitchOff: false,
        ownModes: [],
        slewUvPerUs: 5_000,
        commandUs: 50,
      },
    }],
    // Dynamic power is dynamicUwPerMhzV2 x MHz x V^2; half a watt is drawn always.
    blocks: [{
      name: "cpu",
      node: "chip",
      rail: "core",
      powerDomain: "soc",
      fixedW: 0.5,
      loadW: 0,
      dynamicUwPerMhzV2: 2000,
      idleActivity: 0.05,
      leakageA: 0.1,
      leakageVolts: 0.9,
      operatingPoints: [{ mhz: 400, volts: 0.8 }, { mhz: 1200, volts: 0.9 }],
    }],
    // These repeat for ever. A frequency is asked of the performance domain of the block, until an agent asks.
    phases: [
      { name: "idle", durationS: 30, loads: { cpu: { mhz: 400, utilisation: 0.05 } } },
      { name: "busy", durationS: 30, loads: { cpu: { mhz: 1200, utilisation: 0.9 } } },
    ],
  },
  // Levels are named as the board likes; each has the frequency of an operating point of the block.
  performanceDomains: [{
    id: 0,
    name: "cpu",
    block: "cpu",
    levels: [{ level: 400, mhz: 400, powerCost: 512 }, { level: 1200, mhz: 1200, powerCost: 1944 }],
    latencyUs: 200,
  }],
  // Agents may raise the rail above what the block needs at its level.
  voltageDomains: [{ id: 0, name: "core", rail: "core" }],
  // Agents may measure what the chip draws, and keep that below 0.7 to 4 W, if need be at its slower level.
  powercapDomains: [{ id: 0, name: "chip", blocks: ["cpu"], cap: { min: 700, max: 4000, step: 1 } }],
  // One level down for every half second at 80 degrees or more, and back below 75.
  thermalGovernors: [{
    node: "chip",
    passiveC: 80,
    hysteresisC: 5,
    periodUs: 500_000,
    performanceDomains: ["cpu"],
  }],
  // A parent is on before its children; agents cannot switch off what is always on.
  powerDomains: [
    { id: 0, name: "soc", kind: "device", isAlwaysOn: true },
    // Off until an agent switches it on, in the same moment or, if asked to, after 500 us.
    {
      id: 1,
      name: "camera",
      kind: "device",
      parent: "soc",
      onLatencyUs: 500,
      offLatencyUs: 200,
      supportsAsync: true,
    },
  ],
  clocks: [
    { id: 0, name: "crystal", rateHz: 24_000_000 },
    // An eighth to a half of the crystal; agents can hear when it changes.
    {
      id: 1,
      name: "bus",
      parents: ["crystal"],
      ratio: { kind: "dividers", dividers: [2, 4, 8], divider: 2 },
      notifiesRate: true,
    },
    // A gate at the rate of the parent that agents choose; it runs while its power domain is on.
    {
      id: 2,
      name: "camera",
      parents: ["bus", "crystal"],
      hasGate: true,
      startsEnabled: false,
      powerDomain: "camera",
    },
  ],
  // Held in reset until an agent releases it, or pulsed, which takes 100 us.
  resetDomains: [{ id: 0, name: "camera", pulseUs: 100, supportsAsync: true, notifies: true }],
  // Each with the config types that it has (2 = no bias, 4 = pulled up, 10 = drive strength in mA), their values and the value
  // at boot: off or on, and off, unless given.
  pins: [
    { id: 0, name: "tx", configs: [{ typeCode: 2, start: 1 }, { typeCode: 4 }] },
    { id: 1, name: "rx", configs: [{ typeCode: 2 }, { typeCode: 4, start: 1 }] },
    { id: 2, name: "scl", configs: [{ typeCode: 4 }, { typeCode: 10, min: 2, max: 8, step: 2, start: 4 }] },
    { id: 3, name: "sda", configs: [{ typeCode: 4 }, { typeCode: 10, min: 2, max: 8, step: 2, start: 4 }] },
  ],
  // Pins that are used as one; a boot loader has set up the first group as its console.
  pinGroups: [
    { id: 0, name: "serial", pins: ["tx", "rx"], bootFunction: "uart" },
    { id: 1, name: "bus", pins: ["scl", "sda"] },
  ],
  // What groups can be put to. A pin has one function at most, whatever groups it is in.
  pinFunctions: [
    { id: 0, name: "uart", groups: ["serial"] },
    { id: 1, name: "i2c", groups: ["serial", "bus"] },
  ],
  // Wire ids are written out, as guests match on them: 0, 1, 2 without a gap.
  sensors: [
    {
      id: 0,
      name: "temp_chip",
      typeCode: 2, // degree Celsius; Linux' hwmon shows types 2, 5, 6, 7 and 8
      unitExponent: -3, // readings in thousandths: 25.5 degrees is 25500
      signal: "temperature.chip",
      rangeMin: -40,
      rangeMax: 125,
      step: { mantissa: 1, exponent: -1 }, // readings are multiples of 0.1 degrees
      samplePeriodUs: 100_000,
      tripPointCount: 1,
    },
    {
      id: 1,
      name: "volt_core",
      typeCode: 5,
      unitExponent: -3,
      signal: "rail.core.voltage",
      rangeMin: 0,
      rangeMax: 2,
      step: { mantissa: 1, exponent: -3 },
      samplePeriodUs: 10_000,
    },
    {
      id: 2,
      name: "power_chip",
      typeCode: 7,
      unitExponent: -6,
      signal: "chip.power",
      rangeMin: 0,
      rangeMax: 20,
      step: { mantissa: 1, exponent: -3 },
      samplePeriodUs: 10_000,
    },
  ],
});

export default minimalBoard;
