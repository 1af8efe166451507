/** The frame of every page, and which page is in it. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { announcement } from "./announce.ts";
import { ConnectionNote } from "./components/connection_note.tsx";
import { Navigation } from "./components/navigation.tsx";
import { Toasts } from "./components/toast.tsx";
import { AlertsPage } from "./pages/alerts.tsx";
import { HostPage } from "./pages/host.tsx";
import { LivePage } from "./pages/live.tsx";
import { LoginPage } from "./pages/login.tsx";
import { SettingsPage } from "./pages/settings.tsx";
import { focusTitle, hostOfPath, path } from "./router.ts";

export function App() {
  useTitleFocus();
  if (path.value === "/login") return <LoginPage />;
  return (
    <>
      <a class="skip" href="#page-title">Skip to content</a>
      <Navigation />
      <ConnectionNote />
      <main class="page">
        <Page />
      </main>
      <Toasts />
      <p class="unseen" role="status" aria-live="polite">{announcement}</p>
    </>
  );
}

/** Another page begins at its heading; the first one, wherever the browser lets it begin. */
function useTitleFocus(): void {
  const here = path.value;
  const before = useRef(here);
  useLayoutEffect(() => {
    if (before.current !== here) focusTitle();
    before.current = here;
  }, [here]);
}

function Page() {
  const host = hostOfPath(path.value);
  if (host !== null) return <HostPage key={host} name={host} />;
  switch (path.value) {
    case "/alerts":
      return <AlertsPage />;
    case "/settings":
      return <SettingsPage />;
    default:
      return <LivePage />;
  }
}
