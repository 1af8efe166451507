/** Configurations of all kinds, for properties that hold of each of them. */

import { resolve } from "@std/path";
import fc from "fast-check";
import type {
  ChannelConfig,
  Config,
  HeartbeatTarget,
  HostConfig,
  MaintenanceWindow,
  Secret,
  ThresholdNode,
  ThresholdRule,
  ThresholdTree,
  UserConfig,
} from "../../src/config/config.ts";
import type { SecretSources } from "../../src/config/secrets.ts";

/** Where every variable and every file has something that fits what it is named after. */
export const SOURCES: SecretSources = {
  env: valueOf,
  read: (file) => Promise.resolve(new TextEncoder().encode(`${valueOf(file)}\n`)),
};

function valueOf(name: string): string {
  if (/ping(?!_url)/i.test(name)) return `the-secret-of-${name}`;
  if (/password_hash/i.test(name)) return `pbkdf2:sha256:600000$salt$${"0a".repeat(32)}`;
  return /url/i.test(name) ? `https://${name.length}.example/x` : `the secret of ${name}, long`;
}

const env = (name: string): Secret => ({ value: valueOf(name), shown: `\${${name}}` });
const file = (name: string): Secret => ({
  value: valueOf(resolve("/etc", name)),
  shown: `file:${name}`,
});

const secret = fc.constantFrom(env("HBD_KEY"), env("_2"), file("keys/a"), file("/run/b c"));
const pingSecret = fc.constantFrom(env("HBD_PING"), env("PING_2"));
const secretUrl = fc.constantFrom(env("CHAT_URL"), file("/etc/url"));
const header = fc.constantFrom<Secret>(...[env("A"), file("b"), {
  value: `Bearer ${valueOf("T")}`,
  shown: "Bearer ${T}",
}]);

const interval = fc.oneof(
  fc.constant("auto" as const),
  fc.double({ min: 0, minExcluded: true, max: 31_536_000, noNaN: true }),
);
const tolerance = fc.double({ min: 0, max: 1000, noNaN: true });
const grace = fc.double({ min: 0, max: 31_536_000, noNaN: true });
const path = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((name) => !name.includes("\0")).map((name) => resolve("/srv", name));
const line = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((text) => /^\P{Cc}{1,64}$/u.test(text)),
  fc.constantFrom("+41791234567", "true", "5", "off", "a: b", "${A}", "0x1"),
);
const service = fc.constantFrom("https://a.example", "http://127.0.0.1:8080/x");
const hostName = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 255 })
    .filter((name) => /^\P{Cc}{1,255}$/u.test(name)),
  fc.constantFrom("10", "null", "~", "<<", "__proto__", "a: b", "- a", " a ", "#", "*a", "\u2028"),
);

function mapOf<T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>, maxLength = 5) {
  return fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength })
    .map((entries) => new Map(entries));
}

const rule: fc.Arbitrary<ThresholdRule> = fc.oneof(
  fc.constant<ThresholdRule>({ operator: "nagios" }),
  fc.record({
    warning: fc.double({ min: -100, max: 0, noNaN: true }).map((n) => n + 0),
    critical: fc.double({ min: 1, max: 100, noNaN: true }),
  }),
  fc.record({
    warning: fc.integer({ min: 10 }),
    operator: fc.constantFrom("<=", "==", "nagios"),
    hysteresis: fc.double({ min: 0, max: 1, noNaN: true }),
    display: fc.string({ unit: "grapheme", maxLength: 30 }),
  }),
);
// A key of a tree must not be one of a rule: a mapping of such keys is a rule.
const treeKey = hostName.map((name) => `${name}.`);
const { tree } = fc.letrec<{ node: ThresholdNode; tree: ThresholdTree }>((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, rule, fc.constant("off" as const), tie("tree")),
  tree: mapOf(treeKey, tie("node"), 3),
}));

const USERS = ["alice", "null", "a: b"];
const userName = fc.constantFrom(...USERS);

/** An interval, or a schedule in its place. */
const expected: fc.Arbitrary<Pick<HostConfig, "intervalS" | "cron" | "zone">> = fc.oneof(
  fc.record({ intervalS: interval }, { requiredKeys: [] }),
  fc.record(
    { cron: fc.constantFrom("0 3 * * *", "@daily"), zone: fc.constant("Europe/Zurich") },
    { requiredKeys: ["cron"] },
  ),
);

const settings: fc.Arbitrary<HostConfig> = fc.record(
  {
    tolerancePct: tolerance,
    graceS: grace,
    key: secret,
    token: secret,
    pingIds: fc.array(pingSecret, { maxLength: 3 }),
    watch: fc.boolean(),
    group: line,
    thresholdConfig: fc.subarray(["default", "other"]),
    notify: fc.subarray(["desktop", "c email", "c ntfy"]),
    dyn: fc.boolean(),
    owner: userName,
    managers: fc.subarray(USERS),
    monitors: fc.subarray(USERS),
  },
  { requiredKeys: [] },
);

