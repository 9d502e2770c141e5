// The refusals that follow from the declarations alone, generated for every command of every protocol in every version,
// and their order (scmi-core 1.5). What a handler itself refuses is tested with the protocol.
import { assert, assertEquals, assertGreater } from "@std/assert";
import type { ProtocolDefinition, Release } from "../../protocols/protocol.ts";
import { RELEASES } from "../../protocols/protocol.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import { PROTOCOL_MESSAGE_ATTRIBUTES } from "../../protocols/every_protocol.ts";
import { hasShape } from "../../scp/core/codec.ts";
import { SYSTEM_POWER_STATE_NOTIFY } from "../../protocols/system_power/messages.ts";
import { HEADER_SIZE, packHeader } from "../../scp/core/header.ts";
import {
  type CommandSchema,
  type Field,
  fixedSizeOf,
  reservedMaskOf,
  type ResourceKind,
  sizeOfField,
} from "../../scp/core/schema.ts";
import { STATUS, statusName } from "../../scp/core/status.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import type { Machine } from "../../scp/server/machine.ts";
import type { LoopbackOptions } from "../../transports/loopback.ts";
import { supplierOf } from "../support/constant_sensors.ts";
import { everyHardware, firstAndOthers } from "../support/every_hardware.ts";
import {
  connectAgent,
  createMachine,
  defaultSensors,
  statusOfBytes,
  type TestAgent,
} from "../support/platform.ts";
import { headerOf } from "../support/messages.ts";

const TOKEN = 0x155;

/** What agents that are not trusted are not shown, by protocol. */
const FOR_TRUSTED_AGENTS: Readonly<Record<string, readonly string[]>> = {
  base: ["BASE_SET_DEVICE_PERMISSIONS", "BASE_SET_PROTOCOL_PERMISSIONS"],
  pin_control: ["PINCTRL_SET_PERMISSIONS"],
};

/** One protocol in one version, on a release of the platform that shows it. */
interface Subject {
  readonly name: string;
  readonly definition: ProtocolDefinition;
  readonly release: Release;
  readonly commands: readonly CommandSchema[];
}

const SUBJECTS: readonly Subject[] = PROTOCOLS.flatMap((definition) =>
  definition.versions.map((version) => {
    const release = RELEASES.find((each) => definition.releases[each] === version);
    assert(release !== undefined, `no release shows version ${version.toString(16)} of ${definition.name}`);
    const commands = definition.bindings.map(({ schema }) => schema).filter(({ since, until }) =>
      since <= version && version <= until
    );
    return { name: `${definition.name} version 0x${version.toString(16)}`, definition, release, commands };
  })
);

/** A platform of a subject's release with all kinds of hardware; the first of each kind is a device of its own. */
function machineOf({ release }: Subject): Machine {
  const timeline = new Timeline();
  const sensors = defaultSensors();
  const view = { ...everyHardware(timeline), sensor: sensors };
  const supplier = supplierOf(sensors, timeline);
  return createMachine({ release, timeline, sensors, supplier, view, devices: firstAndOthers(view) });
}

/** A command with every field zero: ids that exist, no flags. */
function plainMessage({ definition }: Subject, schema: CommandSchema, extra = 0): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE + fixedSizeOf(schema.params) + extra);
  new DataView(bytes.buffer).setUint32(0, packHeader(definition.id, schema.id, 0, TOKEN), true);
  return bytes;
}

/** Changes one word of a message. */
function withWord(message: Uint8Array, offset: number, word: number): Uint8Array {
  const changed = message.slice();
  new DataView(changed.buffer).setUint32(offset, word, true);
  return changed;
}

/** The fields of a command with their offsets in the message. */
function placesOf(schema: CommandSchema, start = HEADER_SIZE): [Field, number][] {
  let offset = start;
  return Object.values(schema.params).map((field): [Field, number] => {
    const at = offset;
    offset += sizeOfField(field);
    return [field, at];
  });
}

/** The ids of a command whose words are zero otherwise: what a selector decides is of the first kind then. */
function refsOf(schema: CommandSchema): [ResourceKind, number][] {
  return placesOf(schema).flatMap(([field, at]): [ResourceKind, number][] => {
    const kind = field.kind === "u32" ? field.resource ?? field.selector?.kinds[0] ?? null : null;
    return kind === null ? [] : [[kind, at]];
  });
}

