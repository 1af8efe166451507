/**
 * The keys of a channel below `notification_channels.<name>`: which there are depends on its
 * `type`. `channel_config.ts` turns what is checked here into the program's configuration.
 *
 * What lets somebody post in another's name is a secret: tokens, passwords, and the addresses that
 * are known to nobody else.
 */

import { z } from "zod";
import {
  complain,
  inner,
  isHostOrAddress,
  type Keys,
  keysOf,
  line,
  mapping,
  oneOrList,
  path,
  secretKey,
  serviceUrl,
  shortName,
  WANTS_LINE,
  WANTS_PATH,
  WANTS_SERVICE_URL,
} from "./keys.ts";
import {
  HEADER_RULE,
  type SecretRule,
  secretText,
  TOKEN_RULE,
  URL_RULE,
  wantsSecret,
} from "./secret_text.ts";

/** Where Pushover takes messages. */
export const PUSHOVER_URL = "https://api.pushover.net/1/messages.json";

const MAX_BODY_DEPTH = 20;
const MAX_BODY_NODES = 10_000;

const secret = (rule: SecretRule) => secretKey(secretText(rule), wantsSecret(rule));
const optionalSecret = (rule: SecretRule) =>
  secretKey(secretText(rule).nullable().default(null), wantsSecret(rule));
const service = (byDefault: string) => inner(serviceUrl.default(byDefault), WANTS_SERVICE_URL);

const WANTS_ADDRESSES =
  "a mail address (ops@example.com, Ops <ops@example.com>), or a list of such";
const mailAddress = z.string().max(320).regex(
  /^(?:[^\s<>@,;:"]+@[^\s<>@,;:"]+|[^<>@,;:"\p{Cc}]* ?<[^\s<>@,;:"]+@[^\s<>@,;:"]+>)$/u,
);
const METHODS = ["POST", "PUT", "PATCH", "GET", "DELETE"] as const;
const SECURITIES = ["auto", "starttls", "tls", "none"] as const;

const common = {
  min_level: inner(z.enum(["WARNING", "CRITICAL"]).default("WARNING"), '"WARNING" or "CRITICAL"'),
  fallback: inner(shortName.nullable().default(null), "the name of another channel"),
};

function typed<const T extends string>(type: T) {
  return { type: inner(z.literal(type), `"${type}"`), ...common };
}

const emailShape = {
  ...typed("email"),
  recipients: inner(oneOrList(mailAddress).refine((all) => all.length > 0), WANTS_ADDRESSES),
  sender: inner(mailAddress, "a mail address, say hbd@example.com"),
  smtp_server: inner(
    z.string().refine(isHostOrAddress),
    "a host name or an IP address (the port goes in smtp_port)",
  ),
  smtp_port: inner(z.int().min(1).max(65_535).default(587), "a whole number from 1 to 65535"),
  smtp_user: inner(line.nullable().default(null), WANTS_LINE),
  smtp_password: optionalSecret(TOKEN_RULE),
  smtp_security: inner(
    z.enum(SECURITIES).default("auto"),
    'one of "auto", "starttls", "tls", "none"',
  ),
  smtp_insecure: inner(z.boolean().default(false), "true or false"),
};

const pushoverShape = {
  ...typed("pushover"),
  token: secret(TOKEN_RULE),
  user: secret(TOKEN_RULE),
  url: service(PUSHOVER_URL),
};

const signalShape = {
  ...typed("signal"),
  cli_path: inner(path.default("signal-cli"), WANTS_PATH),
  user: inner(line, 'the number that sends, in quotes: "+41…"'),
  recipient: inner(
    oneOrList(line).refine((all) => all.length > 0),
    'a number or a group, in quotes: "+41…", or a list of such',
  ),
};

const matrixShape = {
  ...typed("matrix"),
  url: inner(serviceUrl, WANTS_SERVICE_URL),
  token: secret(TOKEN_RULE),
  room: inner(line, WANTS_LINE),
};

const ntfyShape = {
  ...typed("ntfy"),
  url: service("https://ntfy.sh"),
  topic: inner(
    z.string().regex(/^[\w-]{1,64}$/),
    'a topic of 1 to 64 letters, digits, "_" and "-"',
  ),
  token: optionalSecret(TOKEN_RULE),
};

const telegramShape = {
  ...typed("telegram"),
  token: secret(TOKEN_RULE),
  chat_id: inner(z.union([line, z.int().transform(String)]), "the number or @name of a chat"),
  url: service("https://api.telegram.org"),
};

const gotifyShape = {
  ...typed("gotify"),
  url: inner(serviceUrl, WANTS_SERVICE_URL),
  token: secret(TOKEN_RULE),
};

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,200}$/);

