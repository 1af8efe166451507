/** The server and how it is set, the viewer's own keys and preferences, and the API. */

import { me } from "../me.ts";
import { ApiCard } from "../settings/api_card.tsx";
import { ChannelsCard } from "../settings/channels_card.tsx";
import { ConfigCards } from "../settings/config_card.tsx";
import { KeysCard } from "../settings/keys_card.tsx";
import { PreferencesCard } from "../settings/preferences_card.tsx";
import { ServerCard } from "../settings/server_card.tsx";
import { UsersCard } from "../settings/users_card.tsx";

export function SettingsPage() {
  const who = me.value;
  return (
    <>
      <h1 id="page-title" tabIndex={-1}>Settings</h1>
      {who === null ? <p class="dim">Loading …</p> : (
        <>
          <ServerCard />
          {who.admin
            ? (
              <>
                <ChannelsCard mayTest={who.may_change} />
                <ConfigCards />
              </>
            )
            : (
              <section class="card" aria-labelledby="for-admins">
                <h2 id="for-admins">Channels, thresholds and configuration</h2>
                <p class="dim">
                  These are for admins. Should you need something changed, ask one of them.
                </p>
              </section>
            )}
          <UsersCard hasUsers={who.users_configured} mayChange={who.may_change} />
          {who.user !== null && <KeysCard />}
          <PreferencesCard />
          <ApiCard />
        </>
      )}
    </>
  );
}
