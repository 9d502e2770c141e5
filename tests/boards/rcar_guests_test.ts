// The board of guests: its policies are about what there is, and do what its words say.
import { assert, assertEquals } from "@std/assert";
import { rcarGuestsBoard } from "../../boards/rcar_guests.ts";
import { validateBoard } from "../../boards/validator.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";

const idOf = (name: string) => rcarGuestsBoard.agents.findIndex((agent) => agent.name === name) + 1;
const [HOST, COCKPIT, CLUSTER, SAFETY] = ["host", "cockpit", "cluster", "safety"].map(idOf) as [
  number,
  number,
  number,
  number,
];

Deno.test("rcar-guests is valid as it stands, with every default", () => {
  assert("board" in validateBoard(rcarGuestsBoard));
});

Deno.test("rcar-guests has what is safety's and cockpit's alone up from the start, and nobody disturbs it", () => {
  const { model } = createPlatform(rcarGuestsBoard);
  const clocks = model.clockTree.clocks;
  const named = (name: string) => clocks.find((clock) => clock.name === name)!;
  for (const name of ["can-fd", "rwdt", "canfd", "hdmi0"]) assertEquals(named(name).isRunning, true, name);
  for (const id of [HOST, CLUSTER]) {
    for (const { name } of clocks) {
      const mine = model.hardwareOf(id).clock.find((clock) => clock.name === name)!;
      mine.configure(id, { isEnabled: true, setting: null });
      mine.configure(id, { isEnabled: false, setting: null });
      mine.setRate(id, 1, "nearest");
    }
  }
  assertEquals(checkInvariants(model), []);
  const fresh = createPlatform(rcarGuestsBoard).model.clockTree.clocks;
  for (const name of ["can-fd", "rwdt", "canfd", "hdmi0"]) {
    const { isRunning, outputHz } = named(name);
    assertEquals([isRunning, outputHz], [true, fresh.find((clock) => clock.name === name)!.outputHz], name);
  }
});

Deno.test("rcar-guests runs while a guest needs it, and safety's word outweighs a reset", () => {
  const { machine, model } = createPlatform(rcarGuestsBoard);
  const system = model.systemPower!;
  const channels = ["cockpit", "cluster", "safety"].map((name) => machine.openChannel(name)!);
  for (const channel of channels) channel.attach({ send: () => "sent" });
  assertEquals(system.request("coldReset", false, COCKPIT), "DENIED");
  assertEquals(system.request("shutdown", false, COCKPIT), "SUCCESS");
  assertEquals([system.condition, system.conditionFor(COCKPIT)], ["up", "down"]);
  channels[1]!.close();
  assertEquals(system.condition, "up");
  assertEquals(system.request("shutdown", false, SAFETY), "SUCCESS");
  assertEquals(system.condition, "down");
});

Deno.test("rcar-guests takes back what cluster asked for at once, cockpit's after a while, safety's never", () => {
  const { machine, model } = createPlatform(rcarGuestsBoard);
  const wants = (id: number) => model.arbitration.votes().filter(({ agentId }) => agentId === id).length;
  const ownOf = (id: number) =>
    createPlatform(rcarGuestsBoard).model.arbitration.votes()
      .filter(({ agentId }) => agentId === id).length;
  const before = [COCKPIT, CLUSTER, SAFETY].map(ownOf);
  for (const [name, id] of [["cockpit", COCKPIT], ["cluster", CLUSTER], ["safety", SAFETY]] as const) {
    const channel = machine.openChannel(name)!;
    channel.attach({ send: () => "sent" });
    const clock = model.hardwareOf(id).clock.find((each) =>
      each.name === { cockpit: "ssi0", cluster: "vspd2", safety: "thermal" }[name]
    )!;
    assertEquals(clock.configure(id, { isEnabled: true, setting: null }), "SUCCESS");
    channel.close();
  }
  const more = () => [COCKPIT, CLUSTER, SAFETY].map((id, i) => wants(id) - before[i]!);
  assertEquals(more(), [1, 0, 0], "safety wants its own anyway");
  machine.step(10_000_000);
  assertEquals(more(), [0, 0, 0]);
});
