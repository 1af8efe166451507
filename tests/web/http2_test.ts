/**
 * What browsers speak with TLS is HTTP/2, which has no `Host`: who is on this machine, and which page
 * is this server's own, is known all the same. With a real certificate over a real connection.
 */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createApp } from "../../src/web/app.ts";
import { makeAuthority } from "../listeners/certificates.ts";
import { Bench } from "./support.ts";

Deno.test("over HTTP/2 the server's own pages change something, and others nothing", async () => {
  await using ca = await makeAuthority();
  await ca.issue("localhost");
  const [cert, key] = await Promise.all(
    ["cert.pem", "key.pem"].map((name) => Deno.readTextFile(join(ca.dir, name))),
  );
  await using bench = await Bench.start();
  await bench.beat("web1");
  const app = createApp(() => Promise.resolve(new Response("a beat")), bench.view);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: cert ?? "", key: key ?? "", onListen: () => {} },
    app,
  );
  const origin = `https://localhost:${server.addr.port}`;
  for (const http2 of [true, false]) {
    using client = Deno.createHttpClient({ caCerts: [ca.caCert], http2, http1: !http2 });
    const pause = async (from: string) => {
      const response = await fetch(`${origin}/api/0/hosts/web1/pause`, {
        method: "POST",
        headers: { origin: from, "content-type": "application/json" },
        body: '{"reason": "so it is"}',
        client,
      });
      return [response.status, (await response.json()).reason];
    };
    assertEquals(await pause(origin), [200, "so it is"], `HTTP/2: ${http2}`);
    for (const foreign of ["https://localhost", "https://evil.example", "null"]) {
      assertEquals(await pause(foreign), [403, undefined], foreign);
    }
  }
});
