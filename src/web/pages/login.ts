/** The forms of `/login` and `/logout`: how they are drawn, and how they are read. */

import { html } from "hono/html";
import { MAX_PASSWORD_CHARS } from "../../access/password.ts";
import type { Html } from "./answer.ts";

/** Longest body of the form that is read, bytes. */
const MAX_FORM = 16_384;

/** What somebody filled in. */
export interface LoginForm {
  readonly user: string;
  readonly password: string;
  /** Whether the cookie outlives the browser. */
  readonly remember: boolean;
  readonly next: string | null;
}

/** The form. `problem`: why the last attempt came to nothing; null: there was none. */
export function loginPage(next: string, user: string, problem: string | null): Html {
  return html`
    <main class="login">
      <form class="card login-card" method="post" action="/login">
        <p class="brand login-brand">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M2 12h5l2-6 4 12 3-8 1.5 2H22" />
          </svg>
          Heartbeat
        </p>
        <h1 id="page-title">Log in</h1>
        ${problem === null
          ? ""
          : html`<p class="error" role="alert" id="login-problem">${problem}</p>`}
        <input type="hidden" name="next" value="${next}">
        <div class="field">
          <label for="login-user">User</label>
          <input id="login-user" name="user" value="${user}" required maxlength="255"
            autocomplete="username" autocapitalize="none" spellcheck="false" autofocus>
        </div>
        <div class="field">
          <label for="login-password">Password</label>
          <input id="login-password" name="password" type="password" required
            maxlength="${MAX_PASSWORD_CHARS}"
            autocomplete="current-password">
        </div>
        <label class="row"><input type="checkbox" name="remember"> Keep me logged in</label>
        <button class="primary" type="submit">Log in</button>
      </form>
    </main>
  `;
}

/** The question whether one wants to log out. */
export function logoutPage(user: string): Html {
  return html`
    <main class="login">
      <form class="card login-card" method="post" action="/logout">
        <h1 id="page-title">Log out</h1>
        <p>You are logged in as ${user}.</p>
        <button class="primary" type="submit">Log out</button>
        <a href="/live">Back</a>
      </form>
    </main>
  `;
}

/** Reads a form that was sent; null: it is none, or too long. */
export async function readForm({ headers, body }: Request): Promise<LoginForm | null> {
  const type = headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return null;
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_FORM) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  const fields = new URLSearchParams(text + decoder.decode());
  return {
    user: fields.get("user") ?? "",
    password: fields.get("password") ?? "",
    remember: fields.has("remember"),
    next: fields.get("next"),
  };
}
