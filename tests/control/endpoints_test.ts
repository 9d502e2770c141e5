// The endpoints of a run: all or none, also when opening one trips over a mistake of ours.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { minimalBoard } from "../../boards/minimal.ts";
import { openEndpoints } from "../../scp/control/endpoints.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { withFolder } from "../support/scp_process.ts";

Deno.test("openEndpoints closes what it has opened when it trips over a mistake of ours", () =>
  withFolder((folder) => {
    const platform = createPlatform(minimalBoard);
    const plans = ["a", "b"].map((name) =>
      ({ scheme: "virtio", path: `${folder}/${name}.sock`, agent: "OSPM" }) as const
    );
    const openChannel = platform.machine.openChannel.bind(platform.machine);
    let openedCount = 0;
    platform.machine.openChannel = (agent) => {
      assertEquals(openedCount++, 0, "broken on purpose");
      return openChannel(agent);
    };
    const error = assertThrows(() => openEndpoints(createReactor(() => {}), platform, plans, null, () => {}));
    assert(error instanceof Error && error.message.includes("broken on purpose"));
    assertEquals([...Deno.readDirSync(folder)], []);
    return Promise.resolve();
  }));
