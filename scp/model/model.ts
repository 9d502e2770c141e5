// The simulated hardware of one board, put together: world, chip, vehicle, lags, sensors. Everything is a function of
// virtual time, the seed, and what was set from outside; who reads which sensor when has no influence on any reading.
import type { Board, ErrorProfile } from "../../boards/board.ts";
import type { SensorDescription } from "../../boards/sensor_description.ts";
import { assert } from "../core/assert.ts";
import { type Scheduler, Timeline } from "../core/timeline.ts";
import { Arbitration } from "./arbitration/arbitration.ts";
import { PassThrough } from "./arbitration/pass_through.ts";
import { Chip } from "./chip.ts";
import { ClockLoad } from "./clock_load.ts";
import { ClockTree } from "./clock_tree.ts";
import { Dvfs } from "./dvfs.ts";
import type { SimulatedGpioLine } from "./gpio_line.ts";
import { GpioLines } from "./gpio_lines.ts";
import { type HardwareView, NO_HARDWARE } from "./hardware.ts";
import { LagPart } from "./lag.ts";
import { LoadProfile } from "./load_profile.ts";
import { PinControl } from "./pin_control.ts";
import { PowercapTree } from "./powercap_tree.ts";
import { PowerTree } from "./power_tree.ts";
import { SimulatedResetDomain } from "./reset_domain.ts";
import type { SampleFailure, Sensor } from "./sensor.ts";
import type { SensorSupplier } from "./sensor_supplier.ts";
import { type ModelInput, scalarSignal, type SignalTable, StateLayout, UNIT } from "./signal.ts";
import { SimulatedSensor } from "./simulated_sensor.ts";
import { ReferredValue, Supplier } from "./referred_value.ts";
import { Supply } from "./supply.ts";
import { type Resettable, SystemPowerControl } from "./system_power_control.ts";
import { TEMPERATURE_MAX_C, TEMPERATURE_MIN_C } from "./thermal.ts";
import { ThermalGovernor } from "./thermal_governor.ts";
import { VehiclePart } from "./vehicle.ts";
import { type Part, World } from "./world.ts";

/** What a model is made with. */
export interface ModelOptions {
  /** Any whole number up to 2^53. */
  readonly seed: number;
  /** The time in which transitions take place; one of its own unless given. */
  readonly scheduler?: Scheduler;
  /** The board's own profile unless given. */
  readonly profile?: ErrorProfile;
}

/** The simulated hardware of a board. */
export interface Model {
  /** All hardware of the board that protocols can name; the place is the wire id. */
  readonly view: HardwareView;
  /** The board's sensors; the place is the wire id. */
  readonly sensors: readonly Sensor[];
  /** All power domains, also those that agents are not shown. */
  readonly powerTree: PowerTree;
  /** The power of the system as a whole; null = the board leaves it to nobody. */
  readonly systemPower: SystemPowerControl | null;
  readonly clockTree: ClockTree;
  /** The place is the wire id. */
  readonly resetDomains: readonly SimulatedResetDomain[];
  readonly pinControl: PinControl;
  /** Rails, voltage domains and performance domains. */
  readonly dvfs: Dvfs;
  readonly thermalGovernors: readonly ThermalGovernor[];
  readonly powercapTree: PowercapTree;
  /** What several agents want of the hardware that they share. */
  readonly arbitration: Arbitration;
  /** The hardware as an agent has it: where it shares some with others, its requests are votes. */
  hardwareOf(agentId: number): HardwareView;
  /** Pins of a GPIO device, in the board's order. */
  readonly gpioLines: readonly SimulatedGpioLine[];
  /** Names of the signals that the board's physics offers. */
  readonly signalNames: readonly string[];
  /**
   * What `setInput` takes: `ambientC`, `mhz.BLOCK`, `utilisation.BLOCK`, `road.gradeRad`, `road.bankRad`, and the switches
   * that GPIO lines follow, such as `vehicle.doorFrontLeft`. The frequency of a block with a performance domain is a request
   * to that, which the next one of an agent replaces.
   */
  readonly inputs: readonly ModelInput[];
  /** Moves the physics to a virtual time, us; it never falls. About 0.1 ms of work per simulated second. */
  advanceTo(timeUs: number): void;
  /** Returns the physical value(s) of a sensor, in the unit of its type, without any error, at the last advance. */
  truth(sensorIndex: number): readonly number[];
  /** Makes a sensor show exactly these values (quantised, saturated) until `release`. The physics goes on. */
  override(sensorIndex: number, values: readonly number[]): void;
  /** Lets a sensor measure again. */
  release(sensorIndex: number): void;
  /** Returns the values that a sensor is made to show, or null. */
  overrideOf(sensorIndex: number): readonly number[] | null;
  /** How often a sensor has taken a sample, however many have read each of them. */
  sampleCountOf(sensorIndex: number): number;
  /** What an agent supplies sensors with; null = it supplies none. */
  supplierOf(agentId: number): SensorSupplier | null;
  /** Makes a sensor fail, or (null) work again. */
  setFault(sensorIndex: number, fault: SampleFailure | null): void;
  /** Returns the failure that a sensor is made to have, or null. */
  faultOf(sensorIndex: number): SampleFailure | null;
  /** What agents have to themselves. */
  readonly passThrough: PassThrough;
  /** Brings up what an agent has to itself, as when it comes back after it had vanished. */
  bringUp(agentId: number): void;
  /**
   * Takes back what an agent has asked for, as when it has vanished, so that the hardware is as if it had never spoken. Under a policy
   * that is its votes: what the others' make is put into force. Without one the last request counts, so that the former ones of
   * others are forgotten: what the agent was the last to set goes back to what it is at boot.
   *
   * Of clocks: wanting them to run, and to stop what runs at boot; rate, parent, duty cycle and phase. Of power domains, voltages and
   * modes, performance levels and limits, caps and averaging intervals, resets: the state. Pins: what it has taken, function and
   * configuration. Changes that it has begun are given up. What the agent has to itself is brought up again. What stays: what would
   * disturb what another agent has to itself, or put a clock outside its limits; votes on the power of the system, of which
   * scp/model/system_votes.ts decides; what it has subscribed to, which ends with its channels.
   */
  dropVotes(agentId: number): void;
  /**
   * Sets an input of the physics from the last advance on; null gives it back to the board. Returns false, and changes
   * nothing, when there is no such input or the value is outside its bounds.
   */
  setInput(name: string, value: number | null): boolean;
}

