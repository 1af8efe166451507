/** The alerts of a host that hold now, and the incident that it belongs to. */

import { AlertItem } from "../alerts/alert_item.tsx";
import { fitting } from "../alerts/levels.ts";
import { alerts } from "../hosts.ts";
import type { Alert } from "../types.ts";

interface Props {
  readonly host: string;
  readonly incident: Alert | null;
  /** Whether one may acknowledge them. */
  readonly mayAck: boolean;
}

export function ActiveAlerts({ host, incident, mayAck }: Props) {
  const own = fitting(alerts.value.values(), { level: "", kind: "", host, text: "" });
  const isKnown = incident === null || own.some(({ id }) => id === incident.id);
  const found = isKnown || incident.ended !== null ? own : [incident, ...own];
  if (found.length === 0) return null;
  return (
    <ul class="alerts" aria-label="Alerts that hold now">
      {found.map((alert) => (
        <AlertItem
          key={alert.id}
          alert={alert}
          isOfPage={alert.host === host}
          {...(alert.host === host && { mayAck })}
        />
      ))}
    </ul>
  );
}
