/** NRDP's door over everything real but the network: desk, guard, heart, monitor and alerts. */

import { alertSettings } from "../../src/alert_settings.ts";
import { parseConfig } from "../../src/config/load.ts";
import { DialectDesk } from "../../src/doors/dialect_desk.ts";
import { nrdp } from "../../src/doors/nrdp.ts";
import { createGuard, pingSettings } from "../../src/guard_settings.ts";
import { Heart } from "../../src/heart.ts";
import { hostDirectory } from "../../src/host_directory.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import type { ReceivedMessage } from "../../src/monitor/outlet.ts";
import { watchSettings } from "../../src/watch_settings.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { START_MS } from "../monitor/support.ts";

const FORM = "application/x-www-form-urlencoded";

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly body?: string;
  readonly type?: string;
  readonly authorization?: string;
}

export class Nrdp {
  readonly monitor: Monitor;
  readonly taken: ReceivedMessage[] = [];
  readonly refused: string[] = [];
  readonly #desk: DialectDesk;
  nowMs = START_MS;

  private constructor(config: Awaited<ReturnType<typeof parseConfig>>) {
    this.monitor = new Monitor({ ...watchSettings(config), alerts: alertSettings(config, "box") });
    const now = () => this.nowMs;
    const outlet = {
      message: (message: ReceivedMessage) => void this.taken.push(message),
      event: () => {},
    };
    const clocks = { wallMs: now, monotonicMs: now };
    this.#desk = new DialectDesk({
      intake: new Heart(this.monitor, clocks, null, [outlet], new LocalTime()),
      hosts: hostDirectory(this.monitor, now),
      limits: () => config,
      guard: () => createGuard(config),
      pings: () => pingSettings(config),
      onRefused: (reason) => void this.refused.push(reason),
    });
  }

  static async of(config = ""): Promise<Nrdp> {
    return new Nrdp(await parseConfig(config, "/etc/hbd.yaml"));
  }

  async send(sent: Sent): Promise<{ text: string; headers: Headers; status: number }> {
    const { method = "POST", path = "/nrdp/", query = "", body, type = FORM } = sent;
    const { authorization } = sent;
    const request = new Request(`http://localhost${path}${query}`, {
      method,
      headers: { "content-type": type, ...(authorization && { authorization }) },
      ...(body !== undefined && { body }),
    });
    const response = await nrdp.answer({
      request,
      path,
      query: new URLSearchParams(query),
      ip: "192.0.2.1",
      port: 4711,
      desk: this.#desk,
      maySee: () => true,
    });
    return { text: await response.text(), headers: response.headers, status: response.status };
  }

  async xml(data: string, token = "any"): Promise<string> {
    const body = new URLSearchParams({ token, cmd: "submitcheck", XMLDATA: data }).toString();
    return (await this.send({ body })).text;
  }

  // deno-lint-ignore no-explicit-any -- tests compare what is in there
  async json(results: readonly unknown[], token = "any"): Promise<any> {
    const JSONDATA = JSON.stringify({ checkresults: results });
    const body = new URLSearchParams({ token, cmd: "submitcheck", JSONDATA }).toString();
    return JSON.parse((await this.send({ body })).text).result;
  }

  alert(host: string, metric: string): string | null {
    return this.monitor.alerts?.find({ kind: "metric", host, metric })?.text ?? null;
  }

  state(host: string): string | undefined {
    return this.monitor.host(host)?.state;
  }

  kinds(): string[] {
    return this.taken.map(({ message: { kind, host } }) => `${host} ${kind}`);
  }
}

/** A check of a host, in JSON. */
export function host(
  name: string,
  state: number | string,
  output = "all well",
  more = {},
): unknown {
  return { checkresult: { type: "host" }, hostname: name, state, output, ...more };
}

/** A check of a service, in JSON. */
export function service(name: string, servicename: string, state: unknown, output = "", more = {}) {
  const checkresult = { type: "service", checktype: "1" };
  return { checkresult, hostname: name, servicename, state, output, ...more };
}
