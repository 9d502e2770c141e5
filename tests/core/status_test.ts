// Status numbers as they go on the wire, and their names for people.
import { assertEquals } from "@std/assert";
import { STATUS, statusName } from "../../scp/core/status.ts";

Deno.test("status numbers are those of the specification, without a gap", () => {
  const names = [
    "SUCCESS",
    "NOT_SUPPORTED",
    "INVALID_PARAMETERS",
    "DENIED",
    "NOT_FOUND",
    "OUT_OF_RANGE",
    "BUSY",
    "COMMS_ERROR",
    "GENERIC_ERROR",
    "HARDWARE_ERROR",
    "PROTOCOL_ERROR",
    "IN_USE",
  ] as const;
  assertEquals(Object.keys(STATUS), [...names]);
  names.forEach((name, i) => assertEquals(STATUS[name], i === 0 ? 0 : -i));
});

Deno.test("statusName names a status and shows the number of any other", () => {
  assertEquals([0, -3, -11].map(statusName), ["SUCCESS", "DENIED", "IN_USE"]);
  assertEquals([-12, 1, -128].map(statusName), ["status -12", "status 1", "status -128"]);
});
