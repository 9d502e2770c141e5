// Which agent is served where: by default, and as asked for.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { completeAgent } from "../../boards/agent.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { defaultEndpointPlans, planEndpoints } from "../../scp/control/endpoint_plans.ts";
import { socketFolderOf } from "../../scp/control/socket_folder.ts";
import { parseTransportSpec } from "../../scp/control/transport_spec.ts";

Deno.test("defaultEndpointPlans serve every agent at a virtio and a message socket named after it", () => {
  const folder = socketFolderOf("minimal");
  assertEquals(defaultEndpointPlans(minimalBoard), [
    { scheme: "virtio", path: `${folder}/ospm.virtio.sock`, agent: "OSPM" },
    { scheme: "message", path: `${folder}/ospm.message.sock`, agent: "OSPM" },
  ]);
  assertEquals(defaultEndpointPlans(rcarBoard).length, 2 * rcarBoard.agents.length);
});

Deno.test("defaultEndpointPlans give agents different files whatever they are called", () => {
  const agents = ["A/B", "a b", "..", "a-b"].map((name) => completeAgent({ name, kind: "OTHER" }));
  const paths = defaultEndpointPlans({ ...minimalBoard, agents }).map(({ path }) => path);
  assertEquals(new Set(paths).size, 8);
  const folder = socketFolderOf("minimal");
  for (const path of paths) {
    assertEquals(/^[a-z0-9_-]+\.(virtio|message)\.sock$/.test(path.slice(folder.length + 1)), true);
  }
});

Deno.test("planEndpoints takes the board's first agent where none is named", () => {
  const specs = [
    { scheme: "virtio", path: "/a", agent: null },
    { scheme: "message", path: "/b", agent: "VM2" },
  ] as const;
  assertEquals(planEndpoints(rcarBoard, specs), {
    plans: [{ scheme: "virtio", path: "/a", agent: "OSPM" }, { scheme: "message", path: "/b", agent: "VM2" }],
  });
});

Deno.test("planEndpoints tells of every unknown agent, and of those there are", () => {
  const specs = ["X", "Y"].map((agent) => ({ scheme: "virtio", path: `/${agent}`, agent }) as const);
  const result = planEndpoints(rcarBoard, specs);
  const problems = "problems" in result ? result.problems : [];
  assertEquals(problems.length, 2);
  assertStringIncludes(problems[0]!, 'no agent "X": take one of OSPM, PSCI, VMM, VM1, VM2');
});

Deno.test("planEndpoints refuses a socket that is given twice", () => {
  const specs = [
    { scheme: "virtio", path: "/a", agent: null },
    { scheme: "message", path: "/a", agent: "VM2" },
  ] as const;
  const result = planEndpoints(rcarBoard, specs);
  assertStringIncludes("problems" in result ? result.problems.join() : "", "/a is given twice");
});

Deno.test("planEndpoints lets several endpoints be in one file, where no two take the same place", () => {
  const specs = (...texts: string[]) =>
    texts.map((text) => {
      const parsed = parseTransportSpec(text);
      assert(parsed.ok, parsed.ok ? "" : parsed.problem);
      return parsed.spec;
    });
  const problemOf = (...texts: string[]) => {
    const result = planEndpoints(rcarBoard, specs(...texts));
    return "problems" in result ? result.problems.join() : null;
  };
  const mailbox = "mailbox:/m,mhu=0x0,shmem=0x1000";
  assertEquals(problemOf(mailbox, "mailbox:/m,mhu=0x2000,shmem=0x1080", "shmem:/m,offset=0x4000"), null);
  assertEquals(problemOf(mailbox, "mailbox:/n,mhu=0x0,shmem=0x1000"), null);
  const cases = [
    "mailbox:/m,mhu=0xffc,shmem=0x4000",
    "mailbox:/m,mhu=0x2000,shmem=0x107c",
    "mailbox:/m,mhu=0x2000,shmem=0x4000+0x1000",
    "mailbox:/m,mhu=0x2000,shmem=0x4000,p2a=0xf84",
    "mailbox:/x/../m,mhu=0x10000,shmem=0x4000,fast=0x0",
    "shmem:/m,offset=0x800",
  ];
  for (const text of cases) assertStringIncludes(problemOf(mailbox, text) ?? "", "overlap: move one of them");
  assertStringIncludes(problemOf(mailbox, "message:/m") ?? "", "/m is given twice");
});

Deno.test("planEndpoints gives an agent one GPIO device at most", () => {
  const gpio = (path: string, agent: string) => ({ scheme: "gpio", path, agent }) as const;
  assertEquals("plans" in planEndpoints(rcarBoard, [gpio("/a", "VM1"), gpio("/b", "VM2")]), true);
  const result = planEndpoints(rcarBoard, [gpio("/a", "VM1"), gpio("/b", "VM1")]);
  assertStringIncludes(
    "problems" in result ? result.problems.join() : "",
    "agent VM1 has two gpio: endpoints",
  );
});