const host: fc.Arbitrary<HostConfig> = fc.tuple(expected, settings)
  .map(([rhythm, rest]) => ({ ...rhythm, ...rest }));

const minute = fc.integer({ min: 0, max: 1439 });
const times = fc.record({ from: minute, to: minute });
const window: fc.Arbitrary<MaintenanceWindow> = fc.record({
  hosts: fc.array(hostName, { maxLength: 3 }),
  group: fc.option(line),
  when: fc.oneof(
    times.map((t) => ({ kind: "daily" as const, ...t })),
    fc.tuple(times, fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }))
      .map(([t, days]) => ({ kind: "weekly" as const, days, ...t })),
    fc.constant({ kind: "once" as const, from: "2026-01-31T23:00", to: "2026-02-01T01:30:15" }),
  ),
  zone: fc.constantFrom("UTC", "Europe/Zurich"),
  reason: fc.string({ unit: "grapheme", maxLength: 30 }),
});

/** Of each type one, named after it. */
const channels: fc.Arbitrary<readonly ChannelConfig[]> = fc.tuple(...[
  channel("email", {
    recipients: fc.constantFrom(["a@b.example"], ["Ops <a@b.example>", "x+y@z"]),
    sender: fc.constant("hbd@b.example"),
    server: fc.constantFrom("smtp.b.example", "192.0.2.1", "::1"),
    port: fc.integer({ min: 1, max: 464 }),
    security: fc.constantFrom("auto", "starttls", "tls", "none"),
    user: line,
    password: secret,
    insecure: fc.boolean(),
  }),
  channel("pushover", { token: secret, user: secret, url: service }),
  channel("mattermost", { url: secretUrl }),
  channel("slack", { url: secretUrl }),
  channel("discord", { url: secretUrl }),
  channel("signal", {
    cliPath: fc.constantFrom("signal-cli", "/opt/signal cli"),
    user: line,
    recipients: fc.array(line, { minLength: 1, maxLength: 3 }),
  }),
  channel("matrix", { url: service, token: secret, room: line }),
  channel("ntfy", {
    url: service,
    topic: fc.constantFrom("alerts", "5", "null"),
    token: fc.option(secret),
  }),
  channel("telegram", { url: service, token: secret, chat: line }),
  channel("gotify", { url: service, token: secret }),
  channel("webhook", {
    url: secretUrl,
    method: fc.constantFrom("POST", "PUT"),
    headers: mapOf(fc.constantFrom("Authorization", "__proto__", "5"), header),
    body: fc.jsonValue({ maxDepth: 3 }),
  }),
  channel("command", { command: fc.constantFrom(["/bin/x"], ["x", "", "a b\n"]) }),
  channel("desktop", {}),
]);

function channel<T extends ChannelConfig["type"]>(
  type: T,
  fields: {
    [K in keyof Omit<Extract<ChannelConfig, { type: T }>, "type" | "minLevel" | "fallback">]:
      fc.Arbitrary<unknown>;
  },
): fc.Arbitrary<ChannelConfig> {
  return fc.record({
    type: fc.constant(type),
    minLevel: fc.constantFrom("WARNING", "CRITICAL"),
    fallback: type === "desktop" ? fc.constant(null) : fc.constantFrom(null, "desktop"),
    ...fields,
  }) as unknown as fc.Arbitrary<ChannelConfig>;
}

const target: fc.Arbitrary<HeartbeatTarget> = fc.oneof(
  fc.record({
    kind: fc.constant("udp" as const),
    hostname: fc.constantFrom("hbd.example", "192.0.2.1", "2001:db8::1"),
    port: fc.integer({ min: 1, max: 65_535 }),
    name: fc.option(hostName),
    key: fc.option(secret),
    intervalS: fc.integer({ min: 1, max: 1000 }),
  }),
  fc.record({
    kind: fc.constant("http" as const),
    url: secretUrl,
    method: fc.constantFrom("GET" as const, "POST" as const),
    intervalS: fc.integer({ min: 1, max: 1000 }),
  }),
);

const user: fc.Arbitrary<UserConfig> = fc.record({
  fullName: fc.option(line),
  password: fc.option(fc.constantFrom(env("PASSWORD_HASH"), file("password_hash"))),
  admin: fc.boolean(),
  channels: fc.option(fc.subarray(["desktop", "c email", "c ntfy"])),
});

