// How routes answer: bodies as JSON of a schema, refusals of the core as HTTP statuses.
import { errorText } from "../core/error_text.ts";
import type { z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import type { CallOutcome, RefusalReason } from "./control_calls.ts";
import * as views from "./views.ts";

const STATUS_OF = { notFound: 404, invalid: 422, conflict: 409, gone: 503 } as const satisfies Record<
  RefusalReason,
  number
>;

/** The declaration of an answer. */
export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
/** The declaration of a request's body. */
export const body = <S extends z.ZodType>(schema: S) => ({
  required: true,
  content: { "application/json": { schema } },
});
/** The declarations of what every route may answer instead. */
export const refusals = {
  400: json(views.errorView, "the request makes no sense"),
  404: json(views.errorView, "there is nothing of that name"),
  409: json(views.errorView, "not in this mode"),
  413: json(views.errorView, "the body is too large"),
  415: json(views.errorView, "the body is no JSON by its content-type"),
  421: json(views.errorView, "the host name is not served"),
  422: json(views.errorView, "a value makes no sense"),
  500: json(views.errorView, "a mistake of the simulator"),
  503: json(views.errorView, "the simulator is ending"),
};
/** A refusal on its way to `onError`, which turns it into a response. */
export class Refusal extends HTTPException {}

/** Returns the value of an outcome; a refusal ends the request. */
export function valueOf<T>(outcome: CallOutcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Refusal(STATUS_OF[outcome.reason], { message: outcome.problem });
}

/** What is told of a mistake of ours, on one line. */
export function mistakeBody(error: unknown): { readonly error: string } {
  const text = errorText(error);
  return { error: `a mistake of the simulator: ${text.split("\n")[0]}` };
}

/** Asks for all pages of a list, each of so many entries but the last. */
export async function allPages<T>(
  pageSize: number,
  pageFrom: (from: number) => Promise<CallOutcome<readonly T[]>>,
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const page = valueOf(await pageFrom(all.length));
    all.push(...page);
    if (page.length < pageSize) return all;
  }
}
