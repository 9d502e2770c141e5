import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  deviceTreeOverlay,
  type GuestDescription,
  type GuestSensor,
  type GuestTrip,
  zoneNames,
} from "../../scp/control/device_tree.ts";

const CRITICAL: GuestTrip = { kind: "critical", temperatureMc: 120000, hysteresisMc: 1000 };
const NOTHING: GuestDescription = {
  title: "test",
  protocolIds: [0x10, 0x15],
  sensors: [],
  powerParents: [],
  regulators: [],
  processorDomains: [],
  consumers: [],
  transport: { kind: "virtio" },
  hasGpio: false,
  gpioLines: [],
};
const ZONE = { pollingDelayMs: 1000, passivePollingDelayMs: 250, trips: [CRITICAL] };

function temperature(id: number, name: string, trips: readonly GuestTrip[] = [CRITICAL]): GuestSensor {
  return { id, name, typeCode: 2, zone: { ...ZONE, trips } };
}

function overlayOf(guest: Partial<GuestDescription>): string {
  const result = deviceTreeOverlay({ ...NOTHING, ...guest });
  assert(result.ok, result.ok ? "" : result.problem);
  return result.text;
}

function problemOf(guest: Partial<GuestDescription>): string {
  const result = deviceTreeOverlay({ ...NOTHING, ...guest });
  assert(!result.ok, "the overlay should have been refused");
  return result.problem;
}

/** The text of the node that opens with `opening`, up to its closing brace at the same depth. */
function nodeText(text: string, opening: string): string {
  const start = text.indexOf(opening);
  assert(start >= 0, `no ${opening} in ${text}`);
  let depth = 0;
  for (let end = text.indexOf("{", start); end < text.length; end++) {
    if (text[end] === "{") depth++;
    if (text[end] === "}" && --depth === 0) return text.slice(start, end + 1);
  }
  throw new Error(`${opening} is never closed`);
}

Deno.test("overlay of one sensor is this text", () => {
  const text = overlayOf({ title: "rcar, agent OSPM", sensors: [temperature(0, "thermal1")] });
  assertEquals(
    text.replaceAll("\t", "  "),
    `// SCMI nodes for rcar, agent OSPM.
/dts-v1/;
/plugin/;

/ {
  fragment@0 {
    target-path = "/";
    __overlay__ {
      firmware {
        scmi {
          compatible = "arm,scmi-virtio";
          #address-cells = <1>;
          #size-cells = <0>;

          scmi_sensors: protocol@15 { // sensors
            reg = <0x15>;
            #thermal-sensor-cells = <1>;
          };
        };
      };

      thermal-zones {
        thermal1-thermal { // thermal1
          polling-delay = <1000>;
          polling-delay-passive = <250>;
          thermal-sensors = <&scmi_sensors 0>;
          trips {
            trip0 {
              temperature = <120000>;
              hysteresis = <1000>;
              type = "critical";
            };
          };
        };
      };
    };
  };
};
`,
  );
});

