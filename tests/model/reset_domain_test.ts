// Reset domains: held, released, pulsed at once and over time.
import { assertEquals } from "@std/assert";
import { completeResetDomain, type ResetDomainInput } from "../../boards/reset_domain.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { type ResetEvent, type ResetPulse, SimulatedResetDomain } from "../../scp/model/reset_domain.ts";

const OSPM = 1;
const VM1 = 2;
const COLD = { isOwn: false, id: 0 };

function createDomain(changes: Partial<ResetDomainInput> = {}) {
  const timeline = new Timeline();
  const domain = new SimulatedResetDomain(
    completeResetDomain({ id: 0, name: "camera", pulseUs: 100, supportsAsync: true, ...changes }),
    timeline,
  );
  const heard: ResetEvent[] = [];
  domain.resets.add((event) => heard.push(event));
  return { domain, timeline, heard };
}

Deno.test("a reset domain that is held stays in reset until it is released, and tells the reset once", () => {
  const { domain, timeline, heard } = createDomain();
  assertEquals(domain.isInReset, false);
  assertEquals(domain.hold(OSPM, COLD), "SUCCESS");
  timeline.advanceTo(1e9);
  assertEquals(domain.isInReset, true);
  assertEquals(domain.release(VM1), "SUCCESS");
  assertEquals(domain.isInReset, false);
  assertEquals(heard, [{ agentId: OSPM, state: COLD }]);
});

Deno.test("a pulse resets and lets go; a domain that is held stays held", () => {
  const { domain, heard } = createDomain();
  assertEquals(domain.pulse(OSPM, COLD), "SUCCESS");
  assertEquals(domain.isInReset, false);
  domain.hold(OSPM, COLD);
  domain.pulse(VM1, COLD);
  assertEquals(domain.isInReset, true);
  assertEquals(heard.map(({ agentId }) => agentId), [OSPM, OSPM, VM1]);
});

Deno.test("a pulse that is begun takes its time, and the domain takes nothing else meanwhile", () => {
  const { domain, timeline, heard } = createDomain();
  timeline.advanceTo(50);
  const pulse = domain.beginPulse(OSPM, COLD) as ResetPulse;
  assertEquals([pulse.dueUs, pulse.result, domain.isInReset], [150, null, true]);
  const attempts = [domain.hold(VM1, COLD), domain.release(VM1), domain.pulse(VM1, COLD)];
  assertEquals([...attempts, domain.beginPulse(VM1, COLD)], ["BUSY", "BUSY", "BUSY", "BUSY"]);
  timeline.advanceTo(149);
  assertEquals(heard, []);
  timeline.advanceTo(150);
  assertEquals([pulse.result, domain.isInReset], ["SUCCESS", false]);
  assertEquals(heard, [{ agentId: OSPM, state: COLD }]);
  assertEquals(domain.pulse(VM1, COLD), "SUCCESS");
});

Deno.test("a pulse can be given up", () => {
  const { domain, timeline, heard } = createDomain();
  (domain.beginPulse(OSPM, COLD) as ResetPulse).cancel();
  assertEquals(domain.isInReset, false);
  timeline.advanceTo(1000);
  assertEquals(heard, []);
});

Deno.test("a pulse of an agent that has vanished is given up, that of another goes on", () => {
  const { domain, timeline, heard } = createDomain();
  const pulse = domain.beginPulse(OSPM, COLD) as ResetPulse;
  domain.dropVotes(OSPM + 1);
  assertEquals(domain.isInReset, true);
  domain.dropVotes(OSPM);
  assertEquals(domain.isInReset, false);
  assertEquals(domain.pulse(OSPM + 1, COLD), "SUCCESS");
  heard.length = 0;
  timeline.advanceTo(1000);
  assertEquals([pulse.result, heard], [null, []]);
});

Deno.test("a broken domain fails in every way, also in the middle of a pulse", () => {
  const { domain, timeline, heard } = createDomain();
  const pulse = domain.beginPulse(OSPM, COLD) as ResetPulse;
  domain.setBroken(true);
  timeline.advanceTo(100);
  assertEquals(pulse.result, "HARDWARE_ERROR");
  const attempts = [domain.hold(OSPM, COLD), domain.release(OSPM), domain.pulse(OSPM, COLD)];
  attempts.push(domain.beginPulse(OSPM, COLD) as "HARDWARE_ERROR");
  assertEquals(attempts, Array.from(attempts, () => "HARDWARE_ERROR"));
  assertEquals(heard, []);
  domain.setBroken(false);
  assertEquals(domain.pulse(OSPM, COLD), "SUCCESS");
});

Deno.test("hasState knows the cold reset and the states of the board", () => {
  const { domain } = createDomain({ ownStates: [0, 7] });
  const own = [0, 1, 7].map((id) => domain.hasState({ isOwn: true, id }));
  const architectural = [0, 7].map((id) => domain.hasState({ isOwn: false, id }));
  assertEquals([own, architectural], [[true, false, true], [true, false]]);
});

Deno.test("latencyUs is told or not, as the board says", () => {
  assertEquals(createDomain().domain.latencyUs, 100);
  assertEquals(createDomain({ tellsLatency: false }).domain.latencyUs, null);
});

Deno.test("reset puts a domain back to what it starts with", () => {
  const { domain, timeline, heard } = createDomain({ startsAsserted: true });
  assertEquals(domain.isInReset, true);
  domain.release(OSPM);
  const pulse = domain.beginPulse(OSPM, COLD) as ResetPulse;
  domain.reset();
  assertEquals(domain.isInReset, true);
  timeline.advanceTo(1000);
  assertEquals([pulse.result, heard], [null, []]);
  assertEquals(domain.release(OSPM), "SUCCESS");
  assertEquals(domain.isInReset, false);
});

Deno.test("checkInvariants of a reset domain tells of a pulse that does not end, and of one that nobody can begin", () => {
  const timeline = new Timeline();
  // Time passes, and nothing that is due is done.
  const stuck = { nowUs: () => timeline.nowUs(), at: () => ({ cancel: () => {} }) };
  const plan = completeResetDomain({ id: 0, name: "camera", pulseUs: 100, supportsAsync: true });
  const domain = new SimulatedResetDomain(plan, stuck);
  assertEquals(domain.checkInvariants(), []);
  domain.beginPulse(OSPM, COLD);
  timeline.advanceTo(100);
  assertEquals(domain.checkInvariants(), []);
  timeline.advanceTo(101);
  assertEquals(domain.checkInvariants(), ["reset domain camera is in a pulse that should be over"]);
  const slow = createDomain({ supportsAsync: false }).domain;
  slow.beginPulse(OSPM, COLD);
  assertEquals(slow.checkInvariants(), ["reset domain camera is in a pulse nobody can begin"]);
});
