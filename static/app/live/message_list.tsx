/** The newest messages, as they come in. */

import { Time } from "../components/time.tsx";
import { messages } from "../hosts.ts";
import { hostPath } from "../router.ts";
import { payloadWords } from "./payload_words.ts";

/** Messages in the list. */
const SHOWN = 30;

export function MessageList() {
  const newest = messages.value.slice(0, SHOWN);
  return (
    <aside class="messages card" aria-labelledby="messages-title">
      <h2 id="messages-title">Newest messages</h2>
      {newest.length === 0 && <p class="dim">None has come in since the server started.</p>}
      <ol>
        {newest.map(({ seq, timestamp, host, late, message }) => (
          <li key={seq}>
            <p class="message-head">
              <a href={hostPath(host)}>{host}</a>
              {late && <span class="message-late">late</span>}
              <Time at={timestamp} />
            </p>
            <p class="message-text">{payloadWords(message)}</p>
          </li>
        ))}
      </ol>
    </aside>
  );
}
