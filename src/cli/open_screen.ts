/** A screen on the terminal of this process, with the signals that concern it. */

import type { Facts } from "../screen/context.ts";
import type { Model } from "../screen/model.ts";
import { isInFront } from "../screen/job.ts";
import { Screen } from "../screen/screen.ts";
import { Tty } from "../screen/tty.ts";
import type { LogOutput } from "./log_output.ts";

/** A screen that is shown. */
export interface OpenScreen {
  readonly screen: Screen;
  /** True when the terminal is gone, as after SIGHUP of one that was closed. */
  isLost(): boolean;
  /** Leaves it; what was logged meanwhile is then printed. */
  close(): Promise<void>;
}

/** Shows a screen, and the log of the process in it. */
export function openScreen(facts: (model: Model) => Facts, logs: LogOutput): OpenScreen {
  const tty = new Tty();
  const screen = new Screen({
    surface: tty,
    facts,
    colour: !Deno.env.get("NO_COLOR"),
    nowMs: () => Date.now(),
  });
  const resized = () => screen.repaint();
  // Stopped by somebody else than Ctrl-Z, who may have changed the terminal.
  const continued = () => {
    if (isInFront()) screen.resumed();
  };
  screen.open();
  logs.divert((text, isTrouble) => screen.log(text, isTrouble));
  Deno.addSignalListener("SIGWINCH", resized);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGCONT", continued);
  return {
    screen,
    isLost: () => tty.isLost(),
    async close() {
      Deno.removeSignalListener("SIGWINCH", resized);
      if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGCONT", continued);
      await screen.leave();
      logs.restore();
    },
  };
}
