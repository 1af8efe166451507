/** What the server's own beats go to: somebody who notices when they stop. */

export interface Watcher {
  /** How people know it; without secrets. */
  readonly label: string;
  /**
   * Sends one beat. Rejects with an Error whose message says why it cannot have arrived, without
   * secrets; soon after `signal` is aborted in any case.
   */
  beat(signal: AbortSignal): Promise<void>;
  /** Says that the server stops on purpose, where there is a way to say so. Never rejects. */
  goodbye(): Promise<void>;
}
