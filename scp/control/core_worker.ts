// The worker in which the core runs: builds the platform, opens its endpoints, then never leaves its loop
// until stopped. It shares nothing with the main thread but the message port and the eventfd that wakes it.
import { receiveMessageOnPort } from "node:worker_threads";
import { loadBoard } from "./board_loader.ts";
import { createTimeDriver } from "../core/clock.ts";
import { ControlInbox } from "./control_inbox.ts";
import type { ControlRequest, CoreMessage } from "./control_channel.ts";
import { CoreLoop } from "./core_loop.ts";
import type { CorePlan } from "./core_plan.ts";
import { type Core, createCoreService } from "./core_service.ts";
import { defaultEndpointPlans, planEndpoints } from "./endpoint_plans.ts";
import { openEndpoints } from "./endpoints.ts";
import { createPlatform } from "./platform.ts";

interface Scope {
  onmessage: ((event: MessageEvent<{ plan: CorePlan; port: MessagePort }>) => void) | null;
  close(): void;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data: { plan, port } }) => {
  const post = (message: CoreMessage) => port.postMessage(message);
  runCore(plan, port, post).catch((error: unknown) => {
    const failure = error instanceof Error ? error : new Error(String(error));
    post({ kind: "failed", problem: failure.message.split("\n")[0]!, detail: failure.stack ?? "" });
  }).finally(() => scope.close());
};

async function runCore(
  plan: CorePlan,
  port: MessagePort,
  post: (message: CoreMessage) => void,
): Promise<void> {
  const loaded = await loadBoard(plan.board);
  if (!("board" in loaded)) return post({ kind: "refused", problems: loaded.errors });
  const { board } = loaded;
  const planned = plan.transports === null
    ? { plans: defaultEndpointPlans(board) }
    : planEndpoints(board, plan.transports);
  if ("problems" in planned) return post({ kind: "refused", problems: planned.problems });

  const platform = createPlatform(board, { seed: plan.seed, release: plan.release });
  const { machine, model } = platform;
  const driver = createTimeDriver(plan.time);
  const loop = new CoreLoop(machine, model, driver);
  const endpoints = openEndpoints(
    loop.reactor,
    platform,
    planned.plans,
    plan.transports === null ? board.name : null,
    (line) => post({ kind: "report", line }),
  );
  if ("problem" in endpoints) return post({ kind: "refused", problems: [endpoints.problem] });

  try {
    const core: Core = {
      platform,
      driver,
      seed: plan.seed,
      release: plan.release,
      time: plan.time,
      endpoints,
      stop: () => loop.stop(),
    };
    const serve = createCoreService(core);
    const inbox = new ControlInbox(loop.reactor, () => {
      const received = receiveMessageOnPort(port as never) as { message: ControlRequest } | undefined;
      if (received === undefined) return false;
      const { id, name, params } = received.message;
      post({ kind: "reply", id, outcome: serve(name, params as never) });
      return true;
    });
    post({ kind: "ready", wakeFd: inbox.wakeFd });
    loop.run();
  } finally {
    endpoints.close();
  }
  post({ kind: "stopped" });
}