/** The ids of a command whose kind a part of a word decides. */
function selectorsOf(schema: CommandSchema) {
  const places = placesOf(schema);
  return places.flatMap(([field, at]) => {
    if (field.kind !== "u32" || field.selector === null) return [];
    const { field: name, part, kinds } = field.selector;
    const [word, wordAt] = places[Object.keys(schema.params).indexOf(name)]!;
    assert(word.kind === "bits32");
    return [{ at, kinds, wordAt, part: word.parts[part]! }];
  });
}

/** Messages of a command with one reserved bit set each. */
function withReservedBits(schema: CommandSchema, message: Uint8Array, start = HEADER_SIZE): Uint8Array[] {
  return placesOf(schema, start).flatMap(([field, at]) => {
    if (field.kind !== "bits32") return [];
    const mask = reservedMaskOf(field);
    const bits = Array.from({ length: 32 }, (_, i) => (1 << i) >>> 0).filter((bit) => (mask & bit) !== 0);
    return bits.map((bit) => withWord(message, at, bit));
  });
}

function expectStatus(agent: TestAgent, message: Uint8Array, status: number, about: string): void {
  const answer = statusOfBytes(agent, message);
  const shown = [...message].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  assertEquals(answer === null ? "no answer" : statusName(answer), statusName(status), `${about}: ${shown}`);
}

/** Registers a test of all commands of each subject. */
function testEach(
  rule: string,
  body: (subject: Subject, machine: Machine) => void,
): void {
  for (const subject of SUBJECTS) {
    Deno.test(`${subject.name} ${rule}`, () => body(subject, machineOf(subject)));
  }
}

function trusted(machine: Machine, options: LoopbackOptions = {}): TestAgent {
  return connectAgent(machine, "OSPM", options);
}

testEach("answers well-formed commands with nothing but what they declare", (subject, machine) => {
  for (const schema of subject.commands) {
    const status = statusOfBytes(trusted(machine), plainMessage(subject, schema));
    assert(status !== null, `${schema.name} has no answer`);
    const allowed: readonly string[] = ["SUCCESS", ...schema.fails];
    assert(allowed.includes(statusName(status)), `${schema.name} answers ${statusName(status)}`);
  }
});

testEach("refuses a payload that is a byte or a word too short or too long", (subject, machine) => {
  const agent = trusted(machine);
  for (const schema of subject.commands) {
    const size = fixedSizeOf(schema.params);
    for (const extra of [-size, -5, -4, -3, -1, 1, 2, 3, 4, 8, 100]) {
      // Whole items of a list, and what may be omitted, are no mistake.
      if (size + extra < 0 || hasShape(schema.params, size + extra)) continue;
      expectStatus(agent, plainMessage(subject, schema, extra), STATUS.PROTOCOL_ERROR, schema.name);
    }
  }
});

testEach("refuses every reserved bit of parameters", (subject, machine) => {
  const agent = trusted(machine);
  for (const schema of subject.commands) {
    for (const message of withReservedBits(schema, plainMessage(subject, schema))) {
      expectStatus(agent, message, STATUS.INVALID_PARAMETERS, schema.name);
    }
  }
});

testEach(
  "refuses lists of another length than was told, and reserved bits of their items",
  (subject, machine) => {
    const agent = trusted(machine);
    for (const schema of subject.commands) {
      const [field, listAt] = placesOf(schema).at(-1) ?? [null, 0];
      if (field?.kind !== "list" || field.count === null) continue;
      const [word, at] = placesOf(schema)[Object.keys(schema.params).indexOf(field.count.field)]!;
      assert(word.kind === "bits32");
      const withOne = plainMessage(subject, schema, fixedSizeOf(field.item));
      const told = (count: number) => withWord(withOne, at, count << word.parts[field.count!.part]!.low);
      for (const count of [0, 2, 3]) expectStatus(agent, told(count), STATUS.PROTOCOL_ERROR, schema.name);
      const item = { ...schema, params: field.item };
      for (const message of withReservedBits(item, told(1), listAt)) {
        expectStatus(agent, message, STATUS.INVALID_PARAMETERS, schema.name);
      }
    }
  },
);

