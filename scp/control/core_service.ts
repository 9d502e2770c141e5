// Answers the calls of the control channel from a running core. Each answer is a bounded piece of work, as
// agents wait meanwhile. Leaves out: how calls come in (control_channel.ts).
import type { HostTime, SteppedTime, TimeMode } from "../core/clock.ts";
import type { Release } from "../../protocols/protocol.ts";
import { reportView, type ViewReport } from "./agent_view.ts";
import { createArbitrationService } from "./arbitration_service.ts";
import {
  AGENT_PAGE,
  type AgentView,
  type CallName,
  type CallOutcome,
  type ControlCalls,
  EVENT_PAGE,
  type EventBatch,
  type PlatformView,
  type RefusalReason,
  SENSOR_PAGE,
  type SensorView,
  STEP_MAX_US,
  VIEW_PAGE,
} from "./control_calls.ts";
import type { Endpoints } from "./endpoints.ts";
import { type HardwareList, listHardware } from "./hardware_service.ts";
import { HARDWARE_PAGE, HARDWARE_PATHS, type HardwareView } from "./hardware_views.ts";
import type { Platform } from "./platform.ts";
import { showSystem } from "./system_service.ts";
import { physicalValue, sensorUnit } from "./sensor_units.ts";
import { createSteeringService } from "./steering_service.ts";
import { resourceOf } from "./trace_codes.ts";

/** A platform with what makes it run. */
export interface Core {
  readonly platform: Platform;
  readonly driver: HostTime | SteppedTime;
  readonly seed: number;
  readonly release: Release;
  readonly time: TimeMode;
  readonly endpoints: Endpoints;
  /** Ends the core when the turn is over. */
  stop(): void;
}

type Handlers = {
  readonly [N in CallName]: (params: ControlCalls[N]["params"]) => ControlCalls[N]["result"];
};

/** Makes the function that answers calls. */
export function createCoreService(core: Core): <N extends CallName>(
  name: N,
  params: ControlCalls[N]["params"],
) => ControlCalls[N]["result"] {
  const { board, machine, model } = core.platform;
  const sensorIds = new Map(model.sensors.map(({ name }, id) => [name, id]));

  const withSensor = (
    name: string,
    action: (id: number) => CallOutcome<SensorView>,
  ): CallOutcome<SensorView> => {
    const id = sensorIds.get(name);
    if (id !== undefined) return action(id);
    return refuse(
      "notFound",
      `board ${board.name} has no sensor ${JSON.stringify(name)}: GET /api/sensors lists them`,
    );
  };
  const show = (id: number) => done(showSensor(core.platform, id));

  const hardware = listHardware(core.platform);
  /** Of agents that were asked about: a view never changes. */
  const views = new Map<string, ViewReport>();

  const handlers: Handlers = {
    ...createSteeringService(core.platform, hardware.gpioLines),
    ...createArbitrationService(core.platform),
    hardware: ({ kind, from }) => {
      const { names, show }: HardwareList<HardwareView> = hardware[kind];
      // What the model does now is what agents would find.
      model.advanceTo(machine.nowUs());
      return done(names.slice(from, from + HARDWARE_PAGE).map((_name, i) => show(from + i)));
    },
    hardwareNamed: ({ kind, name }) => {
      const { names, show }: HardwareList<HardwareView> = hardware[kind];
      const index = names.indexOf(name);
      if (index < 0) {
        const path = `/api/hardware/${HARDWARE_PATHS[kind]}`;
        return refuse(
          "notFound",
          `no ${JSON.stringify(name)} on board ${board.name}: GET ${path} lists them`,
        );
      }
      model.advanceTo(machine.nowUs());
      return done(show(index));
    },
    platform: () => done(showPlatform(core)),
    sensors: ({ from }) =>
      done(
        model.sensors.slice(from, from + SENSOR_PAGE).map((_sensor, i) =>
          showSensor(core.platform, from + i)
        ),
      ),
    sensor: ({ name }) => withSensor(name, show),
    override: ({ name, values }) =>
      withSensor(name, (id) => {
        const wanted = model.sensors[id]!.quantities.length;
        if (values.length !== wanted) {
          return refuse(
            "invalid",
            `sensor ${name} takes ${wanted} value(s), not ${values.length}: one for each axis`,
          );
        }
        if (!values.every(Number.isFinite)) {
          return refuse("invalid", `sensor ${name}: every value has to be a number`);
        }
        model.override(id, values);
        return show(id);
      }),
    release: ({ name }) =>
      withSensor(name, (id) => {
        model.release(id);
        return show(id);
      }),
    agents: ({ from }) => done(showAgents(core, from)),
    agentView: ({ name, from }) => {
      if (machine.agents.find(name) === undefined) {
        const path = "/api/agents";
        return refuse(
          "notFound",
          `no agent ${JSON.stringify(name)} on board ${board.name}: GET ${path} lists them`,
        );
      }
      let report = views.get(name);
      if (report === undefined) views.set(name, report = reportView(board, name));
      return done({ ...report, resources: report.resources.slice(from, from + VIEW_PAGE) });
    },
    system: () => {
      const view = showSystem(core.platform);
      return view === null
        ? refuse(
          "notFound",
          `board ${board.name} has no power of the system as a whole: add systemPower to it`,
        )
        : done(view);
    },
    trace: () => done({ nowUs: machine.nowUs(), counts: machine.trace.counts() }),
    step: ({ us }) => {
      const { driver } = core;
      if (!("advance" in driver)) {
        return refuse("conflict", "time passes by itself: start with --time stepped to step it");
      }
      if (!Number.isSafeInteger(us) || us < 1 || us > STEP_MAX_US) {
        return refuse("invalid", `us has to be a whole number from 1 to ${STEP_MAX_US}`);
      }
      driver.advance(us);
      machine.step(driver.nowUs());
      model.advanceTo(machine.nowUs());
      return done({ nowUs: machine.nowUs() });
    },
    events: ({ fromSequence }) => done(eventsFrom(core.platform, fromSequence)),
    stop: () => {
      core.stop();
      return done(null);
    },
  };
  return (name, params) => handlers[name](params);
}

