/**
 * A badge: the name of a host, its state and its uptime, drawn as an SVG of its own. It names itself
 * for screen readers, and loads nothing.
 *
 *   [ kiosk-1 | up 99.98 % ]
 */

import { html } from "hono/html";
import type { HostSnapshot } from "../monitor/snapshot.ts";

/** Dark enough under white letters to be read (contrast of at least 4.5). */
const COLOURS: Readonly<Record<HostSnapshot["state"], string>> = {
  up: "#1a7f37",
  down: "#c62828",
  new: "#57606a",
  shutdown: "#57606a",
  paused: "#6e40c9",
};

/** About how wide a letter is, and the room on each side of a text. */
const LETTER = 6.6;
const ROOM = 8;

const MOST_LETTERS = 60;

/** The badge as SVG text. `uptimePct` null: it is not known. */
export function badgeSvg(
  host: string,
  state: HostSnapshot["state"],
  uptimePct: number | null,
): string {
  // XML knows no such characters, and nothing to write them by.
  const name = host.toWellFormed().replace(/[\uFFFE\uFFFF]/g, "\uFFFD");
  const letters = [...name];
  const label = letters.length > MOST_LETTERS
    ? `${letters.slice(0, MOST_LETTERS - 1).join("")}…`
    : name;
  const value = uptimePct === null ? state : `${state} ${uptimeText(uptimePct)}`;
  const title = uptimePct === null
    ? `${name} is ${state}`
    : `${name} is ${state}, up ${uptimeText(uptimePct)} of what is known of 30 days`;
  const left = widthOf(label);
  const right = widthOf(value);
  const width = left + right;
  const svg = html`
    <svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img"
      aria-label="${title}">
      <title>${title}</title>
      <clipPath id="edge">
        <rect width="${width}" height="20" rx="4" />
      </clipPath>
      <g clip-path="url(#edge)">
        <rect width="${left}" height="20" fill="#32383f" />
        <rect x="${left}" width="${right}" height="20" fill="${COLOURS[state]}" />
      </g>
      <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
        <text x="${left / 2}" y="14" textLength="${left - 2 * ROOM}">${label}</text>
        <text x="${left + right / 2}" y="14" textLength="${right - 2 * ROOM}">${value}</text>
      </g>
    </svg>
  `;
  return String(svg).trim();
}

/** Never rounded up to 100 while there was any time down. */
function uptimeText(pct: number): string {
  return `${Math.floor(pct * 100) / 100} %`;
}

function widthOf(text: string): number {
  // What is written without an alphabet takes about twice the room.
  const letters = [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 1.8 : 1), 0);
  return Math.max(1, Math.round(letters * LETTER)) + 2 * ROOM;
}
