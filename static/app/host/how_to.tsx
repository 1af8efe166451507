/** How to make a host beat: lines to copy, for the ways that there are. */

import { useId, useState } from "preact/hooks";
import { CopyBlock } from "../components/copy_block.tsx";
import { useUdpPort } from "../use_udp_port.ts";
import { type Recipe, recipesFor } from "./how_to.ts";
import { jobRecipe } from "./how_to_job.ts";
import type { PingBy } from "./types.ts";

const STANDARD_S = 30;

interface Props {
  readonly host: string;
  /** Seconds; null: not known yet. */
  readonly intervalS: number | null;
  /** The calendar by which it beats. */
  readonly cron?: string | null;
  /** By what a ping of it finds it; null: it takes none, or it is not there yet. */
  readonly pingBy?: PingBy | null;
}

export function HowTo({ host, intervalS, cron = null, pingBy = null }: Props) {
  const udpPort = useUdpPort();
  const { origin } = location;
  const job = pingBy === null ? null : jobRecipe({ host, origin, cron, pingBy });
  const recipes = [
    ...recipesFor({ host, udpPort, origin, intervalS: intervalS ?? STANDARD_S }),
    ...job === null ? [] : [job],
  ];
  const [chosen, choose] = useState<Recipe["id"]>(cron !== null && job !== null ? "job" : "curl");
  const group = useId();
  const recipe = recipes.find(({ id }) => id === chosen);
  return (
    <div class="how-to">
      <fieldset class="row choices">
        <legend class="unseen">The way</legend>
        {recipes.map(({ id, title }) => (
          <label key={id} class={id === chosen ? "choice choice-chosen" : "choice"}>
            <input
              type="radio"
              class="unseen"
              name={group}
              checked={id === chosen}
              onChange={() =>
                choose(id)}
            />
            {title}
          </label>
        ))}
      </fieldset>
      <p class="dim">{recipe?.hint}</p>
      {recipe?.blocks.map(({ label, text }) => <CopyBlock key={label} label={label} text={text} />)}
    </div>
  );
}
