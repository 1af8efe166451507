/**
 * A dialog that asks before something is done. It stays open, with the reason, when the server says
 * no; where the reader came from has the keyboard again when it closes.
 */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { toast } from "./toast.tsx";

interface Props {
  readonly title: string;
  /** The word on the button that does it. */
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly isReady?: boolean;
  /** Does it; gives what is then said. Rejects with the reason why not. */
  readonly onSubmit: () => Promise<string>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function FormDialog(
  { title, action, isDangerous = false, isReady = true, onSubmit, onClose, children }: Props,
) {
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setBusy(true);
    setProblem("");
    try {
      toast(await onSubmit());
      form.closest("dialog")?.close();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        {children}
        {problem !== "" && <p class="error" role="alert">{problem}</p>}
        <div class="row form-end">
          <button
            type="button"
            onClick={({ currentTarget }) => currentTarget.closest("dialog")?.close()}
          >
            Cancel
          </button>
          <button
            type="submit"
            class={isDangerous ? "danger" : "primary"}
            disabled={!isReady || isBusy}
          >
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
