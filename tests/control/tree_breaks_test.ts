// What breaks of a guest's device tree although no id has moved: by what the nodes of regulators, thermal
// zones, power domains and GPIO lines say.
import { assertEquals } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import type { ViewInput } from "../../boards/view.ts";
import { treeBreaks, viewGuest } from "../../scp/control/tree_breaks.ts";

const OSPM = rcarBoard.agents[0]!.name;

/** What breaks for the first agent from one variant of the rcar to another, a line each. */
function breaks(before: Partial<Board>, after: Partial<Board>): string[] {
  const [old, now] = [before, after].map((changes) => viewGuest({ ...rcarBoard, ...changes }, OSPM, "3.2"));
  return treeBreaks(old!, now!).map(({ place, problem }) => `${place}: ${problem}`);
}

/** The same for an agent that has these rights of voltage domains. */
function breaksOfRights(before: ViewInput, after: ViewInput): string[] {
  const [old, now] = [before, after].map((view) => {
    const board = defineBoard({ ...rcarBoard, agents: [{ name: "guest", kind: "OSPM", view }] });
    return viewGuest(board, "guest", "3.2");
  });
  return treeBreaks(old!, now!).map(({ place, problem }) => `${place}: ${problem}`);
}

type Regulator = NonNullable<Board["power"]["rails"][number]["regulator"]>;

/** The power of the rcar with a change of the regulator of one rail. */
function withRegulator(rail: string, changes: Partial<Regulator>): Pick<Board, "power"> {
  const rails = rcarBoard.power.rails.map((each) =>
    each.name === rail ? { ...each, regulator: { ...each.regulator!, ...changes } } : each
  );
  return { power: { ...rcarBoard.power, rails } };
}

Deno.test("treeBreaks finds nothing between a board and itself", () => {
  assertEquals(breaks({}, {}), []);
});

Deno.test("treeBreaks tells of a regulator that its guest may only read now", () => {
  const [control, read] = (["control", "read"] as const).map((right): ViewInput => ({
    voltageDomain: { vd25: right },
  }));
  assertEquals(breaksOfRights(control!, read!), [
    "protocol@17/regulators/regulator@0: vd25: is no regulator that its guest could set now",
  ]);
  assertEquals(breaksOfRights(read!, control!), []);
});

Deno.test("treeBreaks tells of a regulator's range that has become narrower, not of a wider one", () => {
  const rail = rcarBoard.voltageDomains.find(({ name }) => name === "vd25")!.rail;
  const steps = { kind: "segment", lowestUv: 2_150_000, highestUv: 2_500_000, stepUv: 50_000 } as const;
  const narrow = withRegulator(rail, { steps });
  assertEquals(breaks({}, narrow), [
    "protocol@17/regulators/regulator@2: vd25: its range was 2150000 to 2900000 uV, is 2150000 to 2500000 uV now",
  ]);
  assertEquals(breaks(narrow, {}), []);
});

Deno.test("treeBreaks tells of a regulator that may not be set, or not be switched off, any more", () => {
  const voltageDomains = rcarBoard.voltageDomains.map((each) =>
    each.name === "vd25" ? { ...each, setBy: [] } : each
  );
  assertEquals(breaks({}, { voltageDomains }), [
    "protocol@17/regulators/regulator@2: vd25: its level may not be set now",
  ]);
  assertEquals(breaks({ voltageDomains }, {}), []);
  const rail = rcarBoard.voltageDomains.find(({ name }) => name === "vd25")!.rail;
  assertEquals(breaks({}, withRegulator(rail, { canSwitchOff: false })), [
    "protocol@17/regulators/regulator@2: vd25: may not be switched off now",
  ]);
});

Deno.test("treeBreaks tells of a sensor of another type under the same id, with its thermal zone", () => {
  const sensors = rcarBoard.sensors.map((each, id) => id === 1 ? { ...each, typeCode: 5 } : each);
  const problem = "thermal2 was of type temperature, is voltage now";
  assertEquals(breaks({}, { sensors }), [
    `<&scmi_sensors 1>: ${problem}`,
    `thermal-zones/thermal2-thermal: ${problem}`,
  ]);
});

Deno.test("treeBreaks tells of a thermal zone whose body nothing heats any more", () => {
  const node = rcarBoard.sensors[2]!.signal!.replace("temperature.", "");
  const blocks = rcarBoard.power.blocks.filter((block) => block.node !== node);
  assertEquals(breaks({}, { power: { ...rcarBoard.power, blocks } }), [
    "thermal-zones/thermal3-thermal: nothing that its guest heats is measured by thermal3 now",
  ]);
});

Deno.test("treeBreaks tells of a power domain that is below another one now", () => {
  const powerDomains = rcarBoard.powerDomains.map((each) =>
    each.name === "CLUS0CORE0" ? { ...each, parent: "CLUS1" } : each
  );
  assertEquals(breaks({}, { powerDomains }), [
    "protocol@11/power-domains-child-ids <0>: CLUS0CORE0 was below CLUS0, is below CLUS1 now",
  ]);
  const alone = powerDomains.map((each) => each.name === "CLUS0CORE0" ? { ...each, parent: null } : each);
  assertEquals(breaks({}, { powerDomains: alone }), [
    "protocol@11/power-domains-child-ids <0>: CLUS0CORE0 was below CLUS0, is below nothing now",
  ]);
});

Deno.test("treeBreaks tells of GPIO lines that have moved", () => {
  const [first, second, ...others] = rcarBoard.gpioLines;
  assertEquals(breaks({}, { gpioLines: [second!, first!, ...others] }), [
    "scmi-gpio-keys/key-1: was key door-front-left, is key door-front-right now",
    "scmi-gpio-keys/key-2: was key door-front-right, is key door-front-left now",
  ]);
  const lines = rcarBoard.gpioLines.slice(0, 2);
  assertEquals(breaks({}, { gpioLines: lines }), [
    "scmi-counter-3: was counter wheel-front-left, is nothing that drivers use now",
  ]);
});