/** Ping ids that no two hosts share: those of the first. */
function withOwnPings(hosts: ReadonlyMap<string, HostConfig>): ReadonlyMap<string, HostConfig> {
  return new Map(Array.from(hosts, ([name, { pingIds, ...rest }], i) => [
    name,
    i === 0 && pingIds !== undefined ? { ...rest, pingIds } : rest,
  ]));
}

/** Any configuration whose secrets `SOURCES` has. */
export const anyConfig: fc.Arbitrary<Config> = fc.record({
  intervalS: interval,
  tolerancePct: tolerance,
  graceS: fc.option(grace),
  bindAddress: fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((a) => !a.includes(".")),
    fc.constant("a.example"),
  ),
  httpPort: fc.integer({ min: 0, max: 65_535 }),
  udpPort: fc.option(fc.integer({ min: 0, max: 65_535 })),
  udpAcceptText: fc.boolean(),
  udpAck: fc.boolean(),
  auth: fc.record({
    defaultKey: fc.option(secret),
    requireKey: fc.boolean(),
    windowS: fc.integer({ min: 1, max: 86_400 }),
    commandToken: fc.option(secret),
  }),
  pings: fc.record({ keys: fc.array(pingSecret, { maxLength: 2 }), create: fc.boolean() }),
  clientUpdate: fc.option(fc.record({
    version: fc.constantFrom("0.2.0", "1e3", "null", "v 1"),
    url: fc.webUrl(),
    sha256: fc.constantFrom("0".repeat(64), "a1".repeat(32)),
  })),
  maxSamples: fc.integer({ min: 1, max: 10_000 }),
  maxBodyBytes: fc.integer({ min: 1, max: 16_777_216 }),
  maxHosts: fc.integer({ min: 1, max: 10_000_000 }),
  journal: fc.record({
    enabled: fc.boolean(),
    dir: fc.option(path),
    file: fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 })
      .filter((name) => /^(?!\.{1,2}$)[^/\\\p{Cc}]{1,200}$/u.test(name)),
    maxSizeBytes: fc.maxSafeNat().map((n) => Math.max(n, 4096)),
    maxBackups: fc.integer({ min: 0, max: 10_000 }),
    sync: fc.boolean(),
  }),
  beatLog: fc.option(path),
  logFile: fc.option(path),
  hosts: mapOf(hostName, host, 10).map(withOwnPings),
  thresholds: tree,
  thresholdConfigs: fc.tuple(tree, tree)
    .map(([one, other]) => new Map([["default", one], ["other", other]])),
  alerts: fc.record({
    renotifyS: grace,
    everyMiss: fc.option(fc.boolean()),
    flapThreshold: fc.integer({ min: 0, max: 10_000 }),
    incidentHosts: fc.integer({ min: 0, max: 10_000_000 }),
    incidentPct: fc.double({ min: 0, max: 100, noNaN: true }),
  }),
  maintenance: fc.array(window, { maxLength: 4 }),
  notify: fc.record({
    channels: channels.map((all) =>
      new Map(all.map((one) => [one.type === "desktop" ? "desktop" : `c ${one.type}`, one]))
    ),
    notify: fc.option(fc.subarray(["desktop", "c email", "c webhook"])),
    baseUrl: fc.option(service),
    giveUpS: fc.integer({ min: 1, max: 31_536_000 }),
    fallbackAfterS: grace,
  }),
  dns: fc.record({
    domains: fc.subarray(["example.com", "a-b.example"]),
    bin: fc.constantFrom("nsupdate", "/usr/bin/nsupdate"),
    keyFile: fc.option(path),
    server: fc.option(fc.constantFrom("ns.example:53", "[::1]:5353", "::1")),
    ttlS: fc.integer({ min: 1, max: 604_800 }),
  }),
  heartbeatTo: fc.array(target, { maxLength: 4 }),
  metricsMaxHosts: fc.integer({ min: 0, max: 1_000_000 }),
  users: fc.tuple(...USERS.map((name) => fc.tuple(fc.constant(name), user)))
    .map((entries) => new Map(entries)),
  defaultOwner: fc.option(userName),
  web: fc.record({
    extraPorts: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 }),
    wsPort: fc.option(fc.integer({ min: 1, max: 65_535 })),
    wssPort: fc.option(fc.integer({ min: 1, max: 65_535 })),
    https: fc.boolean(),
    certFile: path,
    keyFile: path,
    allowAnonymousChanges: fc.boolean(),
    trustedProxies: fc.subarray(["192.0.2.1", "10.0.0.0/8", "::1", "fd00::/8"]),
    sessionS: fc.integer({ min: 1, max: 87_600 }).map((hours) => hours * 3600),
    historyDays: fc.integer({ min: 0, max: 3660 }),
    statusPage: fc.option(fc.record({
      title: line,
      hosts: fc.array(hostName, { minLength: 1, maxLength: 3 }),
    })),
  }),
});
