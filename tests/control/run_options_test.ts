import { assertEquals } from "@std/assert";
import { asksForDebug } from "../../scp/control/run_options.ts";

Deno.test("asksForDebug takes no other word for the level of the log", () => {
  assertEquals(asksForDebug(["--board", "rcar", "--log-level", "debug"]), true);
  assertEquals(asksForDebug(["--log-level=debug", "--board", "rcar"]), true);
  assertEquals(asksForDebug(["--board", "debug"]), false);
  assertEquals(asksForDebug(["--log-level", "info", "--board", "debug"]), false);
  assertEquals(asksForDebug([]), false);
});
