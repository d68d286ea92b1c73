/** What must compile, and what must not, of live queries, the cache, hooks, stores and adapters: only compiled, never run. */
import { Redis as Upstash } from "@upstash/redis";
import { Redis as IoRedis } from "ioredis";
import { createElement } from "react";
import type { Readable } from "svelte/store";
import type { Cache } from "../../src/live/cache.js";
import type { LiveSource } from "../../src/live/sessions.js";
import { tabdisConnector } from "../../src/ioredis.js";
import { listen } from "../../src/node-redis.js";
import { TabdisProvider, useKey, useLive, useTabdis } from "../../src/react.js";
import { keyStore, liveStore } from "../../src/svelte.js";
import { tabdisRequester } from "../../src/upstash.js";

declare const db: LiveSource;

// Other clients take what is given to them, with the types that they have.
new IoRedis({ Connector: tabdisConnector(db) });
new Upstash(tabdisRequester(db));
listen("app", db)();

// A query's value is the listener's, the handle's and the hook's.
const query = db.live(["cart:*"], async (q) => (await q.call("GET", "a")) as string, (value) => value.length);
export const value: string | undefined = query.value;
db.live([], async () => 1, { next: (n) => n.toFixed(), error: (error) => error.message });
// @ts-expect-error patterns are strings
db.live([1], async () => 1, () => undefined);
// @ts-expect-error a query's listener takes what it gives
db.live([], async () => 1, (value: string) => value);

const cache: Cache = db.cache({ maxEntries: 1, maxBytes: 1, signal: new AbortController().signal });
export const text: string | null | undefined = cache.get("k");
export const hash: Readonly<Record<string, string>> | undefined = cache.hGetAll("h");
export const scored: readonly { readonly value: string; readonly score: number }[] | undefined = cache.zRangeWithScores("z", 0, -1);
// @ts-expect-error values that are shared are not changed
cache.lRange("l", 0, -1)?.push("x");
// @ts-expect-error keys are strings
cache.get(1);

export const shown: string | null | undefined = useKey(cache, "k");
export const counted: number | undefined = useLive(useTabdis(), ["*"], async (q) => Number(await q.call("GET", "k"))).value;
createElement(TabdisProvider, { db }, null);
createElement(TabdisProvider, { db: undefined });

export const store: Readable<string | null | undefined> = keyStore(db, "k");
export const live: Readable<{ value: number | undefined; error: Error | undefined }> = liveStore(db, [], async () => 1);
