/** Stores for Svelte: `import { keyStore, liveStore } from "tabdis/svelte"`. They keep to the contract of stores, and need nothing of Svelte. */
import type { Cache } from "./live/cache.js";
import type { ReadCommand } from "./live/reads.js";
import { report } from "./live/report.js";
import type { LiveSource, Session } from "./live/sessions.js";
import { liveState, readStore, type External, type LiveState } from "./live/stores.js";
import type { Reply } from "./types.js";

export type { Cache, LiveSource, LiveState, ReadCommand };

/** What Svelte calls a readable store. */
export interface Readable<T> {
  /** Calls `run` at once and whenever the value changes. Gives the function that ends it. */
  subscribe(run: (value: T) => void, invalidate?: () => void): () => void;
}

/**
 * The string at a key, kept true while somebody has subscribed: null when there is none, undefined until it has come, and without a
 * database (on a server). All stores of a database share one cache; pass a cache instead of the database to use another. When the key is of another type, that is
 * reported as an uncaught error, and the value stays what it was.
 */
export function keyStore(db: LiveSource | Cache | undefined, key: string): Readable<string | null | undefined> {
  return readable(readStore(db, ["GET", key])) as Readable<string | null | undefined>;
}

/** The same for any read of one key: `commandStore(db, ["HGETALL", "user:1"])`. */
export function commandStore(db: LiveSource | Cache | undefined, command: ReadCommand): Readable<Reply | undefined> {
  return readable(readStore(db, command));
}

/** What a live query gives, while somebody has subscribed: see `db.live`. */
export function liveStore<T>(
  db: LiveSource | undefined,
  patterns: readonly string[],
  query: (q: Session) => Promise<T>,
): Readable<LiveState<T>> {
  return readable(liveState(db, patterns, query));
}

function readable<T>(external: External<T>): Readable<T> {
  return {
    subscribe(run) {
      const tell = (): void => {
        let value: T;
        try {
          value = external.get();
        } catch (error) {
          return report(error);
        }
        run(value);
      };
      const end = external.subscribe(tell);
      tell();
      return end;
    },
  };
}