function done<T>(value: T): CallOutcome<T> {
  return { ok: true, value };
}

function refuse(reason: RefusalReason, problem: string): CallOutcome<never> {
  return { ok: false, reason, problem };
}

function showPlatform(core: Core): PlatformView {
  const { board, machine } = core.platform;
  return {
    name: board.name,
    title: board.title,
    identity: { ...board.identity },
    agents: machine.agents.all.map(({ id, name, plan }) => ({ id, name, isTrusted: plan.isTrusted })),
    protocols: machine.plan.protocols.map(({ definition, versionMax }) => ({
      id: definition.id,
      name: definition.name,
      version: versionMax,
    })),
    release: core.release,
    seed: core.seed,
    time: core.time,
    nowUs: machine.nowUs(),
    sensorCount: core.platform.model.sensors.length,
    endpoints: core.endpoints.open.map(({ spec, plan: { scheme, path, agent } }) => ({
      spec,
      transport: scheme,
      path,
      agent,
    })),
  };
}

function showSensor({ board, machine, model }: Platform, id: number): SensorView {
  const sensor = model.sensors[id]!;
  const { typeCode, unitExponent } = sensor.quantities[0]!;
  const sample = sensor.sampleAt(machine.nowUs());
  const readings = sample.failure === null ? [...sample.values] : [];
  return {
    id,
    name: sensor.name,
    ...sensorUnit(typeCode),
    typeCode,
    unitExponent,
    axes: sensor.isVector ? sensor.quantities.map(({ name }) => name) : null,
    suppliedBy: board.sensors[id]!.suppliedBy,
    readings,
    values: readings.map((value) => physicalValue(value, unitExponent)),
    truth: [...model.truth(id)],
    timestampUs: sample.timeUs,
    isOverridden: model.overrideOf(id) !== null,
    fault: sample.failure,
  };
}

function showAgents({ platform: { machine }, endpoints }: Core, from: number): AgentView[] {
  return machine.agents.all.slice(from, from + AGENT_PAGE).map((agent) => ({
    id: agent.id,
    name: agent.name,
    isTrusted: agent.plan.isTrusted,
    service: {
      ...agent.plan.mediation,
      isHeld: agent.service.isHeld,
      heldCount: agent.service.heldCount,
    },
    protocols: agent.messageCounts(),
    channels: agent.channels.map((channel) => ({
      spec: endpoints.specOf(channel),
      isAttached: channel.outbox.hasSink,
    })),
  }));
}

function eventsFrom({ machine: { trace }, model }: Platform, fromSequence: number | null): EventBatch {
  const nextSequence = Object.values(trace.counts()).reduce((sum, count) => sum + count, 0);
  const newCount = Math.max(0, nextSequence - (fromSequence ?? nextSequence));
  const events = trace.last(Math.min(newCount, EVENT_PAGE))
    .map((event) => ({ ...event, resource: resourceOf(model.view, event) }));
  return { events, droppedCount: newCount - events.length, nextSequence };
}
