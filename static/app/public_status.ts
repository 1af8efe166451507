/**
 * Keeps the public status page up to date without loading it again: who reads it stays where they
 * are. While the server cannot be reached the page goes on to say as of when it is.
 */

const EVERY_MS = 60_000;

async function refresh(): Promise<void> {
  if (document.visibilityState !== "visible") return;
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = fresh.querySelector("main");
  if (next === null) return;
  document.querySelector("main")?.replaceWith(next);
  document.title = fresh.title;
}

setInterval(() => refresh().catch(() => {}), EVERY_MS);
