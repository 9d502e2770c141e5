// What Linux' generic power domains make of the power domains, what raw mode does to one, and what the kernel does when
// another agent asks for a shutdown.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import type { PowerDomainDescription } from "../../../boards/power_domain.ts";
import {
  POWER_STATE_CHANGE_REQUESTED,
  POWER_STATE_CHANGE_REQUESTED_NOTIFY,
  POWER_STATE_GET,
  POWER_STATE_NOTIFY,
} from "../../../protocols/power/messages.ts";
import { messageIdOf } from "../../../scp/core/header.ts";
import { SYSTEM_POWER_STATE_SET, SYSTEM_STATE } from "../../../protocols/system_power/messages.ts";
import type { GuestCase } from "../case.ts";
import { AGENT } from "../platform.ts";
import { commandHex, parseMessage, POWER } from "../raw_message.ts";

const SYSTEM_POWER = 0x12;
const STATE_SET = 0x4;
const STATE_GET = 0x5;
const ON = 0;
const OFF = 0x4000_0000;

/** The domains that agents are shown, in the order of their ids. */
const DOMAINS = rcarBoard.powerDomains.filter(({ id }) => id !== null);

/** Those that the guest may switch off: they are on at boot and nothing that stays on needs them. */
function goOffLate(): string[] {
  const kind = rcarBoard.agents.find(({ name }) => name === AGENT)!.kind;
  const isUsed = (name: string) =>
    DOMAINS.some(({ parent, bootState }) => parent === name && bootState === "on");
  return DOMAINS.filter(({ name, bootState, isAlwaysOn, setBy }) =>
    bootState === "on" && !isAlwaysOn && setBy.includes(kind) && !isUsed(name)
  ).map(({ name }) => name);
}

/** A domain and those above it that can go off when it is. */
function branchOf(leaf: string): PowerDomainDescription[] {
  const branch: PowerDomainDescription[] = [];
  for (let name: string | null = leaf; name !== null;) {
    const domain = DOMAINS.find((each) => each.name === name);
    if (domain === undefined || domain.isAlwaysOn) break;
    branch.push(domain);
    name = domain.parent;
  }
  return branch;
}

