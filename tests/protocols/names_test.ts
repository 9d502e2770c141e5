import { assertEquals } from "@std/assert";
import { hasExtendedName, nameReply } from "../../protocols/names.ts";

Deno.test("hasExtendedName: fifteen characters and a NUL fit the descriptor, sixteen do not", () => {
  assertEquals(hasExtendedName("a".repeat(15)), false);
  assertEquals(hasExtendedName("a".repeat(16)), true);
});

Deno.test("nameReply tells an extended name only", () => {
  assertEquals(nameReply("a".repeat(16)), { flags: 0, name: "a".repeat(16) });
  assertEquals(nameReply("a".repeat(15)), "NOT_SUPPORTED");
});
