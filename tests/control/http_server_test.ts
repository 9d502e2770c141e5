// The port of the HTTP interface, spoken to byte by byte: host names that are none, foreign ones, and a
// handler that fails.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type HttpApp, type HttpServer, serveHttp } from "../../scp/control/http_server.ts";

/** Serves an app at a port of its own while the body runs. */
async function withServer(app: HttpApp, body: (server: HttpServer) => Promise<void>): Promise<void> {
  const server = serveHttp(app, { hostname: "127.0.0.1", port: 0 });
  assert(!("problem" in server));
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

/** Asks with a Host header of one's own; returns status line and body. */
async function askAs(host: string, { url }: HttpServer) {
  const connection = await Deno.connect({ port: Number(new URL(url).port) });
  const text = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(text));
  const answer = await new Response(connection.readable).text();
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), type: head, body };
}

const EMPTY: HttpApp = { fetch: () => Response.json({}) };

Deno.test("serveHttp answers a host name that is none with one line of JSON", () =>
  withServer(EMPTY, async (server) => {
    for (const host of ["a b", "[", "a:b:c"]) {
      const { status, type, body } = await askAs(host, server);
      assertEquals(status, 400, host);
      assertMatch(type, /content-type: application\/json/i);
      assertMatch(JSON.parse(body).error, /^the Host header is no host name: /);
    }
  }));

Deno.test("serveHttp serves this machine's names only while it listens on loopback", () =>
  withServer(EMPTY, async (server) => {
    assertEquals((await askAs("localhost", server)).status, 200);
    assertEquals((await askAs("example.org", server)).status, 421);
  }));

Deno.test("serveHttp answers a mistake of ours with one line of JSON", () => {
  const fetch = () => {
    throw new Error("broken on purpose\nby this test");
  };
  return withServer({ fetch }, async (server) => {
    const { status, body } = await askAs("localhost", server);
    assertEquals([status, JSON.parse(body)], [500, {
      error: "a mistake of the simulator: broken on purpose",
    }]);
  });
});
