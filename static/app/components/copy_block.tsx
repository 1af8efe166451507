/** Lines for a terminal or a file, with a button that copies them. */

import { useState } from "preact/hooks";

const SAID_MS = 2000;

export function CopyBlock({ text, label }: { readonly text: string; readonly label: string }) {
  const [said, say] = useState("");
  async function copy(): Promise<void> {
    say(await toClipboard(text) ? "Copied" : "Select it and copy it by hand");
    setTimeout(() => say(""), SAID_MS);
  }
  return (
    <figure class="copy">
      <figcaption>{label}</figcaption>
      <pre tabIndex={0} aria-label={label}><code>{text}</code></pre>
      <button type="button" onClick={copy} aria-label={`Copy: ${label}`}>
        {said === "" ? "Copy" : said}
      </button>
    </figure>
  );
}

/** Browsers give the clipboard to pages over HTTPS and of the machine itself alone. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    return isDone;
  }
}