testEach("refuses ids of every kind that the agent is denied one by one", (subject, machine) => {
  const vm = machine.agents.find("VM1")!;
  const agent = connectAgent(machine, "VM1");
  const { resource, otherResources = [] } = subject.definition;
  for (const schema of subject.commands) {
    if (FOR_TRUSTED_AGENTS[subject.definition.name]?.includes(schema.name) === true) continue;
    for (const { kinds, wordAt, part } of selectorsOf(schema)) {
      for (const [value, kind] of kinds.entries()) {
        if (kind === null || (kind !== resource && !otherResources.some((other) => other === kind))) continue;
        vm.permitResource(kind, vm.namesOf(kind)[0]!, false);
        const message = withWord(plainMessage(subject, schema), wordAt, value << part.low);
        expectStatus(agent, message, STATUS.DENIED, `${schema.name} of a ${kind}`);
        vm.permitAll();
      }
    }
  }
});

testEach("refuses ids that do not exist, whatever else is wrong with the content", (subject, machine) => {
  const agent = trusted(machine);
  const { pools } = machine.agents.find("OSPM")!;
  for (const schema of subject.commands) {
    const plain = plainMessage(subject, schema);
    for (const [kind, at] of refsOf(schema)) {
      for (const id of [pools[kind].count, pools[kind].count + 1, 0x8000_0000, 0xffff_ffff]) {
        expectStatus(agent, withWord(plain, at, id), STATUS.NOT_FOUND, schema.name);
        for (const message of withReservedBits(schema, withWord(plain, at, id))) {
          expectStatus(agent, message, STATUS.NOT_FOUND, schema.name);
        }
      }
    }
  }
});

testEach(
  "refuses ids of each kind that a selector selects, and what it does not select",
  (subject, machine) => {
    const agent = trusted(machine);
    const { pools } = machine.agents.find("OSPM")!;
    for (const schema of subject.commands) {
      const plain = plainMessage(subject, schema);
      for (const { at, kinds, wordAt, part } of selectorsOf(schema)) {
        for (let value = 0; value < 2 ** part.width; value++) {
          const message = withWord(plain, wordAt, value << part.low);
          const kind = kinds[value];
          if (kind === undefined) expectStatus(agent, message, STATUS.INVALID_PARAMETERS, schema.name);
          if (kind === undefined || kind === null) continue;
          for (const id of [pools[kind].count, 0xffff_ffff]) {
            expectStatus(agent, withWord(message, at, id), STATUS.NOT_FOUND, `${schema.name} of a ${kind}`);
          }
        }
      }
    }
  },
);

testEach("refuses ids the agent is denied, and no others", (subject, machine) => {
  const { resource } = subject.definition;
  if (resource === null) return;
  machine.agents.find("VM1")!.permit(0, null, false);
  const agent = connectAgent(machine, "VM1");
  for (const schema of subject.commands) {
    if (FOR_TRUSTED_AGENTS[subject.definition.name]?.includes(schema.name) === true) continue;
    const plain = plainMessage(subject, schema);
    for (const [kind, at] of refsOf(schema)) {
      if (kind !== resource) continue;
      expectStatus(agent, plain, STATUS.DENIED, schema.name);
      for (const message of withReservedBits(schema, plain)) {
        expectStatus(agent, message, STATUS.DENIED, schema.name);
      }
      const other = statusOfBytes(agent, withWord(plain, at, 1))!;
      assert(["SUCCESS", ...schema.fails].includes(statusName(other)), `${schema.name} of another resource`);
    }
  }
});

testEach("refuses every command to an agent that is denied the whole protocol", (subject, machine) => {
  if (subject.definition.resource === null) return;
  for (const deviceId of [0, 1]) machine.agents.find("VM1")!.permit(deviceId, subject.definition.id, false);
  const agent = connectAgent(machine, "VM1");
  for (const schema of subject.commands) {
    const plain = plainMessage(subject, schema);
    expectStatus(agent, plain, STATUS.DENIED, schema.name);
    for (const [, at] of refsOf(schema)) {
      expectStatus(agent, withWord(plain, at, 0xffff_ffff), STATUS.DENIED, schema.name);
    }
    expectStatus(agent, plainMessage(subject, schema, 1), STATUS.PROTOCOL_ERROR, schema.name);
  }
  machine.agents.find("VM1")!.permitAll();
  for (const schema of subject.commands) {
    const status = statusOfBytes(agent, plainMessage(subject, schema))!;
    assert(status !== STATUS.DENIED, `${schema.name} after the permission came back`);
  }
});

