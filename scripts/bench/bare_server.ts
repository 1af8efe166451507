/**
 * The other side of `http_ratio`: the least that `Deno.serve` can do. It reads nothing, keeps nothing
 * and always says the same.
 */

Deno.serve(
  {
    hostname: "127.0.0.1",
    port: 0,
    onListen({ port }) {
      Deno.stdout.writeSync(new TextEncoder().encode(`http://127.0.0.1:${port}/\n`));
    },
  },
  () => new Response('{"status":"ok"}'),
);
