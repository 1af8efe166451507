/**
 * A backup of the server, sent as it is made. Whoever has it has the sessions and keys in it, so it
 * is for those alone who may change everything; a POST, because nothing may keep it on the way.
 */

import { z } from "zod";
import { RequestError } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import type { View } from "../view.ts";

/** `/api/0/backup`. */
export function backupRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "POST",
      path: "/api/0/backup",
      id: "makeBackup",
      summary: "The store and the journal as one file, for hbd restore",
      tag: "Server",
      needs: "admin",
      answer: z.string().meta({ description: "A tar file, compressed with gzip" }),
      type: "application/gzip",
      errors: [409],
      async handle({ nowMs }) {
        const bytes = await view.backup();
        if (bytes === null) {
          throw new RequestError(409, "A backup is being made already: wait until it is done");
        }
        const day = new Date(nowMs).toISOString().slice(0, 10);
        return new Response(bytes, {
          headers: {
            "content-type": "application/gzip",
            "content-disposition": `attachment; filename="hbd-backup-${day}.tar.gz"`,
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
          },
        });
      },
    }),
  ];
}
