/** A host that there is not: says so, and how it comes to be. */

import { send } from "../api.ts";
import { attempt } from "../components/toast.tsx";
import { me } from "../me.ts";
import { HowTo } from "./how_to.tsx";

interface Props {
  readonly name: string;
  readonly onCreated: () => void;
}

export function Missing({ name, onCreated }: Props) {
  async function create(): Promise<void> {
    const isDone = await attempt(() => send("POST", "hosts", { name }), `${name} is created`);
    if (isDone) onCreated();
  }
  return (
    <>
      <header>
        <h1 id="page-title" tabIndex={-1}>{name}</h1>
        <p>
          There is no host of this name{me.value?.users_configured === true &&
            ", or you may not see it"}. It comes into being with its first beat, and then this page
          shows it.
        </p>
        {me.value?.may_change === true && (
          <p class="row missing-create">
            <button type="button" onClick={create}>Create it now</button>
            <span class="dim">and wait for it to be heard from</span>
          </p>
        )}
      </header>
      <section class="card" aria-label="How to make this host beat">
        <h2>How to make this host beat</h2>
        <HowTo host={name} intervalS={null} />
      </section>
    </>
  );
}
