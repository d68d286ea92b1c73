/** Hooks for React 18 and later: `import { useKey, useLive } from "tabdis/react"`. */
import { createContext, createElement, useContext, useMemo, useSyncExternalStore, type ReactElement, type ReactNode } from "react";
import type { Cache } from "./live/cache.js";
import type { ReadCommand } from "./live/reads.js";
import type { LiveSource, Session } from "./live/sessions.js";
import { liveState, NOTHING, readStore, type External, type LiveState } from "./live/stores.js";
import type { Reply } from "./types.js";

export type { Cache, LiveSource, LiveState, ReadCommand };

const Source = createContext<{ readonly db: LiveSource | undefined } | undefined>(undefined);

/** Gives a database, once it is open, to all components below: `<TabdisProvider db={db}>`. They get it by {@link useTabdis}. */
export function TabdisProvider({ db, children }: { db: LiveSource | undefined; children?: ReactNode }): ReactElement {
  const value = useMemo(() => ({ db }), [db]);
  return createElement(Source.Provider, { value }, children);
}

/** The database of the {@link TabdisProvider} above, undefined while it has none, as the hooks take it. Throws when there is no provider. */
export function useTabdis(): LiveSource | undefined {
  const source = useContext(Source);
  if (source === undefined) throw new Error("tabdis: there is no TabdisProvider above this component");
  return source.db;
}

/**
 * The string at a key, kept true: null when there is none, undefined until it has come, without a database and on a server. A component shows the value
 * before while one that has changed is on its way. Throws, for an error boundary, the `ReplyError` of a key of another type. All hooks of
 * a database share one cache; pass a cache instead of the database to use another.
 */
export function useKey(db: LiveSource | Cache | undefined, key: string): string | null | undefined {
  return useRead(db, ["GET", key]) as string | null | undefined;
}

/** The same for any read of one key: `useRead(db, ["HGETALL", "user:1"])`. The same object until it changes. */
export function useRead(db: LiveSource | Cache | undefined, command: ReadCommand): Reply | undefined {
  const store = useMemo(() => readStore(db, command), [db, JSON.stringify(command)]);
  return useExternal(store, undefined);
}

/**
 * What a live query gives, run anew when what it has read or what the patterns name changes: see `db.live`. Give in `deps` what the query
 * uses of the component, as for `useMemo`; the query begins anew when one of them, or the patterns, are others.
 */
export function useLive<T>(
  db: LiveSource | undefined,
  patterns: readonly string[],
  query: (q: Session) => Promise<T>,
  deps: readonly unknown[] = [],
): LiveState<T> {
  const store = useMemo(() => liveState(db, patterns, query), [db, JSON.stringify(patterns), ...deps]);
  return useExternal<LiveState<T>>(store, NOTHING);
}

// Nothing begins before a component is mounted, and what began ends when it is unmounted, be it twice as under StrictMode.
function useExternal<T>(store: External<T>, onServer: T): T {
  return useSyncExternalStore(store.subscribe, store.get, () => onServer);
}