/** The cases of this file. */
export const POWER_CASES: readonly GuestCase[] = [
  {
    name: "pm_genpd_summary equals the platform's power domains, of which unused ones went off late in boot",
    async run(context) {
      const { platform } = context;
      const states = new Map<string, string>();
      const report = await context.boot({
        script: `
await '! is_power_moving'
mark_lines domain cat /sys/kernel/debug/pm_genpd/pm_genpd_summary
mark shown
await_host
`,
        async onMark(key, _value, tell) {
          if (key !== "shown") return;
          for (const { name, wire } of await platform.hardware("powerDomains")) states.set(name, wire.state);
          await tell();
        },
      });
      const shown = new Map(
        report.all("domain").flatMap((line): [string, string][] => {
          const [, name = "", state = ""] = /^(\S+)\s+(on|off)(?:-\d+)?\s/.exec(line) ?? [];
          return name === "" ? [] : [[name, state]];
        }),
      );
      const expected = DOMAINS.map(({ name }) => [name, states.get(name)]);
      assertEquals(DOMAINS.map(({ name }) => [name, shown.get(name)]), expected);
      const late = goOffLate();
      assert(late.length > 0, "the board has a domain that goes off late");
      for (const name of late) assertEquals([name, shown.get(name)], [name, "off"]);
    },
  },
  {
    name:
      "tree of power domains is that of the board, and its unused branches go off from the leaves, none refused",
    // 6.12 does not read the tree from the device tree.
    kernels: ["7.2"],
    async run(context) {
      const { platform } = context;
      const branch = branchOf(goOffLate()[0]!);
      assert(branch.length > 1, "a domain that goes off late has one above it that then can");
      const other = await platform.openOtherAgent();
      const heard: string[] = [];
      other.onNotification = ({ header, payload }) => {
        const isRequest = messageIdOf(header) === POWER_STATE_CHANGE_REQUESTED.id;
        const { name } = DOMAINS[payload.getUint32(4, true)]!;
        const state = payload.getUint32(8, true) === OFF ? "off" : "on";
        heard.push(`${isRequest ? "asked" : "is"} ${name} ${state}`);
      };
      for (const { id } of branch) {
        for (const schema of [POWER_STATE_NOTIFY, POWER_STATE_CHANGE_REQUESTED_NOTIFY]) {
          const result = await other.call(POWER, schema, { domainId: id!, notifyEnable: { enable: true } });
          assert(result.ok, schema.name);
        }
      }
      const report = await context.boot({
        script: "mark_lines domain cat /sys/kernel/debug/pm_genpd/pm_genpd_summary",
      });
      // What was sent before is there when this is answered.
      await other.call(POWER, POWER_STATE_GET, { domainId: branch[0]!.id! });
      other.close();
      assertEquals(heard, branch.flatMap(({ name }) => [`asked ${name} off`, `is ${name} off`]));

      const shown = new Map<string, string>();
      let parent = "";
      for (const line of report.all("domain")) {
        const children = /^\s{30,}(\S.*)$/.exec(line)?.[1];
        if (children === undefined) parent = line.split(" ")[0]!;
        for (const name of children?.split(", ") ?? []) shown.set(name, parent);
      }
      const ids = new Set(DOMAINS.map(({ name }) => name));
      const tree = DOMAINS.map(({ name, parent }) => [name, ids.has(parent ?? "") ? parent : undefined]);
      assertEquals(DOMAINS.map(({ name }) => [name, shown.get(name)]), tree);
    },
  },
  {
    name: "raw mode switches a power domain on and off, as the platform shows",
    over: ["virtio", "polled"],
    async run(context) {
      const { platform } = context;
      const domain = DOMAINS.find(({ kind, bootState }) => kind === "device" && bootState === "off");
      assert(domain !== undefined && domain.id !== null);
      const { id, name } = domain;
      const stateOf = async () =>
        (await platform.hardware("powerDomains")).find((each) => each.name === name)?.wire.state;
      const states: (string | undefined)[] = [await stateOf()];
      const report = await context.boot({
        script: `
exchange on "${commandHex(POWER, STATE_SET, 70, 0, id, ON)}"
exchange is_on "${commandHex(POWER, STATE_GET, 71, id)}"
mark switched
await_host
exchange off "${commandHex(POWER, STATE_SET, 72, 0, id, OFF)}"
exchange is_off "${commandHex(POWER, STATE_GET, 73, id)}"
mark switched
await_host
`,
        async onMark(key, _value, tell) {
          if (key !== "switched") return;
          states.push(await stateOf());
          await tell();
        },
      });
      for (const key of ["on", "off"]) assertEquals(parseMessage(report.one(key)).words, [0], key);
      assertEquals(parseMessage(report.one("is_on")).words, [0, ON]);
      assertEquals(parseMessage(report.one("is_off")).words, [0, OFF]);
      assertEquals(states, ["off", "on", "off"]);
    },
  },
  {
    name: "graceful shutdown that another agent asks for makes the guest power off in an orderly way",
    shows: "system power: shutdown on request",
    // Time stands still, so that the platform waits for the guest however slow that is.
    simulatorArguments: ["--time", "stepped"],
    async run(context) {
      const other = await context.platform.openOtherAgent();
      let answer = "";
      const report = await context.boot({
        script: `
mkdir -p /sbin
cat > /sbin/poweroff <<'END'
#!/bin/busybox sh
/bin/busybox touch /tmp/asked-to-power-off
END
chmod 755 /sbin/poweroff
mark waiting "$([ -e /tmp/asked-to-power-off ] && echo asked || echo quiet)"
await '[ -e /tmp/asked-to-power-off ]'
`,
        async onMark(key) {
          if (key !== "waiting") return;
          const result = await other.call(SYSTEM_POWER, SYSTEM_POWER_STATE_SET, {
            flags: { graceful: true },
            systemState: SYSTEM_STATE.shutdown,
          });
          answer = result.ok ? "SUCCESS" : result.status;
        },
      });
      other.close();
      assertEquals(answer, "SUCCESS");
      assertEquals(report.one("waiting"), "quiet");
    },
  },
];
