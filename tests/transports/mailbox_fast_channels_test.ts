// FastChannels of a mailbox: in a real memory file, looked at by the mailbox's watcher, before messages; and the places that
// are refused for them.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as performance from "../../protocols/performance/messages.ts";
import { readFields } from "../../scp/core/codec.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { FAST_AREA_SIZE } from "../../transports/fast_channels/layout.ts";
import { listenMailbox } from "../../transports/mailbox/mailbox.ts";
import type { MailboxFastChannels } from "../../transports/mailbox/options.ts";
import { MemoryFile, openMemoryFile } from "../../transports/memory/memory_file.ts";
import { mailboxOptions, MailboxSite } from "../contract/mailbox.ts";
import { createDvfs, DOMAIN, PERFORMANCE } from "../support/dvfs_board.ts";
import { describeFastChannel, FastChannelAgent } from "../support/fast_channel_agent.ts";
import { callOk, callStatus, encodeCommand } from "../support/platform.ts";

const FAST_OFFSET = 0x36000;
const BASE = 0x4000_0000;
const LEVEL = { set: 0x7, get: 0x8 } as const;

/** A mailbox of a platform's agent, and the agent's mapping of the FastChannels. */
function createSetting(fastChannels: MailboxFastChannels | null, version: 1 | 2 | 3 = 1) {
  const setting = createDvfs();
  const site = new MailboxSite(() => setting.ospm.channel, version, { fastChannels });
  const agent = site.connect();
  const file = openMemoryFile(site.path);
  assert(file instanceof MemoryFile);
  const window = file.window(FAST_OFFSET, FAST_AREA_SIZE);
  assert(!("error" in window));
  const close = () => {
    agent.disconnect();
    site.close();
    file.close();
  };
  const domain = setting.model.dvfs.performanceDomains[DOMAIN.cpu]!;
  return { ...setting, site, agent, window, domain, memory: new FastChannelAgent(window, BASE), close };
}

for (const version of [1, 2, 3] as const) {
  Deno.test(`mailbox (MHUv${version}) takes levels through FastChannels in its file`, async () => {
    const { ospm, site, memory, domain, close } = createSetting(
      { offset: FAST_OFFSET, baseAddress: BASE },
      version,
    );
    const [set, get] = [
      await describeFastChannel(ospm, PERFORMANCE, LEVEL.set, DOMAIN.cpu),
      await describeFastChannel(ospm, PERFORMANCE, LEVEL.get, DOMAIN.cpu),
    ];
    for (const level of [200, 50, 150]) {
      memory.write(set, [level]);
      site.settle();
      assertEquals([domain.level.value, memory.read(get)], [level, [level]]);
    }
    close();
  });
}

Deno.test("mailbox looks at FastChannels before the message that was sent after them", async () => {
  const { ospm, site, agent, memory, close } = createSetting({ offset: FAST_OFFSET, baseAddress: BASE });
  const set = await describeFastChannel(ospm, PERFORMANCE, LEVEL.set, DOMAIN.cpu);
  const ask = encodeCommand(PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, { domainId: DOMAIN.cpu }, 1);
  for (const level of [200, 50]) {
    memory.write(set, [level]);
    agent.send(ask);
    const [response] = agent.take();
    assert(response !== undefined);
    const view = new DataView(response.buffer);
    const values = readFields(performance.PERFORMANCE_LEVEL_GET.returns, view, 8, response.length);
    assertEquals(values, { level });
  }
  assertEquals(site.reports, []);
  close();
});

Deno.test("mailbox without FastChannels tells of none", async () => {
  const { ospm, close } = createSetting(null);
  const params = { domainId: DOMAIN.cpu, messageId: LEVEL.set };
  const schema = performance.PERFORMANCE_DESCRIBE_FASTCHANNEL;
  assertEquals(await callStatus(ospm, PERFORMANCE, schema, params), "NOT_SUPPORTED");
  const told = await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_PROTOCOL_ATTRIBUTES, {});
  assertEquals(told.statisticsSize, 0);
  close();
});

Deno.test("mailbox stops looking at FastChannels of a file that was truncated", async () => {
  const { ospm, site, memory, domain, close, psci } = createSetting({
    offset: FAST_OFFSET,
    baseAddress: BASE,
    doorbells: null,
  });
  const set = await describeFastChannel(ospm, PERFORMANCE, LEVEL.set, DOMAIN.cpu);
  memory.write(set, [200]);
  site.settle();
  assertEquals(domain.level.value, 200);
  await Deno.truncate(site.path, 0);
  site.settle();
  site.settle();
  assertEquals(site.reports.length, 1);
  await callOk(psci, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 50 });
  assertEquals(domain.level.value, 50);
  close();
});

Deno.test("listenMailbox refuses places and rates that FastChannels cannot have", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/memory`;
  const reactor = createReactor();
  const cases: [MailboxFastChannels, string][] = [
    [{ offset: FAST_OFFSET + 4 }, "give a multiple of 64"],
    [{ offset: -64 }, "give a multiple of 64"],
    [{ offset: 0x1000 }, "the MHU (0x1000 to 0x2000) and the FastChannels (0x1000 to 0x9000) overlap"],
    [{ offset: 0x60000 }, "it reaches beyond the end of its file"],
    [{ offset: FAST_OFFSET, rateLimitUs: 0x10_0000 }, "give 0 to 1048575"],
  ];
  for (const [fastChannels, part] of cases) {
    const { ospm } = createDvfs();
    const result = listenMailbox(reactor, { ...mailboxOptions(path, 1), fastChannels }, ospm.channel);
    assertStringIncludes("error" in result ? result.error : "it is served", part);
  }
  reactor.close();
  await Deno.remove(folder, { recursive: true });
});
