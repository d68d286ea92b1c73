import type { ByteStream } from "../stream.js";
import type { Argument, Caller, Reply } from "../types.js";
import type { Cache, CacheOptions } from "./cache.js";
import type { Live, LiveListener, LiveOptions } from "./live.js";

export type { ByteStream };

/** One session of the engine, as one connection to Redis is. Its commands run in the order of their calls. */
export interface Session extends Caller {
  /** The same with strings in replies as `Uint8Array`. */
  readonly binary: Caller;
  /** The same with each reply as the bytes of RESP3. */
  readonly raw: { call(...args: Argument[]): Promise<Uint8Array> };
  /** Called with each message that is no reply (`["message", channel, payload]`, `["invalidate", keys | null]` …), in its order among the replies. */
  onPush: ((message: Reply[]) => void) | undefined;
  /** Called when the session was made anew: subscriptions, tracking and WATCH are gone, and what was to be told meanwhile is lost. */
  onRestored: (() => void) | undefined;
  /** Ends the session. */
  close(): Promise<void>;
}

/** Whatever gives sessions of one engine: a database. */
export interface Sessions {
  /** Opens a session. */
  session(): Session;
  /** Opens one as a stream of RESP bytes. */
  stream(): ByteStream;
}

/** A database that can be watched: what the hooks and stores are given. */
export interface LiveSource extends Sessions {
  /** Runs a query now, and again whenever what it has read changes. */
  live<T>(patterns: readonly string[], query: (q: Session) => Promise<T>, listener: LiveListener<T>, options?: LiveOptions): Live<T>;
  /** A read cache that is kept true. */
  cache(options?: CacheOptions): Cache;
}
