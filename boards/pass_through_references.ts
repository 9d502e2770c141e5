// What agents have to themselves: devices that exist, whose resources are no other agent's too.
import type { HardwareKind } from "../scp/core/schema.ts";
import type { AgentInput } from "./agent.ts";
import type { DeviceDescription } from "./board.ts";
import type { Complaints } from "./complaints.ts";

/** Lists what is wrong with the devices that are passed through; agents and devices are null where their shape is wrong. */
export function checkPassThrough(
  agents: readonly (AgentInput | null)[],
  devices: readonly (DeviceDescription | null)[],
  complaints: Complaints,
): void {
  /** By kind and name: whose it is. */
  const owners = new Map<string, number>();
  agents.forEach((agent, index) => {
    agent?.passThrough?.forEach((name, place) => {
      const path = `agents[${index}].passThrough[${place}]`;
      const device = devices.find((each) => each?.name === name);
      if (device === undefined) {
        if (!devices.includes(null)) complaints.add(path, `No device ${name}`);
        return;
      }
      for (const [kind, names] of Object.entries(device!.resources) as [HardwareKind, readonly string[]][]) {
        for (const resource of names) {
          const key = `${kind}/${resource}`;
          const owner = owners.get(key);
          if (owner !== undefined && owner !== index) {
            complaints.add(
              path,
              `Its ${kind} ${resource} is passed through to ${agents[owner]!.name} already`,
            );
          }
          owners.set(key, index);
        }
      }
    });
  });
}
