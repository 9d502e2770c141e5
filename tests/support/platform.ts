// Builds small platforms for tests and speaks to them over loopback, without a clock: tests step the time.
import { AgentClient, type CallResult, encodeCommand } from "../../scp/agent/agent.ts";
import type { CommandSchema, ParamsOf, ReturnsOf } from "../../scp/core/schema.ts";
import { STATUS } from "../../scp/core/status.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { type HardwareView, NO_HARDWARE } from "../../scp/model/hardware.ts";
import type { Sensor } from "../../scp/model/sensor.ts";
import type { SensorSupplier } from "../../scp/model/sensor_supplier.ts";
import type { Release } from "../../protocols/protocol.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import { type MediationDescription, PLAIN_MEDIATION } from "../../boards/mediation.ts";
import type { VanishPolicy } from "../../boards/vanish.ts";
import type { Device } from "../../scp/server/agents.ts";
import type { Channel } from "../../scp/server/dispatcher.ts";
import { Machine } from "../../scp/server/machine.ts";
import { LoopbackChannel, type LoopbackOptions } from "../../transports/loopback.ts";
import { axes, SettableSensor } from "./constant_sensors.ts";

/** What a test platform is made of; every part has a default. */
export interface TestPlan {
  readonly sensors?: readonly Sensor[];
  /** Other hardware than sensors; none unless given. */
  readonly view?: Partial<HardwareView>;
  /** The time the hardware lives in, when it has any of its own. */
  readonly timeline?: Timeline;
  /** What each agent supplies with values; nothing unless given. */
  readonly supplier?: SensorSupplier;
  readonly release?: Release;
  readonly devices?: readonly Device[];
  /** Agents and whether they are trusted; `OSPM`, trusted, and `VM1`, not, unless given. */
  readonly agents?: readonly {
    readonly name: string;
    readonly isTrusted: boolean;
    readonly mediation?: MediationDescription;
    readonly onVanish?: VanishPolicy;
  }[];
}

/** A scalar temperature, a three-axis accelerometer, and a sensor with a long name. */
export function defaultSensors(): SettableSensor[] {
  return [
    new SettableSensor("temp"),
    new SettableSensor("accel", { isVector: true, quantities: axes("accel"), tripPointCount: 0 }),
    new SettableSensor("Vehicle.Exterior.AirTemperature"),
  ];
}

/** Builds a platform. */
export function createMachine(plan: TestPlan = {}): Machine {
  const release = plan.release ?? "3.2";
  const sensors = plan.sensors ?? defaultSensors();
  const agents = plan.agents ?? [{ name: "OSPM", isTrusted: true }, { name: "VM1", isTrusted: false }];
  return new Machine({
    vendor: "test",
    subVendor: "sub",
    implementationVersion: 0x10203,
    protocols: PROTOCOLS.flatMap((definition) => {
      const versionMax = definition.releases[release];
      return versionMax === null ? [] : [{ definition, versionMax }];
    }),
    devices: plan.devices ?? [{ name: "all", resources: { sensor: sensors.map(({ name }) => name) } }],
    agents: agents.map((agent) => ({
      mediation: PLAIN_MEDIATION,
      ...agent,
      view: { ...NO_HARDWARE, ...plan.view, sensor: sensors },
      supplier: plan.supplier ?? null,
    })),
  }, plan.timeline ?? new Timeline());
}

/** An agent on a loopback channel of a machine. */
export interface TestAgent {
  readonly channel: Channel;
  readonly loopback: LoopbackChannel;
  readonly client: AgentClient;
  /** Everything that came without being a response: whole messages. */
  readonly heard: Uint8Array[];
}

/** Connects an agent of a machine. */
export function connectAgent(machine: Machine, name = "OSPM", options: LoopbackOptions = {}): TestAgent {
  const channel = machine.openChannel(name)!;
  const loopback = new LoopbackChannel(channel, options);
  const client = new AgentClient(loopback);
  const heard: Uint8Array[] = [];
  const receive = loopback.onMessage!;
  loopback.onMessage = (message) => {
    if ((message[1]! & 3) !== 0) heard.push(message);
    receive(message);
  };
  return { channel, loopback, client, heard };
}

/** Calls and returns the values; fails the test on any status but SUCCESS. */
export async function callOk<S extends CommandSchema>(
  agent: TestAgent,
  protocolId: number,
  schema: S,
  params: ParamsOf<S>,
): Promise<ReturnsOf<S>> {
  const result: CallResult<ReturnsOf<S>> = await agent.client.call(protocolId, schema, params);
  if (!result.ok) throw new Error(`${schema.name} answers ${result.status}`);
  return result.values;
}

/** Calls and returns the name of the status. */
export async function callStatus<S extends CommandSchema>(
  agent: TestAgent,
  protocolId: number,
  schema: S,
  params: ParamsOf<S>,
): Promise<string> {
  const result = await agent.client.call(protocolId, schema, params);
  return result.ok ? "SUCCESS" : result.status;
}

/** Sends bytes that no schema makes; returns the status of the response, or null when there is none. */
export function statusOfBytes(agent: TestAgent, message: Uint8Array): number | null {
  const reply = agent.loopback.exchange(message);
  if (reply === null) return null;
  return new DataView(reply.buffer, reply.byteOffset).getInt32(4, true);
}

export { encodeCommand, STATUS };
