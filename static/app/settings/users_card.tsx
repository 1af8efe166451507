/** Who may log in. */

import { Refusal } from "../components/refusal.tsx";
import { useApi } from "../use_api.ts";
import type { User } from "./types.ts";

export function UsersCard(
  { hasUsers, mayChange }: { readonly hasUsers: boolean; readonly mayChange: boolean },
) {
  const { data, error } = useApi<{ readonly users: readonly User[] }>(hasUsers ? "users" : null);
  return (
    <section class="card" aria-labelledby="users">
      <h2 id="users">Users</h2>
      {!hasUsers && (
        <p class="dim">
          None is configured: everybody who reaches this server may look. From where you are, you
          may
          {mayChange ? " also change things" : " change nothing"}. See docs/USERS.md.
        </p>
      )}
      {error !== null && <Refusal error={error} what="the users" />}
      {data !== null && (
        <div class="scroll" tabIndex={0} role="group" aria-label="Users">
          <table>
            <thead>
              <tr>
                <th scope="col">User</th>
                <th scope="col">Name</th>
                <th scope="col">May</th>
              </tr>
            </thead>
            <tbody>
              {data.users.map(({ name, full_name, admin }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{full_name ?? "–"}</td>
                  <td>{admin ? "everything (admin)" : "what each host gives them"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
