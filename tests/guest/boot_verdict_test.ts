import { assertEquals } from "@std/assert";
import { complaints, errorCounters, refusedMessages } from "./boot_verdict.ts";

const OVERTAKEN = "<4>scmi_protocol scmi_dev.2: Received valid OoO Delayed Response for 60";
const LATE = "<3>scmi_protocol scmi_dev.1: Invalid message type:0 for 60 - HDR:0xF05406  state:2";
const UNEXPECTED = "<3>scmi_protocol scmi_dev.1: Message for 60 type 0 is not expected!";

Deno.test("boot verdict takes lines above warning level for quiet ones, of any facility", () => {
  assertEquals(complaints(["<6>a", "<5>b", "<14>c", "<13>[    0.10] d"], []), []);
  assertEquals(complaints(["<4>a", "<3>b", "<12>c"], []), ["<4>a", "<3>b", "<12>c"]);
});

Deno.test("boot verdict allows the lines of the case and of every boot, and no other", () => {
  const log = [
    "<4>hrtimer: interrupt took 17098512 ns",
    "<4>sched: DL replenish lagged too much",
    "<2>too hot",
    "<4>hrtimer: something else",
  ];
  assertEquals(complaints(log, [/^too hot$/]), ["<4>hrtimer: something else"]);
});

Deno.test("boot verdict allows lines of a way as often as that may provoke them", () => {
  const log = ["<3>no slot", "<6>no slot", "<3>no slot", "<3>no slot", "<3>no buffer"];
  const slots = { pattern: /^no slot$/, countMax: 2 };
  assertEquals(complaints(log, [slots, { pattern: /^no buffer$/, countMax: 1 }]), ["<3>no slot"]);
  assertEquals(complaints(log, [slots, /buffer/]), ["<3>no slot"], "anew for each boot");
});

Deno.test("boot verdict allows a late response only with the delayed one that overtook it", () => {
  assertEquals(complaints([OVERTAKEN, LATE], []), []);
  assertEquals(complaints([LATE], []), [LATE]);
  assertEquals(complaints([OVERTAKEN, LATE, LATE], []), [OVERTAKEN, LATE, LATE]);
  assertEquals(complaints([OVERTAKEN, UNEXPECTED], []), []);
  assertEquals(complaints([OVERTAKEN, LATE, UNEXPECTED], []), [OVERTAKEN, LATE, UNEXPECTED]);
});

Deno.test("boot verdict wants exactly the error counts that are accounted for", () => {
  const counters = (values: Record<string, number>) =>
    new Map(
      Object.entries({ sent_ok: 70, err_protocol: 0, err_msg_invalid: 0, ...values })
        .map(([name, value]): [string, string] => [name, `${value}`]),
    );
  assertEquals(errorCounters(counters({}), [], 0, []), []);
  assertEquals(errorCounters(counters({ err_msg_invalid: 1 }), [OVERTAKEN, LATE], 0, []), []);
  assertEquals(errorCounters(counters({ err_msg_unexpected: 1 }), [OVERTAKEN, UNEXPECTED], 0, []), []);
  assertEquals(errorCounters(counters({ err_msg_invalid: 1 }), [], 0, []), ["err_msg_invalid 1"]);
  assertEquals(errorCounters(counters({ err_protocol: 1 }), [], 0, []), ["err_protocol 1"]);
  assertEquals(errorCounters(counters({ err_protocol: 3 }), [], 3, []), []);
  assertEquals(errorCounters(counters({ err_protocol: 2 }), [], 3, []), ["err_protocol 2"]);
  assertEquals(errorCounters(counters({ err_protocol: 99 }), [], 3, ["err_protocol"]), []);
  assertEquals(errorCounters(counters({ xfers_response_timeout: 1 }), [], 0, []), [
    "xfers_response_timeout 1",
  ]);
  assertEquals(errorCounters(new Map(), [], 0, []), ["the guest has no transport counters"]);
});

Deno.test("boot verdict names refused messages that nobody expected, and expected ones that were taken", () => {
  const refusals = new Map([["power POWER_STATE_SET", 7], ["clock CLOCK_RATE_SET", 2]]);
  assertEquals(refusedMessages(refusals, ["clock CLOCK_RATE_SET"]), []);
  assertEquals(refusedMessages(refusals, []), ["clock CLOCK_RATE_SET 2"]);
  assertEquals(refusedMessages(new Map(), ["clock CLOCK_RATE_SET"]), ["clock CLOCK_RATE_SET 0"]);
});
