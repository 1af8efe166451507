/**
 * No host yet: the lines that send the first beat. It gives way to the dashboard the moment that
 * one arrives.
 */

import { CopyBlock } from "../components/copy_block.tsx";
import { me } from "../me.ts";
import { UDP_PORT, useUdpPort } from "../use_udp_port.ts";

export function FirstRun() {
  const udpPort = useUdpPort();
  const who = me.value;
  if (who !== null && who.users_configured && !who.admin) {
    return (
      <div class="first-run">
        <h1 id="page-title" tabIndex={-1}>There is no host for you yet</h1>
        <p>You see hosts here as soon as somebody gives you a role at one.</p>
      </div>
    );
  }
  const { hostname, origin } = location;
  const bare = hostname.replace(/^\[|\]$/g, "");
  const hbcServer = udpPort === UDP_PORT ? hostname : `${hostname}:${udpPort}`;
  return (
    <div class="first-run">
      <p class="first-pulse" aria-hidden="true">
        <svg viewBox="0 0 120 24">
          <path d="M0 12h40l6-9 10 18 8-14 4 5h52" />
        </svg>
      </p>
      <h1 id="page-title" tabIndex={-1}>Waiting for the first heartbeat</h1>
      <p class="dim" role="status">
        Run one of these lines on any machine that reaches this server. It appears here at once.
      </p>
      <CopyBlock
        label="With curl, over HTTP"
        text={`curl -d '{"name":"my-device"}' ${origin}/`}
      />
      {udpPort !== null && (
        <CopyBlock label="With hbc, the client that comes with it" text={`hbc -b ${hbcServer}`} />
      )}
      {udpPort !== null && (
        <CopyBlock
          label="With nc, over UDP"
          text={`printf '{"ID":"HTB","name":"my-device"}' | nc -u -w1 ${bare} ${udpPort}`}
        />
      )}
    </div>
  );
}