testEach("answers COMMS_ERROR when the reply has no room", (subject, machine) => {
  let tried = 0;
  for (const schema of subject.commands) {
    const replySize = HEADER_SIZE + 4 + fixedSizeOf(schema.returns);
    for (let room = 8; room < replySize; room++) {
      const agent = trusted(machine, { room });
      expectStatus(agent, plainMessage(subject, schema), STATUS.COMMS_ERROR, `${schema.name}, room ${room}`);
      assertEquals(agent.loopback.exchange(plainMessage(subject, schema))!.length, 8);
      tried++;
    }
  }
  assertGreater(tried, 0);
});

testEach("refuses what needs messages of the platform on a channel without", (subject, machine) => {
  const agent = trusted(machine, { hasP2a: false });
  for (const schema of subject.commands) {
    const plain = plainMessage(subject, schema);
    if (schema.needsP2a) expectStatus(agent, plain, STATUS.NOT_SUPPORTED, schema.name);
    expectAttributes(subject, agent, schema.id, !schema.needsP2a);
  }
});

testEach("hides from an agent the commands that are not for it", (subject, machine) => {
  const agent = connectAgent(machine, "VM1");
  for (const schema of subject.commands) {
    const isShown = FOR_TRUSTED_AGENTS[subject.definition.name]?.includes(schema.name) !== true;
    expectAttributes(subject, agent, schema.id, isShown);
    if (!isShown) expectStatus(agent, plainMessage(subject, schema), STATUS.NOT_SUPPORTED, schema.name);
    expectAttributes(subject, trusted(machine), schema.id, true);
  }
});

/** What PROTOCOL_MESSAGE_ATTRIBUTES answers instead of NOT_FOUND: SCMI has this one exception. */
const NOT_OFFERED: Readonly<Record<string, number>> = {
  [`system_power ${SYSTEM_POWER_STATE_NOTIFY.id}`]: STATUS.NOT_SUPPORTED,
};

/** Checks what PROTOCOL_MESSAGE_ATTRIBUTES says of a command. */
function expectAttributes(subject: Subject, agent: TestAgent, messageId: number, isOffered: boolean): void {
  const ask = withWord(plainMessage(subject, PROTOCOL_MESSAGE_ATTRIBUTES), HEADER_SIZE, messageId);
  const refusal = NOT_OFFERED[`${subject.definition.name} ${messageId}`] ?? STATUS.NOT_FOUND;
  expectStatus(agent, ask, isOffered ? STATUS.SUCCESS : refusal, `attributes of ${messageId}`);
}

testEach(
  "refuses headers of another type or with reserved bits, for every message id",
  (subject, machine) => {
    const agent = trusted(machine);
    for (let messageId = 0; messageId < 256; messageId++) {
      const word = packHeader(subject.definition.id, messageId, 0, TOKEN);
      for (const bits of [0x100, 0x200, 0x300, 0x1000_0000, 0x2000_0000, 0x4000_0000, 0x8000_0000]) {
        const message = withWord(new Uint8Array(HEADER_SIZE), 0, (word | bits) >>> 0);
        expectStatus(agent, message, STATUS.PROTOCOL_ERROR, "header");
      }
    }
  },
);

testEach("answers NOT_FOUND for every message id it does not have", (subject, machine) => {
  const agent = trusted(machine);
  const known = new Set(subject.commands.map(({ id }) => id));
  for (let messageId = 0; messageId < 256; messageId++) {
    if (known.has(messageId)) continue;
    for (const size of [4, 5, 8, 64]) {
      const header = packHeader(subject.definition.id, messageId, 0, TOKEN);
      expectStatus(
        agent,
        withWord(new Uint8Array(size), 0, header),
        STATUS.NOT_FOUND,
        `message ${messageId}`,
      );
    }
    expectAttributes(subject, agent, messageId, false);
  }
});

for (const release of RELEASES) {
  Deno.test(`release ${release} answers NOT_SUPPORTED for every protocol it does not have`, () => {
    const machine = createMachine({ release });
    const agent = trusted(machine);
    const known = new Set(machine.plan.protocols.map(({ definition }) => definition.id));
    for (let protocolId = 0; protocolId < 256; protocolId++) {
      if (known.has(protocolId)) continue;
      for (const bits of [0, 0x300, 0xf000_0000]) {
        const header = (packHeader(protocolId, 0, 0, TOKEN) | bits) >>> 0;
        const message = withWord(new Uint8Array(HEADER_SIZE), 0, header);
        expectStatus(agent, message, STATUS.NOT_SUPPORTED, `protocol ${protocolId}`);
        assertEquals(headerOf(agent.loopback.exchange(message)!), header);
      }
    }
  });
}