/** Makes the model of a board at virtual time 0. */
export function createModel(board: Board, options: ModelOptions): Model {
  const layout = new StateLayout();
  const signals: SignalTable = new Map();
  const parts: Part[] = [];
  const ambientSlot = layout.takeInput("ambientC", TEMPERATURE_MIN_C, TEMPERATURE_MAX_C);
  signals.set(
    "ambient.temperature",
    scalarSignal(UNIT.celsius, (state) => {
      const setC = state[ambientSlot]!;
      return Number.isNaN(setC) ? board.ambientC : setC;
    }),
  );
  const ownTimeline = new Timeline();
  const scheduler = options.scheduler ?? ownTimeline;
  const nowUs = () => Math.max(world.nowUs, scheduler.nowUs());
  // Before hardware changes, physics gets to the present with it as it was.
  const catchUp = () => world.advanceTo(nowUs());
  const advanceTo = (timeUs: number) => {
    if (timeUs > ownTimeline.nowUs()) ownTimeline.advanceTo(timeUs);
    world.advanceTo(timeUs);
  };
  const powerTree = new PowerTree(board, scheduler, catchUp);
  const clockTree = new ClockTree({
    clocks: board.clocks,
    clockSources: board.clockSources,
    agentNames: board.agents.map(({ name }) => name),
    gates: new Map(powerTree.domains.map((domain) => [domain.name, domain])),
    scheduler,
  });
  powerTree.holdOn(({ name }, agentId) => clockTree.isDisturbedBy(name, agentId));
  const resetDomains = board.resetDomains.map((each) => new SimulatedResetDomain(each, scheduler));
  const supply = new Supply(board.powerDomains, layout);
  const clockLoad = new ClockLoad(clockTree, layout);
  const dvfs = new Dvfs(board, layout, scheduler);
  const chip = new Chip(board, layout, signals, { ambientSlot, supply, clockLoad, dvfs });
  const powercapTree = new PowercapTree(board, {
    scheduler,
    performanceDomains: dvfs.performanceDomains,
    powerSlotOf: (block) => chip.powerSlotOf(block),
    catchUp,
  });
  parts.push(chip, powercapTree.meters);
  if (board.vehicle !== null) {
    parts.push(new VehiclePart(board.vehicle, board.ambientC, layout, signals, ambientSlot));
  }
  const gpio = new GpioLines(board, { scheduler, nowUs });
  parts.push(...gpio.parts);
  const lags = new LagPart(layout);
  parts.push(lags);

  const profile = options.profile ?? board.profile;
  const sources = board.sensors.map(({ signal: name, errors }) => {
    if (name === null) return null;
    const signal = signals.get(name);
    assert(signal !== undefined, `signal ${name} exists`);
    return lags.follow(name, signal, profile === "road" ? errors.lagS : 0);
  });
  const world = new World(layout, parts);
  supply.follow(powerTree, world.state);
  clockLoad.follow(world.state, catchUp);
  dvfs.follow(world.state, catchUp);
  new LoadProfile(board.power.phases, dvfs.performanceDomains, scheduler);
  const pinControl = new PinControl(board);
  /** What a reset of the system puts back into its boot state. */
  const arbitration = new Arbitration(board.arbitration, board.agents.map(({ name }) => name), {
    clocks: clockTree.clocks,
    powerTree,
    performanceDomains: dvfs.performanceDomains,
    voltageDomains: dvfs.voltageDomains,
    powercapDomains: powercapTree.domains,
    resetDomains,
    pinControl,
  }, () => scheduler.nowUs());
  const hardware: Resettable[] = [arbitration, clockTree, ...resetDomains, powercapTree, dvfs, pinControl, {
    // When all of it has been reset, and the domains have booted.
    reset: () => void scheduler.at(scheduler.nowUs(), () => passThrough.bringAllUp()),
  }];
  const systemPower = board.systemPower === null
    ? null
    : new SystemPowerControl(board.systemPower, board.agents, powerTree, scheduler, hardware);
  const suppliers = new Map<string, Supplier>();
  const referredTo = (description: SensorDescription): ReferredValue => {
    const { axes, suppliedBy, staleAfterMs } = description;
    const agentId = board.agents.findIndex(({ name }) => name === suppliedBy) + 1;
    assert(suppliedBy !== null && agentId > 0, `sensor ${description.name} is supplied by an agent`);
    const supplier = suppliers.get(suppliedBy) ?? new Supplier(agentId);
    suppliers.set(suppliedBy, supplier);
    const staleAfterUs = staleAfterMs === null ? null : staleAfterMs * 1000;
    return new ReferredValue(supplier, axes?.length ?? 1, staleAfterUs, scheduler);
  };
  const sensors = board.sensors.map((description, index) => {
    const signal = sources[index]!;
    return new SimulatedSensor(
      description,
      signal === null
        ? { referred: referredTo(description) }
        : { signal, world, profile, seed: options.seed, advanceTo },
    );
  });
  const sensorAt = (index: number): SimulatedSensor => {
    const sensor = sensors[index];
    assert(sensor !== undefined, `sensor ${index} exists`);
    return sensor;
  };
  connectSupply(board, sensors, powerTree);
  const thermalGovernors = board.thermalGovernors.map((plan) =>
    new ThermalGovernor(plan, {
      scheduler,
      domains: dvfs.performanceDomains.filter(({ name }) => plan.performanceDomains.includes(name)),
      readC: () => {
        catchUp();
        return readScalar(signals, `temperature.${plan.node}`, world);
      },
    })
  );
  const view: HardwareView = {
    ...NO_HARDWARE,
    sensor: sensors,
    powerDomain: powerTree.exposed,
    clock: clockTree.clocks,
    resetDomain: resetDomains,
    pin: pinControl.pins,
    pinGroup: pinControl.groups,
    pinFunction: pinControl.functions,
    performanceDomain: dvfs.performanceDomains,
    voltageDomain: dvfs.voltageDomains,
    powercapDomain: powercapTree.domains,
    systemPower: systemPower === null ? [] : [systemPower],
  };
  const hardwareOf = (agentId: number) => arbitration.hardwareOf(view, agentId);
  const passThrough = new PassThrough(
    board,
    { clocks: clockTree.clocks, powerTree, resetDomains, scheduler },
    hardwareOf,
  );
  passThrough.bringAllUp();
  return {
    view,
    passThrough,
    sensors,
    powerTree,
    systemPower,
    clockTree,
    resetDomains,
    pinControl,
    dvfs,
    thermalGovernors,
    powercapTree,
    gpioLines: gpio.all,
    signalNames: [...signals.keys()],
    inputs: [...world.inputs, ...dvfs.inputs, ...gpio.inputs],
    advanceTo,
    truth: (index) => sensorAt(index).truth(),
    override: (index, values) => sensorAt(index).setOverride(values),
    release: (index) => sensorAt(index).setOverride(null),
    overrideOf: (index) => sensorAt(index).overridden,
    sampleCountOf: (index) => sensorAt(index).sampleCount,
    supplierOf: (agentId) => suppliers.get(board.agents[agentId - 1]?.name ?? "") ?? null,
    setFault: (index, fault) => sensorAt(index).setFailure(fault),
    faultOf: (index) => sensorAt(index).failure,
    arbitration,
    hardwareOf,
    dropVotes(agentId) {
      arbitration.dropVotes(agentId);
      passThrough.bringUp(agentId);
    },
    bringUp: (agentId) => passThrough.bringUp(agentId),
    setInput: (name, value) =>
      gpio.setInput(name, value) ?? dvfs.setInput(name, value) ?? world.setInput(name, value),
  };
}

/** Reads a signal of one component at the time of the last advance. */
function readScalar(signals: SignalTable, name: string, world: World): number {
  const out = new Float64Array(1);
  signals.get(name)!.read(world.state, world.nowUs, out);
  return out[0]!;
}

/** Lets the sensors that belong to a power domain fail while it is not on. */
function connectSupply(board: Board, sensors: readonly SimulatedSensor[], tree: PowerTree): void {
  board.sensors.forEach(({ powerDomain }, index) => {
    if (powerDomain === null) return;
    const domain = tree.find(powerDomain);
    assert(domain !== undefined, `power domain ${powerDomain} exists`);
    const sensor = sensors[index]!;
    sensor.setSupplied(domain.isOn);
    domain.listen(() => sensor.setSupplied(domain.isOn));
  });
}
