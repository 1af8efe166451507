/** Who is looking, and what they may do: asked once, and again after a login. */

import { signal } from "@preact/signals";
import { ApiError, get, send } from "./api.ts";
import type { Me } from "./types.ts";

/** Null until it is known. */
export const me = signal<Me | null>(null);

/** Asks the server who is looking. */
export async function loadMe(): Promise<void> {
  try {
    me.value = await get<Me>("users/me");
  } catch (error) {
    // Not being logged in leads to the login; anything else mends itself with the connection.
    if (!(error instanceof ApiError)) throw error;
  }
}

/** Ends the session, here and on the server. */
export async function logOut(): Promise<void> {
  await send("POST", "auth/logout");
  location.assign("/login");
}
