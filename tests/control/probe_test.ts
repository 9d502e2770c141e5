// The walk of `scp probe`: over platforms of every release, and over some that answer badly or not at all.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { rcarGuestsBoard } from "../../boards/rcar_guests.ts";
import type { Release } from "../../protocols/protocol.ts";
import { isVendorProtocol, PROTOCOLS } from "../../protocols/registry.ts";
import { AgentClient } from "../../scp/agent/agent.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { probePlatform, type ProbeReport } from "../../scp/control/probe.ts";
import { probe } from "../../scp/control/probe_command.ts";
import type { ProbeOptions } from "../../scp/control/prober.ts";
import { messageIdOf, protocolIdOf } from "../../scp/core/header.ts";
import { STATUS } from "../../scp/core/status.ts";
import type { AgentChannel } from "../../transports/channel.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { LoopbackChannel, type LoopbackOptions } from "../../transports/loopback.ts";
import { listenMessage } from "../../transports/message/listener.ts";
import { MemoryTerminal } from "./local_core.ts";

const STANDARD_PROTOCOLS = PROTOCOLS.filter(({ id }) => !isVendorProtocol(id));

const OPTIONS = { timeoutMs: 5000, enables: false };

function platformOf(release: Release = "3.2") {
  return createPlatform(rcarBoard, { seed: 1, release });
}

async function probeRelease(release: Release, options: LoopbackOptions = {}): Promise<ProbeReport> {
  const channel = new LoopbackChannel(platformOf(release).machine.openChannel("OSPM")!, options);
  const report = await probePlatform(new AgentClient(channel), OPTIONS);
  assert(report !== null);
  return report;
}

/** A platform whose responses a test can change: null = none. */
function tamper(change: (header: number, response: Uint8Array) => Uint8Array | null): AgentClient {
  const inner = new LoopbackChannel(platformOf().machine.openChannel("OSPM")!);
  const channel: AgentChannel = {
    onMessage: null,
    onClose: null,
    send(message) {
      const header = new DataView(message.buffer, message.byteOffset).getUint32(0, true);
      const response = inner.exchange(message);
      const changed = response === null ? null : change(header, response);
      if (changed !== null) channel.onMessage?.(changed);
    },
    close: () => inner.close(),
  };
  return new AgentClient(channel);
}

function withStatus(response: Uint8Array, status: number): Uint8Array {
  const refused = response.slice(0, 8);
  new DataView(refused.buffer).setInt32(4, status, true);
  return refused;
}

Deno.test("probePlatform finds everything of the newest release", async () => {
  const report = await probeRelease("3.2");
  assertEquals(report.failures, []);
  assertEquals([report.vendor, report.subVendor, report.implementationVersion], ["renesas", "renesas", 1]);
  assertEquals(report.agents.map(({ id, name }) => `${id} ${name}`), [
    "0 platform",
    "1 OSPM",
    "2 PSCI",
    "3 VMM",
    "4 VM1",
    "5 VM2",
  ]);
  const served = STANDARD_PROTOCOLS.map(({ id, name, releases }) => ({ id, name, version: releases["3.2"] }))
    .filter(({ version }) => version !== null);
  assertEquals(report.protocols, served);
  assertEquals(report.sensors.map(({ name }) => name), rcarBoard.sensors.map(({ name }) => name));
  const [thermal1] = report.sensors;
  assertEquals(thermal1!.intervals, { isSegment: false, seconds: ["0.100", "0.250", "0.500", "1"] });
  assertEquals(thermal1!.axes[0]!.range, { min: "-40.000", max: "125.000", step: "0.5" });
  assertEquals(report.sensors[5]!.intervals, { isSegment: true, seconds: ["0.1", "10.0", "0.1"] });
  const accel = report.sensors[8]!;
  assertEquals(accel.axes.map(({ name, unit }) => `${name} ${unit}`), [
    "accel_X m/s\u00b2",
    "accel_Y m/s\u00b2",
    "accel_Z m/s\u00b2",
  ]);
});

