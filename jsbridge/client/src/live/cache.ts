import { ClosedError, ReplyError } from "../errors.js";
import type { Reply } from "../types.js";
import { Link, Recency } from "./lru.js";
import { readId, sentKey, weigh, type ReadCommand } from "./reads.js";
import { report } from "./report.js";
import type { Sessions } from "./sessions.js";
import { isLost, TrackingSession } from "./tracking.js";

/** Options of a cache. */
export interface CacheOptions {
  /** How many values it keeps at most. Default 10,000. */
  maxEntries?: number;
  /** What they may weigh together in bytes, about. Default 32 MiB. */
  maxBytes?: number;
  /** Closes it. */
  signal?: AbortSignal;
}

/** What a value takes beside itself: its objects and its place in the maps. */
const OVERHEAD = 256;

type Shape = (reply: Reply) => unknown;

/** One read and what it gave. It is made when the read is sent, and dropped, never to be used again, by the first invalidation of its key. */
class Entry extends Link {
  value: unknown; // undefined: not there
  error: ReplyError | undefined; // what the engine says of it instead
  reading: Promise<unknown> | undefined;
  dropped = false;

  constructor(readonly of: KeyReads, readonly id: string, readonly command: ReadCommand, readonly shape: Shape | undefined) {
    super();
  }
}

/** All reads of one key, and who wants to hear of it. */
class KeyReads {
  get: Entry | undefined; // that of GET, found without a look into a map
  others = new Map<string, Entry>();
  listeners: Set<() => void> | undefined;

  constructor(readonly key: string) {}

  find(id: string): Entry | undefined {
    return id === "GET" ? this.get : this.others.get(id);
  }

  put(id: string, entry: Entry): void {
    if (id === "GET") this.get = entry;
    else this.others.set(id, entry);
  }

  remove(id: string): void {
    if (id === "GET") this.get = undefined;
    else this.others.delete(id);
  }

  all(): Entry[] {
    return this.get === undefined ? [...this.others.values()] : [this.get, ...this.others.values()];
  }
}

/**
 * A read cache that answers at once, for rendering, and is kept true by the engine's invalidations.
 *
 * ```ts
 * const cache = db.cache();
 * cache.subscribe("name", render);
 * function render() {
 *   title.textContent = cache.get("name") ?? "…"; // undefined while it is on its way, null when there is no such key
 * }
 * ```
 *
 * A value is gone as soon as an invalidation of its key was delivered, and none is kept that was read before one that overtook it. Both
 * come on one session, in the order of what they tell of: what a read gave is outdated by invalidations behind its reply, and those
 * before it were caused before it was executed. An invalidation is handled when it arrives, a reply a microtask later. So an entry is made
 * when its read is called, an invalidation drops every entry of its key, those under way too, and what arrives for a dropped one is not
 * kept. One that was made after an invalidation was delivered was executed behind the change. (An invalidation that was on its way when a
 * read was called drops an entry that is good: that costs another read.) The engine remembers a key until it has told of it; each
 * value here was read since, by a session whose tracking was confirmed before. A session made anew drops all, as FLUSHALL does.
 */
export class Cache {
  /** The last error of a read that was not the engine's word on the key: the database was closed, tracking is forbidden … */
  error: Error | undefined;

  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #keys = new Map<string, KeyReads>();
  readonly #recency = new Recency(); // of the values that may be evicted: nobody has subscribed to their keys
  #tracking: TrackingSession | undefined; // once something is read
  #closed = false;
  readonly #db: Sessions;

  constructor(db: Sessions, options: CacheOptions = {}) {
    this.#db = db;
    this.#maxEntries = options.maxEntries ?? 10_000;
    this.#maxBytes = options.maxBytes ?? 32 << 20;
    if (options.signal?.aborted === true) this.#closed = true;
    else options.signal?.addEventListener("abort", () => this.close(), { once: true });
  }

