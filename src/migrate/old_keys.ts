/**
 * Keys of daemons of this kind that mean something here though they are called otherwise, and keys
 * that mean nothing here, with the reason. The documentation of the daemon could not be had when
 * this was written: these are names that explain themselves. Any other unknown key is told as such.
 */

import { type Document, isMap, isScalar, isSeq } from "yaml";

/** Why a key is not taken. */
export interface Unsupported {
  readonly reason: string;
  /** False: all is as well without it. */
  readonly matters: boolean;
}

const SERVICE = "is the business of what starts hbd: see docs/DEPLOY.md";
const STATE = "hbd keeps its own state (--state-dir); to bring the past along: hbd import LOG…";
const ARGUMENT = "is an argument of hbd: hbd --help";

const UNSUPPORTED: ReadonlyMap<string, Unsupported> = new Map([
  ...["pidfile", "pid_file", "daemon", "daemonize", "background", "user", "group", "umask"]
    .map((key) => [key, { reason: SERVICE, matters: false }] as const),
  ...["foreground", "verbose", "debug", "log_level", "loglevel"]
    .map((key) => [key, { reason: ARGUMENT, matters: false }] as const),
  ...["pickfile", "picklefile", "pickledir", "dbfile", "statefile"]
    .map((key) => [key, { reason: STATE, matters: false }] as const),
  ["logfmt", { reason: "logfile has one form: docs/CONFIG.md", matters: false }],
  ["drophosts", {
    reason: "hbd takes every host that beats: a key for hosts (require_key) keeps others out",
    matters: true,
  }],
]);

/** What is known of a key that is not taken; null: nothing. */
export function unsupported(key: string): Unsupported | null {
  return UNSUPPORTED.get(key) ?? null;
}

/** Lists of hosts, and what they mean for each of them. */
const HOST_LISTS: ReadonlyMap<string, string> = new Map([
  ["watchhosts", "watch"],
  ["dyndnshosts", "dyn"],
]);

/** Rewrites what is called otherwise here. Returns what was done, for people. */
export function rewriteOldKeys(document: Document.Parsed): readonly string[] {
  const done: string[] = [];
  const { contents } = document;
  if (!isMap(contents)) return done;
  const hosts: unknown = contents.get("hosts", true);
  if (isSeq(hosts)) {
    const names = hosts.items.map((item) => isScalar(item) ? String(item.value) : "");
    if (!names.includes("")) {
      document.setIn(["hosts"], document.createNode(Object.fromEntries(names.map((n) => [n, {}]))));
      done.push("hosts is a mapping, not a list");
    }
  }
  for (const [list, key] of HOST_LISTS) {
    const value: unknown = contents.get(list, true);
    const items = isSeq(value) ? value.items : isScalar(value) ? [value] : null;
    if (items === null) continue;
    const names = items.map((item) => isScalar(item) ? item.value : null)
      .filter((name) => typeof name === "string" || typeof name === "number").map(String);
    contents.delete(list);
    if (!isMap(contents.get("hosts", true))) document.setIn(["hosts"], document.createNode({}));
    for (const name of names) {
      const host: unknown = document.getIn(["hosts", name], true);
      if (!isMap(host)) document.setIn(["hosts", name], document.createNode({}));
      document.setIn(["hosts", name, key], true);
    }
    done.push(`${list} is ${key}: true at each of its hosts`);
  }
  return done;
}
