import { Hbd } from "../e2e/hbd.ts";
import { writePast } from "./past.ts";
import { machinesConfig } from "./machines.ts";
import { serve } from "./site.ts";
const t0 = performance.now();
const dir = await Deno.makeTempDir();
const config = machinesConfig();
await writePast(dir, config, 30);
console.log(
  "written",
  performance.now() - t0,
  (await Deno.stat(dir + "/messages.journal")).size / 1e6,
  "MB",
);
await using hbd = await serve(config, { stateDir: dir });
console.log("started", performance.now() - t0);
const j = await (await fetch(hbd.url("/api/0/hosts?limit=100"))).json();
for (const h of j.hosts) {
  console.log(
    h.name.padEnd(26),
    h.state.padEnd(9),
    h.total,
    h.late,
    h.missed,
    h.stability,
    h.rtt,
    JSON.stringify(h.alerts),
    h.bar,
  );
}
const a = await (await fetch(hbd.url("/api/0/alerts?active=false&limit=100"))).json();
for (const x of a.alerts ?? []) console.log(x.level, x.kind, x.ended === null, x.text);
const hh = await (await fetch(hbd.url("/api/0/hosts/web-01/history?days=2"))).json();
console.log(hh.uptime, hh.unknown, hh.hours.length);
console.log(hbd.stderr().slice(0, 2000));
import { TestBrowser } from "./browser.ts";
import { keepBeating } from "./past.ts";
await using _k = keepBeating(hbd);
await using b = await TestBrowser.start();
for (const [path, name] of [["/live","live"],["/plugins/web-03","web-03"],["/plugins/db-2","db-2"],["/plugins/sensor-attic","attic"],["/alerts","alerts"],["/settings","settings"]]) {
  for (const size of [{width:1280,height:800},{width:390,height:844}]) {
  await using p = await b.open(hbd.url(path), {size});
  await p.page.waitForLoadState("networkidle").catch(()=>{});
  await p.page.waitForTimeout(700);
  await p.picture(`try-${name}-${size.width}`);
  console.log(name, await p.fitsInWidth(), p.troubles);
  try { await p.assertAccessible(); } catch (e) { console.log(e.message.slice(0,1500)); }
  }
}
