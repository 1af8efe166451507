/** The samples of a host's plugins. Their data is copied as the text that it was kept as. */

import { z } from "zod";
import type { Sample } from "../../monitor/history.ts";
import { jsonAnswer } from "../json_answer.ts";
import { RequestError } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import type { View } from "../view.ts";
import { count, hostName, pageSize, time } from "./fields.ts";

/** Samples answered where the request does not say. */
const SAMPLES = 10;
const SAMPLES_AT_MOST = 10_000;

const data = z.record(z.string(), z.unknown()).meta({ description: "As the plugin sent it" });

/** `/api/0/hosts/{name}/plugins` and what is below it. */
export function pluginRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/0/hosts/{name}/plugins",
      id: "listPlugins",
      summary: "The newest sample of each plugin of a host",
      tag: "Plugins",
      needs: "monitor",
      answer: z.object({
        hostname: hostName,
        plugins: z.record(
          z.string(),
          z.object({ timestamp: time, data, sample_count: count }),
        ),
      }),
      errors: [404],
      handle({ c, params: { name = "" } }) {
        const plugins = view.plugins(name).map(({ plugin, newest, count }) =>
          `${JSON.stringify(plugin)}:{"timestamp":${newest.atMs / 1000},` +
          `"data":${newest.text},"sample_count":${count}}`
        );
        const head = `{"hostname":${JSON.stringify(name)}`;
        return jsonAnswer(c.req.raw, `${head},"plugins":{${plugins.join(",\n")}}}`, 200);
      },
    }),
    route({
      method: "GET",
      path: "/api/0/hosts/{name}/plugins/{plugin}",
      id: "listSamples",
      summary: "The last samples of a plugin, the newest first",
      tag: "Plugins",
      needs: "monitor",
      query: z.object({ limit: pageSize(SAMPLES, SAMPLES_AT_MOST) }),
      answer: z.object({
        hostname: hostName,
        plugin: z.string(),
        samples: z.array(z.object({ timestamp: time, data })),
      }),
      errors: [404],
      handle({ c, params: { name = "", plugin = "" }, query }) {
        const samples = view.samples(name, plugin, query.limit);
        if (samples === null) {
          const error = `Host ${JSON.stringify(name)} has no plugin ${JSON.stringify(plugin)}`;
          throw new RequestError(404, error);
        }
        const head = `{"hostname":${JSON.stringify(name)},"plugin":${JSON.stringify(plugin)}`;
        const text = `${head},"samples":[${samples.map(sampleText).join(",\n")}]}`;
        return jsonAnswer(c.req.raw, text, 200);
      },
    }),
  ];
}

function sampleText({ atMs, text }: Sample): string {
  return `{"timestamp":${atMs / 1000},"data":${text}}`;
}
