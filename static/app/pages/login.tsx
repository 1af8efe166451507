/**
 * The login. It is a plain form, as the server draws it for browsers without JavaScript, so that
 * there is one way to log in; here it only says more while one types.
 */

import { useEffect, useState } from "preact/hooks";
import { nextPath } from "../../../src/web/pages/next_path.ts";

/** What the server has drawn: what went wrong the last time, and who it was. */
const problem = document.getElementById("login-problem")?.textContent?.trim() ?? null;
const before = document.querySelector<HTMLInputElement>("#login-user")?.value ?? "";
const next = document.querySelector<HTMLInputElement>('input[name="next"]')?.value ?? null;

export function LoginPage() {
  const [isShown, show] = useState(false);
  const [isSending, setSending] = useState(false);
  const [isCapsOn, setCaps] = useState(false);
  // A page that comes back from the browser's memory is not sending any more.
  useEffect(() => {
    const onShow = () => setSending(false);
    addEventListener("pageshow", onShow);
    return () => removeEventListener("pageshow", onShow);
  }, []);
  useEffect(() => {
    document.getElementById(before === "" ? "login-user" : "login-password")?.focus();
  }, []);
  const noteCaps = (event: KeyboardEvent) => setCaps(event.getModifierState("CapsLock"));
  return (
    <main class="login">
      <form
        class="card login-card"
        method="post"
        action="/login"
        onSubmit={() => setSending(true)}
      >
        <p class="brand login-brand">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M2 12h5l2-6 4 12 3-8 1.5 2H22" />
          </svg>
          Heartbeat
        </p>
        <h1 id="page-title">Log in</h1>
        {problem !== null && <p class="error login-problem" role="alert">{problem}</p>}
        <input
          type="hidden"
          name="next"
          value={nextPath(next ?? new URLSearchParams(location.search).get("next"))}
        />
        <div class="field">
          <label for="login-user">User</label>
          <input
            id="login-user"
            name="user"
            defaultValue={before}
            required
            maxLength={255}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
          />
        </div>
        <div class="field">
          <label for="login-password">Password</label>
          <span class="login-secret">
            <input
              id="login-password"
              name="password"
              type={isShown ? "text" : "password"}
              required
              maxLength={1024}
              autocomplete="current-password"
              onKeyDown={noteCaps}
              onKeyUp={noteCaps}
            />
            <button
              type="button"
              class="quiet"
              aria-pressed={isShown}
              aria-label="Show the password"
              onClick={() => show(!isShown)}
            >
              {isShown ? "Hide" : "Show"}
            </button>
          </span>
          <span role="status">{isCapsOn ? "Caps Lock is on" : ""}</span>
        </div>
        <label class="row">
          <input type="checkbox" name="remember" /> Keep me logged in
        </label>
        <button class="primary" type="submit" disabled={isSending}>
          {isSending ? "Logging in …" : "Log in"}
        </button>
      </form>
    </main>
  );
}
