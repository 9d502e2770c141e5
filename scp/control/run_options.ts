// What a run can be told beside its core: where HTTP listens and how much is logged.

/** Where HTTP listens. */
export interface HttpAddress {
  readonly hostname: string;
  readonly port: number;
}

/** How much goes to standard error, least first. */
export const LOG_LEVELS = ["error", "warning", "info", "debug"] as const;

/** One of them. */
export type LogLevelName = typeof LOG_LEVELS[number];

/** Whether these arguments ask for debug output, for the case that nobody could parse them. */
export function asksForDebug(args: readonly string[]): boolean {
  const level = args.indexOf("--log-level");
  return args.includes("--log-level=debug") || (level >= 0 && args[level + 1] === "debug");
}