  /** How many values it keeps. */
  get size(): number {
    let values = 0;
    for (const reads of this.#keys.values()) for (const { value } of reads.all()) if (value !== undefined) values++;
    return values;
  }

  /**
   * The string at a key, null when there is none, undefined while it is not here: then it is on its way, and whoever has subscribed to
   * the key hears when it has come. Throws the `ReplyError` when the engine refuses the read (WRONGTYPE). So do all reads below.
   */
  get(key: string): string | null | undefined {
    const entry = this.#keys.get(key)?.get;
    if (entry !== undefined && entry.value !== undefined) {
      this.#recency.use(entry);
      return entry.value as string | null;
    }
    return this.#answer("GET", ["GET", key]) as string | null | undefined;
  }

  /** A field of a hash. */
  hGet(key: string, field: string): string | null | undefined {
    return this.read(["HGET", key, field]) as string | null | undefined;
  }

  /** A whole hash; empty when there is none. The same object each time until the hash changes. */
  hGetAll(key: string): Readonly<Record<string, string>> | undefined {
    return this.#answer("HGETALL", ["HGETALL", key]) as Readonly<Record<string, string>> | undefined;
  }

  /** Elements of a list, from `start` to `stop` inclusive, -1 being the last. */
  lRange(key: string, start: number, stop: number): readonly string[] | undefined {
    return this.read(["LRANGE", key, start, stop]) as readonly string[] | undefined;
  }

  /** The members of a set. */
  sMembers(key: string): readonly string[] | undefined {
    return this.read(["SMEMBERS", key]) as readonly string[] | undefined;
  }

  /** Members of a sorted set by their rank, from `start` to `stop` inclusive. */
  zRange(key: string, start: number, stop: number): readonly string[] | undefined {
    return this.read(["ZRANGE", key, start, stop]) as readonly string[] | undefined;
  }

  /** The same with their scores. */
  zRangeWithScores(key: string, start: number, stop: number): readonly { readonly value: string; readonly score: number }[] | undefined {
    const command: ReadCommand = ["ZRANGE", key, start, stop, "WITHSCORES"];
    return this.#answer(`scored ${start} ${stop}`, command, scored) as readonly { value: string; score: number }[] | undefined;
  }

  /** The score of a member of a sorted set; null when it is none. */
  zScore(key: string, member: string): number | null | undefined {
    return this.read(["ZSCORE", key, member]) as number | null | undefined;
  }

  /**
   * The reply to any read of one key, e.g. `["XRANGE", key, "-", "+"]`, as `db.call` gives it; undefined while it is not here. Throws a
   * TypeError for commands that cannot be cached: of several keys, or with another answer each time.
   */
  read(command: ReadCommand): Reply | undefined {
    return this.#answer(readId(command), command) as Reply | undefined;
  }

  /** What is here of a key, or of a read, without starting one. */
  peek(read: string | ReadCommand): Reply | undefined {
    const [id, command] = identify(read);
    const entry = this.#keys.get(sentKey(command[1]))?.find(id);
    if (entry?.error !== undefined) throw entry.error;
    return entry?.value as Reply | undefined;
  }

  /** Reads strings (or what else is asked for) that are not there into the cache, and resolves with all. Rejects with the first error. */
  load(reads: readonly (string | ReadCommand)[]): Promise<Reply[]> {
    return Promise.all(
      reads.map(async (read) => {
        const entry = this.#entry(...identify(read));
        if (entry.error !== undefined) throw entry.error;
        return (entry.value ?? (await (entry.reading ?? this.#start(entry)))) as Reply;
      }),
    );
  }

  /**
   * Calls `listener` each time a value of this key has come: it was read for the first time, or again because it changed. What was read
   * of a key that somebody has subscribed to is read again by itself, and does not count for the bounds. Gives the function that ends it.
   */
  subscribe(key: string, listener: () => void): () => void {
    if (this.#closed) return () => undefined;
    const reads = this.#readsOf(sentKey(key));
    if (reads.listeners === undefined) {
      reads.listeners = new Set();
      for (const entry of reads.all()) this.#recency.remove(entry);
    }
    const { listeners } = reads;
    const call = (): void => listener();
    listeners.add(call);
    return () => {
      if (!listeners.delete(call) || listeners.size > 0 || reads.listeners !== listeners) return;
      reads.listeners = undefined;
      for (const entry of reads.all()) if (entry.reading === undefined) this.#keep(entry);
      this.#tidy(reads);
    };
  }

  /** Drops all and ends the cache's session. Reads give undefined from then on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const reads of this.#keys.values()) for (const entry of reads.all()) this.#drop(entry);
    this.#keys.clear();
    this.#tracking?.close();
  }

  #answer(id: string, command: ReadCommand, shape?: Shape): unknown {
    if (this.#closed) return undefined;
    const entry = this.#keys.get(command[1])?.find(id) ?? this.#entry(id, command, shape);
    this.#recency.use(entry);
    if (entry.error !== undefined) throw entry.error;
    if (entry.value === undefined && entry.reading === undefined) void this.#start(entry).catch(() => undefined); // `error` tells
    return entry.value;
  }

  #entry(id: string, command: ReadCommand, shape?: Shape): Entry {
    if (this.#closed) throw new ClosedError("CLOSED", "the cache was closed");
    const key = sentKey(command[1]);
    const reads = this.#readsOf(key);
    let entry = reads.find(id);
    if (entry === undefined) reads.put(id, (entry = new Entry(reads, id, command, shape)));
    return entry;
  }

  #readsOf(key: string): KeyReads {
    let reads = this.#keys.get(key);
    if (reads === undefined) this.#keys.set(key, (reads = new KeyReads(key)));
    return reads;
  }

  #start(entry: Entry): Promise<unknown> {
    const tracking = (this.#tracking ??= new TrackingSession(this.#db, [], (keys) => this.#invalidated(keys)));
    const confirmed = tracking.ready(); // before the read, which is tracked then
    const reply = tracking.session.call(...entry.command);
    return (entry.reading = Promise.all([reply, confirmed]).then(
      ([reply]) => this.#arrived(entry, reply),
      (error: unknown) => this.#failed(entry, error),
    ));
  }

  #arrived(entry: Entry, reply: Reply): unknown {
    const value = entry.shape === undefined ? reply : entry.shape(reply);
    if (entry.dropped) return value;
    entry.reading = undefined;
    entry.value = value;
    entry.bytes = OVERHEAD + 2 * entry.of.key.length + weigh(reply);
    this.error = undefined;
    this.#settled(entry);
    return value;
  }

  #failed(entry: Entry, cause: unknown): Promise<unknown> {
    if (isLost(cause) && !this.#closed) return this.#start(entry);
    const error = cause instanceof Error ? cause : new Error(String(cause));
    if (entry.dropped) throw error;
    entry.reading = undefined;
    if (error instanceof ReplyError && (error.code === "WRONGTYPE" || error.code === "ERR")) {
      entry.error = error; // true until the key changes
      entry.bytes = OVERHEAD + 2 * entry.of.key.length;
      this.#settled(entry);
    } else {
      this.error = error;
      if (entry.of.listeners === undefined) this.#forget(entry);
    }
    throw error;
  }

  #settled(entry: Entry): void {
    const { listeners } = entry.of;
    if (listeners === undefined) return this.#keep(entry);
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        report(error);
      }
    }
  }

  // The newest stays, however large it is: else what is asked for could not be had.
  #keep(entry: Entry): void {
    const recency = this.#recency;
    recency.add(entry);
    while (recency.count > this.#maxEntries || recency.bytes > this.#maxBytes) {
      const oldest = recency.oldest as Entry;
      if (oldest === entry) return;
      this.#forget(oldest);
    }
  }

  #drop(entry: Entry): void {
    entry.dropped = true;
    this.#recency.remove(entry);
  }

  #forget(entry: Entry): void {
    this.#drop(entry);
    entry.of.remove(entry.id);
    this.#tidy(entry.of);
  }

  #tidy(reads: KeyReads): void {
    if (reads.listeners === undefined && reads.get === undefined && reads.others.size === 0) this.#keys.delete(reads.key);
  }

  #invalidated(keys: readonly string[] | null): void {
    for (const key of keys ?? [...this.#keys.keys()]) {
      const reads = this.#keys.get(key);
      if (reads !== undefined) this.#invalidate(reads);
    }
  }

  #invalidate(reads: KeyReads): void {
    for (const entry of reads.all()) {
      this.#drop(entry);
      reads.remove(entry.id);
      if (reads.listeners === undefined) continue;
      const again = new Entry(reads, entry.id, entry.command, entry.shape);
      reads.put(again.id, again);
      void this.#start(again).catch(() => undefined); // `error` tells
    }
    this.#tidy(reads);
  }
}

function identify(read: string | ReadCommand): [id: string, command: ReadCommand] {
  return typeof read === "string" ? ["GET", ["GET", read]] : [readId(read), read];
}

function scored(reply: Reply): unknown {
  return (reply as [string, number][]).map(([value, score]) => ({ value, score }));
}
