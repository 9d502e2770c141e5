// What a run can be told beside its core: where HTTP listens and how much is logged.

/** Where HTTP listens. */
export interface HttpAddress {
  readonly hostname: string;
  readonly port: number;
}

/** How much goes to standard error, least first. */
export const LOG_LEVELS = ["error", "warning", "info", "debug"] as const;

export type LogLevelName = typeof LOG_LEVELS[number];
