/** Runs in the head, before anything is drawn, so that a chosen theme does not flash up late. */

try {
  const theme = localStorage.getItem("heartbeat.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's theme it is.
}
