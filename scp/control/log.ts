// What `run` tells on standard error while it serves: what agents' sides of transports do wrong (warning),
// agents and channels that come and go, decisions over the system (info), every message, and what agents come
// to believe that is not so (debug). Loaded after the first agent can be served.
import { configure, getLogger, type Logger } from "@logtape/logtape";
import type { EventHub } from "./event_hub.ts";
import type { LogLevelName } from "./run_options.ts";
import type { Terminal } from "./terminal.ts";
import type { EventView } from "./views.ts";

/** Starts the log; one line per record. */
export async function startLog(level: LogLevelName, terminal: Terminal): Promise<Logger> {
  await configure({
    sinks: { terminal: ({ level, message }) => terminal.complain(`${level}: ${message.join("")}`) },
    loggers: [
      { category: "scp", lowestLevel: level, sinks: ["terminal"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["terminal"] },
    ],
    reset: true,
  });
  return getLogger("scp");
}

/** Logs what happens on the channels until the core is gone. */
export async function logEvents(hub: EventHub, logger: Logger): Promise<void> {
  const queue = await hub.listen();
  if (queue === null) return;
  for (let part = await queue.next(); part !== null; part = await queue.next()) {
    for (const event of part.events) logEvent(event, logger);
    if (part.droppedCount > 0) logger.debug(`${part.droppedCount} more events, too fast to be told`);
  }
}

function logEvent(event: EventView, logger: Logger): void {
  const line = `${(event.timeUs / 1e6).toFixed(6)} s, agent ${event.agentId}: ${eventText(event)}`;
  if (event.message === null && event.kind !== "beliefDiffers") logger.info(line);
  else logger.debug(line);
}

/** What happened, in a few words. */
export function eventText(
  { kind, message, status, isAttached, change, resource, decision }: EventView,
): string {
  switch (kind) {
    case "p2aAttached":
      return isAttached === true ? "takes notifications" : "no longer takes notifications";
    case "channelReset":
      return "channel reset";
    case "agentPresence":
      return change === "votesDropped" ? "what it had asked for is taken back" : `${change}`;
    case "agentHeld":
      return change === "held" ? "held, as it sends more than it may" : "no longer held";
    case "systemDecision":
      return `${decision?.transition} of the system: ${decision?.verdict}`;
    case "beliefDiffers":
      return `${resource?.kind} ${resource?.name} is ${change === "began" ? "not " : "again "}as it believes`;
    case "passThroughDown":
      return `${resource?.kind} ${resource?.name}, which it has to itself, does not come up`;
    default:
      return `${kind} ${message} ${status ?? ""}`.trimEnd();
  }
}
