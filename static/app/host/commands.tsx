/** Commands for a host: those that were sent, with what became of them, and sending one. */

import { useState } from "preact/hooks";
import { ApiError, part, send } from "../api.ts";
import { Refusal } from "../components/refusal.tsx";
import { Time } from "../components/time.tsx";
import { toast } from "../components/toast.tsx";
import { useApi } from "../use_api.ts";
import { splitArguments } from "./arguments.ts";

interface Command {
  readonly id: string;
  readonly cmd: string;
  readonly args: readonly string[];
  readonly state: "queued" | "done" | "expired";
  readonly queued: number;
  readonly expires: number;
  readonly done: number | null;
  readonly exit: number | null;
  readonly output: string | null;
}

interface CommandList {
  readonly commands: readonly Command[];
  /** False: its client does not sign, and would refuse them; left out: not known. */
  readonly takes_commands?: boolean;
}

const AGAIN_MS = 5000;

/** For managers: who may not send commands is not shown any. */
export function Commands({ host }: { readonly host: string }) {
  const { data, error, reload } = useApi<CommandList>(`hosts/${part(host)}/commands`, AGAIN_MS);
  const [line, setLine] = useState("");
  const [problem, setProblem] = useState("");
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const [cmd, ...args] = splitArguments(line);
    if (cmd === undefined) return;
    try {
      await send("POST", `hosts/${part(host)}/commands`, { cmd, args });
      setLine("");
      setProblem("");
      toast(`${cmd} is queued; ${host} takes it with its next message`);
      reload();
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
  }
  if (error !== null && (error.status === 403 || error.status === 404)) {
    return (
      <section class="card" aria-label="Commands">
        <h2>Commands</h2>
        <Refusal error={error} what="the commands of this host" />
      </section>
    );
  }
  return (
    <section class="card" aria-label="Commands">
      <h2>Commands</h2>
      {error !== null && <Refusal error={error} what="the commands of this host" />}
      {data?.takes_commands === false
        ? <p class="dim">It has no key, and commands go only to clients that sign.</p>
        : (
          <form class="command-form" onSubmit={submit}>
            <label class="field">
              <span>A name that the client's configuration knows, and its arguments</span>
              <input
                type="text"
                class="mono"
                placeholder="show-log nginx.service"
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                value={line}
                onInput={({ currentTarget }) => setLine(currentTarget.value)}
              />
            </label>
            <button type="submit" disabled={line.trim() === ""}>Send</button>
          </form>
        )}
      {problem !== "" && <p class="error" role="alert">{problem}</p>}
      <ul class="commands">
        {data?.commands.map((command) => <Sent key={command.id} command={command} />)}
      </ul>
    </section>
  );
}

function Sent({ command }: { readonly command: Command }) {
  const { cmd, args, state, queued, done, exit, output } = command;
  return (
    <li>
      <p class="row">
        <code>{[cmd, ...args].join(" ")}</code>
        <span class={state === "done" && exit !== 0 ? "error" : "dim"}>
          {state === "queued" && "waits for the host"}
          {state === "expired" && "expired, never taken"}
          {state === "done" && (exit === null ? "could not be run" : `ended with ${exit}`)}
        </span>
        <Time at={done ?? queued} />
      </p>
      {output !== null && output !== "" && (
        <pre tabIndex={0} aria-label={`Output of ${cmd}`}><code>{output}</code></pre>
      )}
    </li>
  );
}
