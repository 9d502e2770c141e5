// Transport specifications as text: what is taken, and what is said about what is not.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseTransportSpec } from "../../scp/control/transport_spec.ts";

function problemOf(text: string): string {
  const result = parseTransportSpec(text);
  return result.ok ? "" : result.problem;
}

Deno.test("parseTransportSpec takes scheme, path and agent apart", () => {
  assertEquals(parseTransportSpec("virtio:/run/a.sock,agent=VM1"), {
    ok: true,
    spec: { scheme: "virtio", path: "/run/a.sock", agent: "VM1" },
  });
});

Deno.test("parseTransportSpec leaves the agent open when none is named", () => {
  assertEquals(parseTransportSpec("message:./b.sock"), {
    ok: true,
    spec: { scheme: "message", path: "./b.sock", agent: null },
  });
});

Deno.test("parseTransportSpec lets a path have colons", () => {
  assertEquals(parseTransportSpec("message:/a:b,agent=x"), {
    ok: true,
    spec: { scheme: "message", path: "/a:b", agent: "x" },
  });
});

Deno.test("parseTransportSpec refuses an unknown scheme and lists the known ones", () => {
  const problem = problemOf("mailbox:/dev/shm/ram");
  assertStringIncludes(problem, '"mailbox"');
  assertStringIncludes(problem, "virtio:SOCKET or message:SOCKET");
});

Deno.test("parseTransportSpec says on one line what is wrong", () => {
  const cases = [
    ["/run/a.sock", "no scheme"],
    ["virtio:", "no socket path"],
    ["virtio:,agent=A", "no socket path"],
    ["virtio:/a,agent=", "agent= needs a name"],
    ["virtio:/a,agent=A,agent=B", "given twice"],
    ["virtio:/a,speed=9", 'unknown option "speed=9"'],
  ] as const;
  for (const [text, part] of cases) {
    const problem = problemOf(text);
    assertStringIncludes(problem, part);
    assertEquals(problem.includes("\n"), false);
  }
});
