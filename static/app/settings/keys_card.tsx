/** The keys with which programs ask in one's name. A secret is shown once, when it is made. */

import { useState } from "preact/hooks";
import { part, send } from "../api.ts";
import { CopyBlock } from "../components/copy_block.tsx";
import { FormDialog } from "../components/form_dialog.tsx";
import { Refusal } from "../components/refusal.tsx";
import { Time } from "../components/time.tsx";
import { useApi } from "../use_api.ts";
import type { ApiKey } from "./types.ts";

const KEYS = "users/me/keys";

export function KeysCard() {
  const { data, error, reload } = useApi<{ readonly keys: readonly ApiKey[] }>(KEYS);
  const [name, setName] = useState("");
  const [isReadOnly, setReadOnly] = useState(true);
  const [secret, setSecret] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  const [leaving, setLeaving] = useState<ApiKey | null>(null);
  async function make(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    try {
      const made = await send<{ readonly secret: string }>("POST", KEYS, {
        name: name.trim(),
        read_only: isReadOnly,
      });
      setSecret(made.secret);
      setName("");
      setProblem("");
      reload();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }
  async function revoke(key: ApiKey): Promise<string> {
    await send("DELETE", `${KEYS}/${part(key.id)}`);
    reload();
    return `${key.name} is revoked`;
  }
  return (
    <section class="card" aria-labelledby="keys">
      <h2 id="keys">Your API keys</h2>
      {error !== null && <Refusal error={error} what="your keys" />}
      <form class="row key-form" onSubmit={make}>
        <label class="field">
          <span>What it is for</span>
          <input
            type="text"
            required
            maxLength={64}
            placeholder="grafana"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <label class="row">
          <input
            type="checkbox"
            checked={isReadOnly}
            onChange={({ currentTarget }) => setReadOnly(currentTarget.checked)}
          />
          may only read
        </label>
        <button type="submit">Make a key</button>
      </form>
      {problem !== "" && <p class="error" role="alert">{problem}</p>}
      {secret !== null && (
        <div class="key-secret" role="status">
          <CopyBlock label="Your new key. It is shown this once: keep it now." text={secret} />
        </div>
      )}
      {data?.keys.length === 0 && <p class="dim">You have none.</p>}
      <ul class="keys">
        {data?.keys.map((key) => (
          <li key={key.id} class="row">
            <strong>{key.name}</strong>
            <span class="dim">
              {key.read_only ? "reads" : "reads and changes"}, made <Time at={key.created} />,{" "}
              {key.last_used === null ? "not used since the server started" : (
                <>
                  last used <Time at={key.last_used} />
                </>
              )}
            </span>
            <button type="button" class="danger" onClick={() => setLeaving(key)}>
              Revoke …<span class="unseen">{` ${key.name}`}</span>
            </button>
          </li>
        ))}
      </ul>
      {leaving !== null && (
        <FormDialog
          title={`Revoke ${leaving.name}`}
          action="Revoke this key"
          isDangerous
          onSubmit={() => revoke(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>Programs that use it are refused from then on.</p>
        </FormDialog>
      )}
    </section>
  );
}