Deno.test("probePlatform reads the same values from every release that has them", async () => {
  const newest = await probeRelease("3.2");
  for (const release of ["1.0", "2.0", "3.0", "3.1"] as const) {
    const report = await probeRelease(release);
    assertEquals(report.failures, [], release);
    assertEquals(report.sensors.length, newest.sensors.length);
    for (const [index, sensor] of report.sensors.entries()) {
      if (sensor.isEnabled === false || newest.sensors[index]!.isEnabled === false) continue;
      assertEquals(sensor.reading, newest.sensors[index]!.reading, `${release} ${sensor.name}`);
    }
  }
});

Deno.test("probePlatform asks a vendor's protocol for its version only, as its messages may be anything", async () => {
  const { machine } = createPlatform(rcarGuestsBoard);
  const channel = new LoopbackChannel(machine.openChannel("cluster")!);
  const report = await probePlatform(new AgentClient(channel), OPTIONS);
  assertEquals(report?.protocols.at(-1), { id: 0xa0, name: null, version: 0x10000 });
  const { messages } = machine.agents.find("cluster")!.messageCounts().find(({ protocol }) =>
    protocol === "sensor_supply"
  )!;
  assertEquals(messages.map(({ name }) => name), ["PROTOCOL_VERSION"]);
});

Deno.test("probePlatform takes the layouts of version 1.0 for a platform of the first release", async () => {
  const report = await probeRelease("1.0");
  const served = STANDARD_PROTOCOLS.flatMap(({ id, releases }) =>
    releases["1.0"] === null ? [] : [{ id, version: 0x10000 }]
  );
  assertEquals(report.protocols.map(({ id, version }) => ({ id, version })), served);
  assertEquals(report.agents.length, 6);
  const [thermal1] = report.sensors;
  assertEquals([thermal1!.isEnabled, thermal1!.intervals?.seconds], [null, ["1"]]);
});

Deno.test("probePlatform walks page by page through the smallest buffers", async () => {
  const wide = await probeRelease("3.2");
  const narrow = await probeRelease("3.2", { room: 128 });
  assertEquals(narrow, wide);
});

Deno.test("probePlatform reads a sensor that is off only when told to switch it on, and leaves it off", async () => {
  const channel = new LoopbackChannel(platformOf().machine.openChannel("OSPM")!);
  const client = new AgentClient(channel);
  const before = (await probePlatform(client, OPTIONS))!.sensors[8]!;
  assertEquals([before.isEnabled, before.reading, before.failure], [false, null, "PROTOCOL_ERROR"]);
  const during = (await probePlatform(client, { ...OPTIONS, enables: true }))!.sensors[8]!;
  assertEquals(during.reading!.length, 3);
  assertEquals((await probePlatform(client, OPTIONS))!.sensors[8]!.isEnabled, false);
});

Deno.test("probePlatform goes on when single commands fail, and lists them", async () => {
  const refused = new Set([0x10 << 8 | 0x4, 0x15 << 8 | 0x9]);
  const client = tamper((header, response) => {
    const key = protocolIdOf(header) << 8 | messageIdOf(header);
    return refused.has(key) ? withStatus(response, STATUS.GENERIC_ERROR) : response;
  });
  const report = await probePlatform(client, OPTIONS);
  assertEquals([report!.vendor, report!.subVendor, report!.sensors.length], ["renesas", null, 26]);
  assertEquals(report!.failures[0], "BASE_DISCOVER_SUB_VENDOR: GENERIC_ERROR");
  assertEquals(report!.failures.filter((line) => line.startsWith("SENSOR_CONFIG_GET of ")).length, 26);
  assertEquals(report!.sensors[0]!.reading!.length, 1);
});

