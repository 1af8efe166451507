/**
 * The keys of the people who may log in, and their way into the program's configuration and back.
 * What each of them may do at a host stands with the host (`schema_hosts.ts`).
 */

import { z } from "zod";
import type { Config, UserConfig } from "./config.ts";
import {
  inner,
  key,
  keysOf,
  line,
  mapping,
  named,
  oneOrList,
  RELOADS,
  secretKey,
  shortName,
  WANTS_BOOLEAN,
  WANTS_LINE,
  WANTS_NAME,
} from "./keys.ts";
import {
  PASSWORD_RULE,
  type SecretLookup,
  secretText,
  wantsSecret,
  writeSecret,
} from "./secret_text.ts";

const userShape = {
  full_name: inner(line.nullable().default(null), WANTS_LINE),
  password: secretKey(
    secretText(PASSWORD_RULE).nullable().default(null),
    wantsSecret(PASSWORD_RULE),
  ),
  admin: inner(z.boolean().default(false), WANTS_BOOLEAN),
  notification_channels: inner(
    oneOrList(shortName).nullable().default(null),
    "a name from notification_channels, or a list of such ([] for none)",
  ),
};

/** The keys below `users.<name>`. */
export const USER_KEYS = keysOf(userShape);

/** The keys at the top of the file. */
export const usersShape = {
  users: key(
    named(mapping(z.strictObject(userShape))),
    "a mapping of user names to their keys",
    "People who may log in; without any, everybody may read. See docs/USERS.md",
    RELOADS,
  ),
  default_owner: key(
    shortName.nullable().default(null),
    `the name of a user: ${WANTS_NAME}`,
    "Owner of every host that names none",
    RELOADS,
  ),
};

const usersSchema = z.object(usersShape);
type UsersFile = z.output<typeof usersSchema>;
type UsersPart = Pick<Config, "users" | "defaultOwner">;

/** Turns the checked keys into the program's configuration. */
export function toUsers(file: UsersFile, secret: SecretLookup): UsersPart {
  return {
    users: new Map(
      Array.from(file.users, ([name, user]): [string, UserConfig] => [name, {
        fullName: user.full_name,
        password: user.password && secret(user.password),
        admin: user.admin,
        channels: user.notification_channels,
      }]),
    ),
    defaultOwner: file.default_owner,
  };
}

/** Turns the program's configuration back into the file's keys. */
export function fromUsers({ users, defaultOwner }: UsersPart): UsersFile {
  return {
    users: new Map(
      Array.from(users, ([name, { fullName, password, admin, channels }]) => [name, {
        full_name: fullName,
        password: password && writeSecret(password),
        admin,
        notification_channels: channels && [...channels],
      }]),
    ),
    default_owner: defaultOwner,
  };
}
