import type { Cache } from "./cache.js";
import type { Live } from "./live.js";
import type { ReadCommand } from "./reads.js";
import { report } from "./report.js";
import type { LiveSource, Session } from "./sessions.js";
import type { Reply } from "../types.js";

/** A value that is there at once and tells when it changes: what React's `useSyncExternalStore` wants, and Svelte's stores are made of. */
export interface External<T> {
  /** The same value, or object, until a listener was called. */
  get(): T;
  subscribe(listener: () => void): () => void;
}

/** What a live query gave last. */
export interface LiveState<T> {
  /** Undefined before it gave anything; kept when a later run fails. */
  readonly value: T | undefined;
  /** Why the last run failed; undefined when it did not. */
  readonly error: Error | undefined;
}

/** The state of a live query that has not run. */
export const NOTHING: LiveState<never> = { value: undefined, error: undefined };

const caches = new WeakMap<LiveSource, Cache>();

/** The one cache of a database for all hooks and stores. It has a session once something is read. */
function cacheOf(source: LiveSource | Cache): Cache {
  if (!("cache" in source)) return source;
  let cache = caches.get(source);
  if (cache === undefined) caches.set(source, (cache = source.cache()));
  return cache;
}

/** What there is before a database is open, and on a server. */
const nowhere = <T>(value: T): External<T> => ({ get: () => value, subscribe: () => () => undefined });

/**
 * One read of the cache of a database. While a value that has changed is read again the one before stands in: nothing flickers. Reading begins with the
 * first subscriber, so that to ask for it changes nothing.
 */
export function readStore(source: LiveSource | Cache | undefined, command: ReadCommand): External<Reply | undefined> {
  if (source === undefined) return nowhere(undefined);
  const cache = cacheOf(source);
  let last: Reply | undefined;
  return {
    get() {
      const now = cache.peek(command);
      if (now !== undefined) last = now;
      return last;
    },
    subscribe(listener) {
      const unsubscribe = cache.subscribe(command[1], listener);
      try {
        cache.read(command);
      } catch {
        // get throws it again, where it is to be shown
      }
      return unsubscribe;
    },
  };
}

/** A live query that runs while somebody has subscribed. */
export function liveState<T>(
  db: LiveSource | undefined,
  patterns: readonly string[],
  query: (q: Session) => Promise<T>,
): External<LiveState<T>> {
  if (db === undefined) return nowhere(NOTHING);
  let state: LiveState<T> = NOTHING;
  let running: Live<T> | undefined;
  const listeners = new Set<() => void>();
  const change = (next: LiveState<T>): void => {
    state = next;
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        report(error);
      }
    }
  };
  return {
    get: () => state,
    subscribe(listener) {
      const call = (): void => listener();
      listeners.add(call);
      running ??= db.live(patterns, query, {
        next: (value) => change({ value, error: undefined }),
        error: (error) => change({ value: state.value, error }),
      });
      return () => {
        if (!listeners.delete(call) || listeners.size > 0) return;
        running?.stop();
        running = undefined;
      };
    },
  };
}
