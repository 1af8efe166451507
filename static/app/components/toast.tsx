/** Short words on what was just done, or could not be; they go by themselves. */

import { signal } from "@preact/signals";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isError: boolean;
}

const STAY_MS = 6000;

const toasts = signal<readonly Toast[]>([]);
let next = 0;

/** Shows `text` for some seconds. */
export function toast(text: string, isError = false): void {
  const one = { id: next++, text, isError };
  toasts.value = [...toasts.value.slice(-3), one];
  setTimeout(() => {
    toasts.value = toasts.value.filter(({ id }) => id !== one.id);
  }, STAY_MS);
}

/** Does `what`, and says how it went. Returns whether it worked. */
export async function attempt(what: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await what();
    toast(done);
    return true;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), true);
    return false;
  }
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, isError }) => (
        <p key={id} class={isError ? "toast toast-error" : "toast"}>{text}</p>
      ))}
    </div>
  );
}