Deno.test("probePlatform ends with a platform that lists for ever and gives nothing", async () => {
  const client = tamper((header, response) => {
    const isList = protocolIdOf(header) === 0x15 && [0x3, 0x8].includes(messageIdOf(header));
    if (!isList) return response;
    const empty = response.slice(0, 12);
    new DataView(empty.buffer).setUint32(8, 0xffff_0000, true);
    return empty;
  });
  const report = await probePlatform(client, OPTIONS);
  assertEquals(report!.sensors, []);
  assertStringIncludes(report!.failures[0]!, "ends after 0 of 26 sensors");
});

Deno.test("probePlatform takes responses that are too short for failures", async () => {
  const client = tamper((header, response) => messageIdOf(header) === 0x3 ? response.slice(0, 10) : response);
  const report = await probePlatform(client, OPTIONS);
  assertEquals(report!.failures[0], "BASE_DISCOVER_VENDOR: BAD_ANSWER");
  const ofSensors = report!.failures.filter((line) => line.startsWith("SENSOR"));
  assertEquals(ofSensors, ["SENSOR_DESCRIPTION_GET of sensor 0 onwards: BAD_ANSWER"]);
});

Deno.test("probePlatform gives up on who never answers, and stops asking who no longer does", async () => {
  const options = { ...OPTIONS, timeoutMs: 20 };
  assertEquals(await probePlatform(tamper(() => null), options), null);
  let answerCount = 0;
  const report = await probePlatform(
    tamper((_header, response) => answerCount++ < 5 ? response : null),
    options,
  );
  assertEquals(report!.vendor, "renesas");
  assertEquals(report!.sensors, []);
  assertStringIncludes(report!.failures.at(-1)!, "NO_ANSWER");
});

/** Probes a platform behind a message socket that answers so many commands. */
async function probeSocket(answersMax: number, options: ProbeOptions) {
  const folder = await Deno.makeTempDir({ prefix: "scp-probe-" });
  const path = `${folder}/a.sock`;
  const { machine } = platformOf();
  const reactor = createReactor();
  const port = machine.openChannel("OSPM")!;
  const serve = port.serve.bind(port);
  let answerCount = 0;
  port.serve = (...message) => answerCount++ < answersMax ? serve(...message) : 0;
  const endpoint = listenMessage(reactor, path, () => port);
  assert(!("error" in endpoint));
  const terminal = new MemoryTerminal();
  let code: number | null = null;
  const spec = { scheme: "message", path, agent: null } as const;
  const done = probe(spec, options, false, terminal).then((value) => code = value);
  // The agent lives on this thread's event loop, the platform on the reactor: they take turns.
  while (code === null) {
    reactor.runOnce(0);
    await new Promise<void>((resolve) => queueTurn(resolve));
  }
  await done;
  endpoint.close();
  reactor.close();
  await Deno.remove(folder, { recursive: true });
  return { code, path, complaints: terminal.complaints, text: terminal.printed.join("\n") };
}

Deno.test("probe prints a table of a platform behind a message socket", async () => {
  const { code, complaints, text } = await probeSocket(Infinity, OPTIONS);
  assertEquals([code, complaints], [0, []]);
  assertStringIncludes(text, "vendor      renesas, sub-vendor renesas, implementation version 0x1");
  assertStringIncludes(text, "0x10 base 2.1, 0x11 power 3.1, 0x12 system_power 2.1, 0x13 performance 4.0");
  assert(/^ 0 {2}thermal1 +temperature +\d+\.\d00 {2}°C /m.test(text), text);
  assert(/accel_Z +acceleration +off /.test(text), text);
});

Deno.test("probe fails when the platform stops to answer, and prints what it has", async () => {
  const { code, path, complaints, text } = await probeSocket(5, { ...OPTIONS, timeoutMs: 20 });
  assertStringIncludes(text, "vendor      renesas");
  assertEquals([code, complaints], [1, [
    `error: the platform at ${path} stopped to answer: this is not all of it`,
  ]]);
});

/** Runs a callback in the next turn of the event loop, after input has been looked at. */
function queueTurn(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    port2.close();
    callback();
  };
  port2.postMessage(null);
}
