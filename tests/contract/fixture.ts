// What the tests of the contract share: a small machine, its agents behind one transport, and the commands they send.
import { assert, assertEquals } from "@std/assert";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { SENSOR_CONTINUOUS_UPDATE_NOTIFY, SENSOR_READING_GET } from "../../protocols/sensor/messages.ts";
import type { Machine } from "../../scp/server/machine.ts";
import { axes, SettableSensor } from "../support/constant_sensors.ts";
import { createMachine } from "../support/platform.ts";
import type {
  AgentOptions,
  ClosablePort,
  ContractAgent,
  ContractSite,
  ContractTransport,
  ServeOptions,
} from "./transport.ts";

export const BASE = 0x10;
export const SENSOR = 0x15;
/** The tests' temperature sensor; its asynchronous reading takes 2 ms, its updates come every 100 ms. */
export const TEMPERATURE = { sensorId: 0 } as const;
export const READ_NOW = { ...TEMPERATURE, flags: { async: false } } as const;
/** More than a delayed response takes, less than an update. */
export const ENOUGH_US = 10_000;
export const UPDATE_US = 100_000;
/** Eight axes: the longest response that is never divided. */
export const WIDE = { sensorId: 1 } as const;
export const WIDE_RESPONSE_SIZE = 8 + 8 * 16;

/** Asks for a response and nothing else. */
export function askVersion(token: number): Uint8Array {
  return encodeCommand(BASE, PROTOCOL_VERSION, {}, token);
}

/** Asks for a delayed response. */
export function readLater(token: number): Uint8Array {
  return encodeCommand(SENSOR, SENSOR_READING_GET, { ...TEMPERATURE, flags: { async: true } }, token);
}

/** Asks for updates. */
export function subscribe(token: number): Uint8Array {
  const enable = { ...TEMPERATURE, notifyEnable: { enable: true } };
  return encodeCommand(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY, enable, token);
}

/** The value that an update of a scalar sensor tells: behind header, agent and sensor. */
export function valueOfUpdate(update: Uint8Array): number {
  return Number(new DataView(update.buffer, update.byteOffset).getBigInt64(12, true));
}

/** A port that serves commands in another way, or does something beside; of FastChannels it has none. */
export function wrapServe(
  port: ClosablePort,
  serve: (inner: ClosablePort["serve"]) => ClosablePort["serve"],
): ClosablePort {
  return {
    service: port.service,
    agentName: port.agentName,
    serve: serve((request, size, reply, room) => port.serve(request, size, reply, room)),
    attach: (sink) => port.attach(sink),
    p2aReady: () => port.p2aReady(),
    reset: () => port.reset(),
    close: () => port.close(),
  };
}

/** A machine with its agent OSPM served by a transport. */
export class Fixture {
  readonly temperature = new SettableSensor("temp");
  readonly machine: Machine;
  readonly site: ContractSite;
  readonly agent: ContractAgent;
  readonly #others: ContractAgent[] = [];

  constructor(
    transport: ContractTransport,
    options: AgentOptions & ServeOptions = {},
    wrap = (port: ClosablePort) => port,
  ) {
    const wide = new SettableSensor("wide", {
      isVector: true,
      quantities: ["a", "b", "c"].flatMap(axes).slice(0, 8),
      tripPointCount: 0,
    });
    this.machine = createMachine({ sensors: [this.temperature, wide] });
    this.site = transport.serve(() => wrap(this.machine.openChannel("OSPM")!), options);
    this.agent = this.site.connect(options);
  }

  /** Sends one command and returns its response; what comes beside it fails the test. */
  exchange(message: Uint8Array, room?: number, agent = this.agent): Uint8Array {
    agent.send(message, room);
    const [response, ...others] = agent.take();
    assertEquals(others, []);
    assert(response !== undefined, "no response came");
    return response;
  }

  step(us: number): void {
    this.machine.step(this.machine.nowUs() + us);
  }

  /** Connects once more. */
  connect(): ContractAgent {
    const agent = this.site.connect();
    this.#others.push(agent);
    return agent;
  }

  close(): void {
    for (const agent of this.#others) agent.disconnect();
    this.site.close();
  }
}

/** Registers a test of one transport, its agent disconnected at the end. */
export function testOf(
  transport: ContractTransport,
  name: string,
  body: (fixture: Fixture) => void,
  options: AgentOptions & ServeOptions = {},
): void {
  Deno.test(`${transport.name} ${name}`, () => {
    const fixture = new Fixture(transport, options);
    body(fixture);
    fixture.agent.disconnect();
    fixture.close();
  });
}