Deno.test("overlay gives each standard protocol its cells, in the order of their ids", () => {
  const text = overlayOf({ protocolIds: [0x19, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 0x10] });
  const opened = [...text.matchAll(/protocol@(\w+) \{/g)].map((match) => match[1]);
  assertEquals(opened, ["11", "12", "13", "14", "15", "16", "17", "18", "19"]);
  const cells = [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19].map((id) =>
    nodeText(text, `protocol@${id.toString(16)} {`).match(/(#(?!address|size)[a-z-]+) = <1>/)?.[1] ?? null
  );
  assertEquals(cells, [
    "#power-domain-cells",
    null,
    "#power-domain-cells",
    "#clock-cells",
    "#thermal-sensor-cells",
    "#reset-cells",
    null,
    null,
    null,
  ]);
  assertStringIncludes(nodeText(text, "protocol@17 {"), "regulators {");
});

Deno.test("overlay names a vendor protocol without cells", () => {
  const text = overlayOf({ protocolIds: [0x90] });
  assertStringIncludes(nodeText(text, "protocol@90 {"), "reg = <0x90>;");
  assertEquals(nodeText(text, "protocol@90 {").includes("-cells"), false);
});

Deno.test("overlay names the parent of each power domain in one list, the domain itself in another", () => {
  const powerParents = [1, 2, 3, 4, 5, 7].map((childId) => ({ childId, parentId: childId - 1 }));
  const node = nodeText(overlayOf({ protocolIds: [0x11], powerParents }), "protocol@11 {");
  assertStringIncludes(
    node.replace(/\s+/g, " "),
    "power-domains = <&scmi_power 0>, <&scmi_power 1>, <&scmi_power 2>, <&scmi_power 3>, <&scmi_power 4>, " +
      "<&scmi_power 6>; power-domains-child-ids = <1>, <2>, <3>, <4>, <5>, <7>; }",
  );
  assertEquals(overlayOf({ protocolIds: [0x11] }).includes("power-domains"), false);
});

Deno.test("overlay refuses a tree of power domains that is none", () => {
  const cases: [readonly (readonly [childId: number, parentId: number])[], string][] = [
    [[[1, 1]], "power domain 1 is above itself"],
    [[[0, 3], [1, 2], [2, 1]], "power domain 1 is above itself"],
    [[[1, 0], [1, 2]], "power domain 1 has two parents"],
    [[[65536, 0]], "power domain 65536"],
    [[[0, -1]], "power domain -1"],
  ];
  for (const [pairs, expected] of cases) {
    const powerParents = pairs.map(([childId, parentId]) => ({ childId, parentId }));
    assertStringIncludes(problemOf({ protocolIds: [0x11], powerParents }), expected);
  }
  assertStringIncludes(problemOf({ powerParents: [{ childId: 1, parentId: 0 }] }), "need protocol 0x11");
});

Deno.test("overlay has no thermal zones when no sensor asks for one", () => {
  const text = overlayOf({ sensors: [{ id: 0, name: "thermal1", typeCode: 2, zone: null }] });
  assertEquals(text.includes("thermal-zones"), false);
});

Deno.test("overlay refers to a sensor by its id, not by its place in the list", () => {
  const text = overlayOf({ sensors: [temperature(7, "b"), temperature(3, "a")] });
  assertStringIncludes(nodeText(text, "b0-thermal"), "<&scmi_sensors 7>");
  assertStringIncludes(nodeText(text, "a0-thermal"), "<&scmi_sensors 3>");
});

Deno.test("overlay puts a negative temperature in parentheses", () => {
  const ice: GuestTrip = { kind: "passive", temperatureMc: -5000, hysteresisMc: 0 };
  assertStringIncludes(overlayOf({ sensors: [temperature(0, "x", [ice])] }), "temperature = <(-5000)>;");
});

Deno.test("overlay numbers the trips of a zone", () => {
  const passive: GuestTrip = { kind: "passive", temperatureMc: 100000, hysteresisMc: 2000 };
  const text = overlayOf({ sensors: [temperature(0, "x", [passive, CRITICAL])] });
  assertStringIncludes(nodeText(text, "trip0 {"), 'type = "passive"');
  assertStringIncludes(nodeText(text, "trip1 {"), 'type = "critical"');
});

Deno.test("overlay keeps foreign names inside their comment", () => {
  const text = overlayOf({
    title: 'a\n/delete-node/ "b";\u2028\\',
    sensors: [temperature(0, "x\r\n}; evil {")],
  });
  assertStringIncludes(text, '// SCMI nodes for a?/delete-node/ "b";??.\n');
  assertStringIncludes(text, "// x??}; evil {\n");
});

Deno.test("zone names fit Linux and the binding, and differ", () => {
  const given = [
    "thermal1",
    "temp_motor_front",
    "temp_motor_rear",
    "temp-motor-f",
    "1",
    "",
    "ä",
    "A_b",
    "a-b",
  ];
  const names = zoneNames(given);
  for (const name of names) assertMatch(name, /^[a-z][a-z0-9-]{1,10}-thermal$/);
  assertEquals(new Set(names).size, given.length);
  assertEquals(names[0], "thermal1-thermal");
  assertEquals(names[2], "temp-moto-2-thermal");
});

Deno.test("zone names of a thousand equal sensors differ", () => {
  const names = zoneNames(new Array<string>(1000).fill("temperature_cell"));
  assertEquals(new Set(names).size, 1000);
  for (const name of names) assert(name.length < 20, name);
});

Deno.test("overlay refuses what no device tree can say", () => {
  const cases: [Partial<GuestDescription>, string][] = [
    [{ protocolIds: [0x15, 0x15] }, "protocol 0x15 is listed twice"],
    [{ protocolIds: [0x1a] }, "protocol 0x1a has no device-tree node"],
    [{ protocolIds: [0x100] }, "protocol 0x100 has no device-tree node"],
    [{ protocolIds: [(0x80).valueOf() + 0.5] }, "has no device-tree node"],
    [{ protocolIds: [0x14], sensors: [temperature(0, "x")] }, "needs protocol 0x15"],
    [{ sensors: [temperature(-1, "x")] }, "sensor x: id -1"],
    [{ sensors: [temperature(0x10000, "x")] }, "sensor x: id 65536"],
    [{ sensors: [temperature(1, "x"), temperature(1, "y")] }, "sensor y: id 1 is taken"],
    [{ sensors: [{ ...temperature(0, "x"), typeCode: 5 }] }, "sensor x: only a sensor in degrees Celsius"],
    [{ sensors: [temperature(0, "x", [])] }, "at least one trip"],
    [{ sensors: [temperature(0, "x", [{ ...CRITICAL, temperatureMc: 2 ** 31 }])] }, "trip point 2147483648"],
    [{ sensors: [temperature(0, "x", [{ ...CRITICAL, temperatureMc: 0.5 }])] }, "trip point 0.5"],
    [{ sensors: [temperature(0, "x", [{ ...CRITICAL, hysteresisMc: -1 }])] }, "hysteresis -1"],
    [{ sensors: [{ ...temperature(0, "x"), zone: { ...ZONE, pollingDelayMs: NaN } }] }, "polling delay NaN"],
  ];
  for (const [guest, expected] of cases) {
    const problem = problemOf(guest);
    assertStringIncludes(problem, expected);
    assertEquals(problem.includes("\n"), false);
  }
});
