/** What the tests of pings have in common: a configuration, curl, and what the API says of a job. */

import { getJson, type Hbd } from "./hbd.ts";

export const ID = "0b2c6a9e-1f57-4d0c-9a3f-6f0d7c1e2b34";
export const TOKEN = "t7VxQ2mZpLr9KdWb4NcYhE6sGj3uFa8T";
export const RID = "7b3f9c52-8a41-4c0e-b1de-2f9a5c7d3e10";

export const HOSTS = `
ping_create: true
hosts:
  backup: {ping_id: ${ID}, interval: 1d}
  nas: {ping_id: ${TOKEN}, interval: 60}
`;

interface ApiRun {
  readonly run: string;
  readonly started: number;
  readonly overdue: boolean;
}

export interface ApiJob {
  readonly state: string;
  readonly total: number;
  readonly missed: number;
  readonly last_beat: number | null;
  readonly rtt: number | null;
  readonly report: {
    readonly dialect: string | null;
    readonly runs: readonly ApiRun[];
    readonly last: {
      readonly run: string;
      readonly started: number | null;
      readonly duration_s: number | null;
      readonly ok: boolean;
    } | null;
    readonly failure: { readonly since: number; readonly text: string } | null;
  };
}

export interface ApiMessage {
  readonly host: string;
  readonly message: unknown;
}

/** A host as the API tells it. */
export async function job(hbd: Hbd, name: string): Promise<ApiJob> {
  return await getJson(hbd, `/api/0/hosts/${encodeURIComponent(name)}`) as ApiJob;
}

/** The newest messages first. */
export async function told(hbd: Hbd): Promise<readonly ApiMessage[]> {
  const { messages } = await getJson(hbd, "/api/0/messages") as {
    readonly messages: readonly ApiMessage[];
  };
  return messages;
}

/** What curl prints, with the exit code that a script would see. */
export async function curl(hbd: Hbd, target: string, ...more: readonly string[]) {
  // As the original's documentation has it.
  const args = ["-fsS", "-m", "10", "--retry", "0", ...more, hbd.url(target)];
  const { code, stdout } = await new Deno.Command("curl", {
    args,
    stdin: "null",
    stderr: "null",
  }).output();
  return [code, new TextDecoder().decode(stdout)] as const;
}

/** How curl ends when the answer is an error. */
export const CURL_REFUSED = 22;
