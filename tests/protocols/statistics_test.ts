// The statistics that protocols show in shared memory. What they count is the model's matter; here it is the layout, and who
// gets it. scmi-core 5.8.
import { assert, assertEquals } from "@std/assert";
import * as power from "../../protocols/power/messages.ts";
import type { SharedAreas, SharedRegion } from "../../scp/core/shared_area.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { callOk, callStatus, connectAgent } from "../support/platform.ts";
import { DOMAIN, POWER_BOARD } from "../support/power_board.ts";

const POWER = 0x11;
const ADDRESS = 0x1_2345_6000n;

/** Memory with room for so many bytes. */
class TestAreas implements SharedAreas {
  readonly mapped: SharedRegion[] = [];

  constructor(readonly room: number) {}

  findFastChannel(): null {
    return null;
  }

  mapRegion(protocolId: number, region: SharedRegion): bigint | null {
    assertEquals(protocolId, POWER);
    if (region.size > this.room) return null;
    this.mapped.push(region);
    return ADDRESS;
  }
}

function createSetting(room = 4096) {
  const platform = createPlatform(POWER_BOARD);
  const ospm = connectAgent(platform.machine);
  const areas = new TestAreas(room);
  ospm.channel.sharedAreas = areas;
  const ask = () => callOk(ospm, POWER, power.POWER_PROTOCOL_ATTRIBUTES, {});
  return { ...platform, ospm, areas, ask };
}

/** What a region says: signature, and of each domain the state, when that was reached, visits and time of each state. */
function read(region: SharedRegion) {
  const view = new DataView(new ArrayBuffer(region.size));
  new Uint8Array(view.buffer).fill(0xa5);
  region.write(view);
  assert(!new Uint8Array(view.buffer).every((byte) => byte === 0xa5));
  const domains = Array.from({ length: view.getUint16(8, true) }, (_, domainId) => {
    const at = view.getUint32(16 + 4 * domainId, true);
    if (at === 0) return null;
    return {
      state: view.getUint16(at + 2, true),
      sinceUs: Number(view.getBigUint64(at + 8, true)),
      uses: Array.from({ length: view.getUint16(at, true) }, (_, state) => {
        const entry = at + 16 + 24 * state;
        assertEquals([view.getUint32(entry, true), view.getUint32(entry + 4, true)], [state, 0]);
        return [view.getBigUint64(entry + 8, true), view.getBigUint64(entry + 16, true)].map(Number);
      }),
    };
  });
  return { signature: view.getUint32(0, true), domains };
}

Deno.test("PROTOCOL_ATTRIBUTES of Power tells a region with visits and time of each state", async () => {
  const { ospm, areas, ask, machine, model } = createSetting();
  const told = await ask();
  assertEquals([told.statisticsAddressLow, told.statisticsAddressHigh], [0x2345_6000, 1]);
  const [region] = areas.mapped;
  assert(region !== undefined);
  assertEquals(told.statisticsSize, region.size);
  assertEquals(await ask(), told);
  assertEquals(areas.mapped.length, 1, "it is mapped once");

  const { states, state: bootState } = model.powerTree.exposed[DOMAIN.gpu]!;
  assertEquals([states.map(({ name }) => name), bootState.name], [["on", "off"], "off"]);
  machine.step(1000);
  const params = {
    domainId: DOMAIN.gpu,
    flags: { async: false },
    powerState: { isContextLost: false, stateId: 0 },
  };
  assertEquals(await callStatus(ospm, POWER, power.POWER_STATE_SET, params), "SUCCESS");
  machine.step(3500);
  const { signature, domains } = read(region);
  assertEquals(signature, 0x504f_5752);
  assertEquals(domains.length, Object.keys(DOMAIN).length - ("missing" in DOMAIN ? 1 : 0));
  assertEquals(domains[DOMAIN.gpu], { state: 0, sinceUs: 1000, uses: [[1, 2500], [1, 1000]] });
  for (const [place, domain] of domains.entries()) {
    assertEquals(domain?.uses.reduce((sum, [, us]) => sum + us!, 0), 3500, `domain ${place}`);
  }
});

Deno.test("PROTOCOL_ATTRIBUTES of Power tells of no region where memory has no room for it", async () => {
  const { ask, areas } = createSetting(64);
  const { statisticsAddressLow, statisticsAddressHigh, statisticsSize } = await ask();
  assertEquals([statisticsAddressLow, statisticsAddressHigh, statisticsSize], [0, 0, 0]);
  assertEquals(areas.mapped, []);
});

Deno.test("statistics of a domain that the agent is denied are not told, not even those of before", async () => {
  const { areas, ask, machine } = createSetting();
  await ask();
  const [region] = areas.mapped;
  assert(region !== undefined);
  machine.step(1000);
  const bytes = () => {
    const view = new DataView(new ArrayBuffer(region.size));
    new Uint8Array(view.buffer).fill(0xa5);
    region.write(view);
    return view;
  };
  const { domains } = read(region);
  const offsets = domains.map((_, domainId) => bytes().getUint32(16 + 4 * domainId, true));
  const agent = machine.agents.find("OSPM")!;
  const { name } = agent.platform.view.powerDomain[DOMAIN.gpu]!;
  agent.permitResource("powerDomain", name, false);
  assertEquals(read(region).domains, domains.map((domain, id) => id === DOMAIN.gpu ? null : domain));
  const [from, to] = [offsets[DOMAIN.gpu]!, offsets[DOMAIN.gpu + 1] ?? region.size];
  assertEquals(new Uint8Array(bytes().buffer, from, to - from).some((byte) => byte !== 0), false);
  agent.permitResource("powerDomain", name, true);
  assertEquals(read(region).domains, domains);
});
