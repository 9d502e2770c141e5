// What `run` tells on standard error while it serves: what agents' sides of transports do wrong (warning), channels that
// come and go (info), every message (debug). Loaded after the first agent can be served.
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
  const at = `${(event.timeUs / 1e6).toFixed(6)} s, agent ${event.agentId}`;
  if (event.kind === "p2aAttached") {
    logger.info(`${at}: ${event.isAttached === true ? "takes" : "no longer takes"} notifications`);
  } else if (event.kind === "channelReset") {
    logger.info(`${at}: channel reset`);
  } else {
    logger.debug(`${at}: ${event.kind} ${event.message} ${event.status ?? ""}`.trimEnd());
  }
}
