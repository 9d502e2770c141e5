// What guests match on: ids, names and units of the rcar board, and what Linux insists on for a sensor to be seen.
import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";

/** SCMI types that Linux' hwmon driver shows. */
const HWMON_TYPES = [2, 5, 6, 7, 8];

Deno.test("rcarBoard keeps the identity, agents and sensors that SCP-firmware has", () => {
  assertEquals(rcarBoard.identity.vendor, "renesas");
  assertEquals(rcarBoard.identity.subVendor, "renesas");
  assertEquals(rcarBoard.agents.map((agent) => agent.name), ["OSPM", "PSCI", "VMM", "VM1", "VM2"]);
  for (const [id, name] of [[0, "thermal1"], [1, "thermal2"], [2, "thermal3"]] as const) {
    const sensor = rcarBoard.sensors[id]!;
    assertEquals([sensor.id, sensor.name, sensor.typeCode, sensor.unitExponent], [id, name, 2, -3]);
    assertEquals(sensor.step, { mantissa: 5, exponent: -1 });
  }
});

Deno.test("rcarBoard has every sensor at its wire id", () => {
  assertEquals(
    rcarBoard.sensors.map((sensor) => sensor.name),
    [
      ...[
        "thermal1",
        "thermal2",
        "thermal3",
        "volt_dvfs",
        "curr_dvfs",
        "power_soc",
        "energy_soc",
        "temp_board",
      ],
      ...["accel", "gyro", "temp_exterior", "temp_batt_avg", "volt_12v", "curr_12v"],
      ...["volt_traction", "curr_traction", "power_traction"],
      ...["wheel_fl", "wheel_fr", "wheel_rl", "wheel_rr", "tire_fl", "tire_fr", "tire_rl", "tire_rr"],
      "Vehicle.Powertrain.TractionBattery.StateOfCharge.Current",
    ],
  );
});

Deno.test("rcarBoard sensors that hwmon shows start enabled, and their sign survives its scaling", () => {
  for (
    const sensor of rcarBoard.sensors.filter((each) =>
      each.axes === null && HWMON_TYPES.includes(each.typeCode)
    )
  ) {
    assert(sensor.startsEnabled, sensor.name);
    const leastExponent = sensor.typeCode >= 7 ? -6 : -3;
    if (sensor.rangeMin < 0) assert(sensor.unitExponent >= leastExponent, sensor.name);
  }
});

Deno.test("rcarBoard accelerometer and gyroscope are as Linux' IIO driver wants them", () => {
  const vectors = rcarBoard.sensors.filter((sensor) => sensor.axes !== null);
  assertEquals(vectors.map((sensor) => [sensor.name, sensor.typeCode]), [["accel", 89], ["gyro", 87]]);
  for (const sensor of vectors) {
    assertEquals(sensor.axes!.map((axis) => axis.slice(axis.lastIndexOf("_") + 1)), ["X", "Y", "Z"]);
    assert(sensor.supportsContinuousUpdate);
    assert(sensor.hasExtendedAttributes);
    assertEquals(sensor.timestampExponent, -6);
    assert(sensor.intervals.kind === "list");
    const intervalsMs = sensor.intervals.list.map(({ mantissa, exponent }) =>
      mantissa * 10 ** (exponent + 3)
    );
    assertEquals(intervalsMs.map((ms) => Math.round(ms * 10) / 10), [1, 2.5, 5, 10, 20, 50, 100]);
    // A new sample for each update, at any of the intervals.
    for (const ms of intervalsMs) assertEquals(Math.round(ms * 1000) % sensor.samplePeriodUs, 0);
  }
});

Deno.test("rcarBoard sensors start with the interval the board names, else with their first or lowest", () => {
  const intervalOf = (name: string) =>
    rcarBoard.sensors.find((sensor) => sensor.name === name)!.defaultInterval;
  assertEquals(intervalOf("thermal1"), { mantissa: 1, exponent: 0 });
  assertEquals(intervalOf("accel"), { mantissa: 10, exponent: -3 });
  assertEquals(intervalOf("temp_exterior"), { mantissa: 1, exponent: 0 });
  assertEquals(intervalOf("power_soc"), { mantissa: 1, exponent: -1 });
  assertEquals(intervalOf("volt_dvfs"), null);
});

Deno.test("rcarBoard has something to show for every message of the sensor protocol", () => {
  const { sensors } = rcarBoard;
  const has = (what: string, test: (sensor: typeof sensors[number]) => boolean) =>
    assert(sensors.some(test), what);
  has("asynchronous reading", (sensor) => sensor.asyncLatencyUs !== null);
  has("no asynchronous reading", (sensor) => sensor.asyncLatencyUs === null);
  has("an extended name", (sensor) => sensor.name.length > 15);
  has("a list of intervals", (sensor) => sensor.intervals.kind === "list");
  has("a segment of intervals", (sensor) => sensor.intervals.kind === "segment");
  has("no intervals", (sensor) => sensor.intervals.kind === "none");
  has("trip points", (sensor) => sensor.tripPointCount > 1);
  has("no trip points", (sensor) => sensor.tripPointCount === 0);
  has("extended attributes", (sensor) => sensor.hasExtendedAttributes);
  has("no extended attributes", (sensor) => !sensor.hasExtendedAttributes);
  has("timestamps", (sensor) => sensor.timestampExponent !== null);
  has("continuous updates of a scalar", (sensor) => sensor.supportsContinuousUpdate && sensor.axes === null);
  has("a sensor that starts disabled", (sensor) => !sensor.startsEnabled);
  const shortNames = sensors.map((sensor) => sensor.name.slice(0, 15));
  assertEquals(new Set(shortNames).size, sensors.length);
});
