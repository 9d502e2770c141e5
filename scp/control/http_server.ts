// Gives the HTTP app a port. Only requests to an address of this machine by name or number are served while
// it listens on loopback: a page in a browser must not reach it under a foreign name.
import { mistakeBody } from "./http_answers.ts";
import type { HttpAddress } from "./run_options.ts";

/** What answers requests: the app of http.ts. */
export interface HttpApp {
  fetch(request: Request): Response | Promise<Response>;
}

/** A port that serves. */
export interface HttpServer {
  /** For example `http://127.0.0.1:8056`. */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** Listens; a problem is one line with the address and what to do. */
export function serveHttp(app: HttpApp, address: HttpAddress): HttpServer | { readonly problem: string } {
  const { hostname, port } = address;
  const isLoopback = LOOPBACK.includes(bracketed(hostname));
  const handler = (request: Request): Response | Promise<Response> => {
    const url = URL.parse(request.url);
    if (url === null) {
      return Response.json({ error: `the Host header is no host name: ${request.url} cannot be asked for` }, {
        status: 400,
      });
    }
    if (isLoopback && !LOOPBACK.includes(url.hostname)) {
      return Response.json({ error: "this host name is not served: use 127.0.0.1 or localhost" }, {
        status: 421,
      });
    }
    return app.fetch(request);
  };
  const onError = (error: unknown) => Response.json(mistakeBody(error), { status: 500 });
  try {
    const server = Deno.serve({ hostname, port, onListen: () => {}, onError }, handler);
    const url = `http://${bracketed(hostname)}:${server.addr.port}`;
    return { url, close: () => server.shutdown() };
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "it is in use"
      : error instanceof Error
      ? error.message
      : String(error);
    const where = `${bracketed(hostname)}:${port}`;
    return {
      problem:
        `HTTP cannot listen at ${where}: ${reason}; choose another with --http HOST:PORT or --http off`,
    };
  }
}

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
