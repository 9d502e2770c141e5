// Names of sensor types, and wire values as physical ones.
import { assertEquals } from "@std/assert";
import { decimalText, physicalValue, sensorUnit } from "../../scp/control/sensor_units.ts";

Deno.test("sensorUnit names what a type measures and its symbol", () => {
  assertEquals(sensorUnit(2), { type: "temperature", unit: "\u00b0C" });
  assertEquals(sensorUnit(89), { type: "acceleration", unit: "m/s\u00b2" });
});

Deno.test("sensorUnit names a reserved type by its number", () => {
  assertEquals(sensorUnit(94), { type: "type 94", unit: "" });
});

Deno.test("physicalValue gives the nearest double", () => {
  assertEquals(physicalValue(25_300, -3), 25.3);
  assertEquals(physicalValue(-7, -1), -0.7);
  assertEquals(physicalValue(4, 3), 4000);
  assertEquals(physicalValue(123, 0), 123);
});

Deno.test("decimalText is exact, with the places of the exponent", () => {
  const cases = [
    [25_300, -3, "25.300"],
    [-5, -3, "-0.005"],
    [0, -2, "0.00"],
    [12, 2, "1200"],
    [0, 2, "0"],
    [-3, 0, "-3"],
    [9007199254740993n, -6, "9007199254.740993"],
  ] as const;
  for (const [value, exponent, text] of cases) assertEquals(decimalText(value, exponent), text);
});
