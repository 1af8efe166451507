/** What is said, politely, where the server said no or could not be asked. */

import type { ApiError } from "../api.ts";

/** `what` names what was asked for, as the middle of a sentence: "the commands of this host". */
export function Refusal({ error, what }: { readonly error: ApiError; readonly what: string }) {
  if (error.status === 401 || error.status === 403) {
    return <p class="dim">You may not see {what}. {sentence(error.message)}</p>;
  }
  return (
    <p class="error" role="alert">
      Cannot show {what}: {sentence(error.message)}
    </p>
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