const webhookShape = {
  ...typed("webhook"),
  url: secret(URL_RULE),
  method: inner(
    z.string().regex(new RegExp(`^(?:${METHODS.join("|")})$`)).default("POST"),
    `one of ${METHODS.map((method) => `"${method}"`).join(", ")}`,
  ),
  headers: secretKey(
    z.preprocess((v) => v ?? new Map(), z.map(headerName, secretText(HEADER_RULE)))
      .default(new Map()),
    "a mapping of header names to texts",
  ),
  body: inner(
    z.unknown().transform(jsonValue).default(null),
    "a value that JSON can have",
  ),
};

const commandShape = {
  ...typed("command"),
  command: inner(
    z.array(z.string().regex(/^[^\0]*$/)).min(1).refine(([program]) => program !== ""),
    "a list of a program and its arguments, all texts",
  ),
};

function hookShape<const T extends string>(type: T) {
  return { ...typed(type), url: secret(URL_RULE) };
}

const shapes = {
  email: emailShape,
  pushover: pushoverShape,
  mattermost: hookShape("mattermost"),
  slack: hookShape("slack"),
  discord: hookShape("discord"),
  signal: signalShape,
  matrix: matrixShape,
  ntfy: ntfyShape,
  telegram: telegramShape,
  gotify: gotifyShape,
  webhook: webhookShape,
  command: commandShape,
  desktop: typed("desktop"),
};

/** Checks one channel. */
export const channelSchema = mapping(z.discriminatedUnion("type", [
  z.strictObject(shapes.email).superRefine(({ smtp_user, smtp_password }, ctx) => {
    if (smtp_user !== null && smtp_password === null) {
      complain(ctx, ["smtp_user"], "needs smtp_password beside it");
    }
    if (smtp_user === null && smtp_password !== null) {
      complain(ctx, ["smtp_password"], "needs smtp_user beside it");
    }
  }),
  z.strictObject(shapes.pushover),
  z.strictObject(shapes.mattermost),
  z.strictObject(shapes.slack),
  z.strictObject(shapes.discord),
  z.strictObject(shapes.signal),
  z.strictObject(shapes.matrix),
  z.strictObject(shapes.ntfy),
  z.strictObject(shapes.telegram),
  z.strictObject(shapes.gotify),
  z.strictObject(shapes.webhook).superRefine(({ method, body }, ctx) => {
    if (method === "GET" && body !== null) complain(ctx, ["body"], "does not go with GET");
  }),
  z.strictObject(shapes.command),
  z.strictObject(shapes.desktop),
]));

/** A checked channel. */
export type ChannelFile = z.output<typeof channelSchema>;

/** The keys of a channel by its type. */
export const CHANNEL_KEYS: ReadonlyMap<string, Keys> = new Map(
  Object.entries(shapes).map(([type, shape]) => [type, keysOf(shape)]),
);

/** What a channel's `type` must be. */
export const WANTS_CHANNEL = `a mapping with a type: one of ${[...CHANNEL_KEYS.keys()].join(", ")}`;

/** YAML's mappings as objects all the way down; complains about what JSON cannot have. */
function jsonValue(value: unknown, ctx: z.core.$RefinementCtx): unknown {
  let nodes = 0;
  let deepest = 0;
  const plain = (inner: unknown, depth: number): unknown => {
    nodes += 1;
    deepest = Math.max(deepest, depth);
    if (depth > MAX_BODY_DEPTH || nodes > MAX_BODY_NODES) return null;
    if (inner instanceof Map) {
      return Object.fromEntries(
        Array.from(inner, ([name, entry]) => [String(name), plain(entry, depth + 1)]),
      );
    }
    if (Array.isArray(inner)) return inner.map((entry) => plain(entry, depth + 1));
    if (typeof inner === "number" && !Number.isFinite(inner)) {
      complain(ctx, [], `must be a value that JSON can have: got ${inner}`);
    }
    return inner;
  };
  const result = plain(value, 0);
  if (nodes > MAX_BODY_NODES) {
    complain(ctx, [], `has too many values: at most ${MAX_BODY_NODES} are allowed`);
  }
  if (deepest > MAX_BODY_DEPTH) {
    complain(ctx, [], `is nested too deep: at most ${MAX_BODY_DEPTH} levels are allowed`);
  }
  return result;
}
