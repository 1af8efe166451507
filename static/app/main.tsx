/** The web app: puts the parts together. What is on a page is in `pages/`. */

import { render } from "preact";
import { App } from "./app.tsx";
import { startClock } from "./clock.ts";
import { loadMe } from "./me.ts";
import { startRouter } from "./router.ts";
import { startSocket } from "./socket.ts";
import { startTabSign } from "./tab_sign.ts";

const root = document.querySelector("#app");
if (root !== null) {
  // What the server has drawn for those without JavaScript makes room.
  root.replaceChildren();
  startClock();
  startRouter();
  render(<App />, root);
  if (location.pathname !== "/login") {
    startTabSign();
    startSocket();
    void loadMe();
  }
}
