/** Where hosts beat by UDP: lines that are shown to people must lead there. */

import { useEffect, useState } from "preact/hooks";
import { get } from "./api.ts";

/** The port that clients take when they are told of none. */
export const UDP_PORT = 50_003;

/** The UDP port of the server; null: it has none. */
export function useUdpPort(): number | null {
  const [port, setPort] = useState<number | null>(UDP_PORT);
  useEffect(() => {
    get<{ readonly ports: { readonly udp: number | null } | null }>("server").then(
      ({ ports }) => ports !== null && setPort(ports.udp),
      // Then it is most likely the usual one.
      () => {},
    );
  }, []);
  return port;
}
