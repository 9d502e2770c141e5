// The `probe` command: connects to a platform as an agent, walks it, prints what it offers: see
// probe_text.ts.
import { AgentClient } from "../agent/agent.ts";
import { connectMessage } from "../../transports/message/client.ts";
import { probePlatform } from "./probe.ts";
import { reportLines } from "./probe_text.ts";
import type { ProbeOptions } from "./prober.ts";
import { EXIT, type Terminal } from "./terminal.ts";
import type { TransportSpec } from "./transport_spec.ts";

/** Probes the platform behind a socket; returns the exit code. */
export async function probe(
  spec: TransportSpec,
  options: ProbeOptions,
  isJson: boolean,
  terminal: Terminal,
): Promise<number> {
  const channel = await connectMessage(spec.path);
  if ("error" in channel) {
    terminal.complain(`error: ${channel.error}`);
    return EXIT.failure;
  }
  const client = new AgentClient(channel);
  const report = await probePlatform(client, options);
  client.close();
  if (report === null) {
    terminal.complain(`error: nothing at ${spec.path} answers SCMI messages: is it a message: endpoint?`);
    return EXIT.failure;
  }
  if (isJson) terminal.print(JSON.stringify(report, null, 2));
  else for (const line of reportLines(report)) terminal.print(line);
  if (!report.isLost) return EXIT.success;
  terminal.complain(`error: the platform at ${spec.path} stopped to answer: this is not all of it`);
  return EXIT.failure;
}
