/** What every view gets: what is known, what the user has set, and lines to write on. */

import type { Controls } from "./controls.ts";
import { Line } from "./line.ts";
import type { Model } from "./model.ts";

/** What does not come with the feed. */
export interface Facts {
  /** For the header, the most important first: `:8888`, `Every 10s ±20%`, the journal's path. */
  readonly head: readonly string[];
  /** Names and values for the help, and for as long as there is no host. */
  readonly rows: readonly (readonly [name: string, value: string])[];
  /** The command that sends a beat. */
  readonly curl: string;
}

export interface Context {
  readonly model: Model;
  readonly controls: Controls;
  readonly facts: Facts;
  readonly colour: boolean;
  readonly columns: number;
}

/** An empty line. */
export function lineOf({ columns, colour }: Context, isReverse = false): Line {
  return new Line(columns, colour, isReverse);
}

/** Columns before a text where there is room for some. */
export function indentOf({ columns }: Context): number {
  return columns < 30 ? 0 : columns < 60 ? 1 : 2;
}
