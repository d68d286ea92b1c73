import type { Argument, Reply } from "../types.js";

/** One session of the engine, as one connection to Redis is. */
export interface Session {
  /**
   * Runs one command. SUBSCRIBE and its like resolve when each channel that they name is confirmed; what confirms them does not come to
   * {@link onPush}.
   */
  call(...words: Argument[]): Promise<Reply>;
  readonly binary: { call(...words: Argument[]): Promise<Reply> };
  /** Takes what the engine pushes: `["message", channel, payload]`, `["invalidate", keys | null]` … */
  onPush: ((message: Reply[]) => void) | undefined;
  /** Strings in what is pushed are to be bytes. */
  binaryPushes?: boolean;
  /** @internal Hears the engine's number of the session whenever it is made, before anything else runs in it. */
  set onNumber(listener: (number: number) => void);
  /** The engine has ended the session. */
  onEnded?: (() => void) | undefined;
  /** The session was made anew: its subscriptions are gone, and what was pushed meanwhile is lost. */
  onRestored: (() => void) | undefined;
  close(): Promise<void>;
}
