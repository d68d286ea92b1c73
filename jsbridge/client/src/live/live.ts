import { parsePattern, type Pattern } from "./pattern.js";
import { report } from "./report.js";
import type { Session, Sessions } from "./sessions.js";
import { isLost, PrefixWatch, TrackingSession } from "./tracking.js";

/** Hears what a live query gave, each time it has run. */
export type LiveListener<T> =
  | ((value: T) => void)
  | {
      /** What the query gave. */
      next(value: T): void;
      /**
       * The query failed, or tracking could not be set up. It goes on with the next change. What was lost with the engine is no error: it
       * is asked again. Without this, errors are reported as uncaught ones.
       */
      error?(error: Error): void;
    };

/** Options of a live query. */
export interface LiveOptions {
  /** Stops it. */
  signal?: AbortSignal;
}

/** A query that runs again when what it has read changes. */
export interface Live<T> {
  /** What the query gave last; undefined before it gave anything. */
  readonly value: T | undefined;
  /** Why the last run failed; undefined when it did not. */
  readonly error: Error | undefined;
  /** Runs it again. Resolves when a run that began after this has ended, well or not, or the query was stopped. */
  refresh(): Promise<void>;
  /** Ends it: the listener is not called any more, its sessions are closed. */
  stop(): void;
}

/**
 * Runs `query` now, and again whenever a key that it has read changes, or one that a pattern names (Redis's globs, for keys that are not
 * there yet, and for SCAN). Never two runs at once; changes during one make one more, however many they are. `query` gets a session of
 * its own and only reads: what it changed of its own keys would make it run for ever.
 *
 * ```ts
 * const cart = live(db, ["cart:*"], (q) => q.call("MGET", "cart:1", "cart:2"), (items) => render(items));
 * ```
 *
 * No change is lost. (1) A run clears `dirty`, then waits until tracking is confirmed, then reads. So whatever is executed behind its reads
 * is told behind them and sets `dirty` again, and the loop goes round once more; what is told before `dirty` was cleared was executed
 * before these reads, and they see it. (2) The engine tells of a key once and then forgets that it was read: the run that follows reads it
 * again. A run that failed is repeated at the next change of what it has read until then. (3) A session made anew has lost its tracking:
 * it counts as told that everything has changed, and since that comes after `dirty` was cleared, a run follows that waits for it again.
 */
export function live<T>(
  db: Sessions,
  patterns: readonly string[],
  query: (q: Session) => Promise<T>,
  listener: LiveListener<T>,
  options: LiveOptions = {},
): Live<T> {
  options.signal?.throwIfAborted();
  return new LiveQuery(db, patterns.map(parsePattern), query, listener, options.signal);
}

class LiveQuery<T> implements Live<T> {
  value: T | undefined;
  error: Error | undefined;
  readonly #reads: TrackingSession;
  readonly #leave: (() => void)[] = [];
  readonly #subscribed: { ready(): Promise<void> }[];
  #dirty = false;
  #running = false;
  #stopped = false;
  readonly #waiting: (() => void)[] = []; // for a run to begin and end
  #ending: (() => void)[] = []; // for the run under way to end
  readonly #query: (q: Session) => Promise<T>;
  readonly #listener: LiveListener<T>;

  constructor(
    db: Sessions,
    patterns: readonly Pattern[],
    query: (q: Session) => Promise<T>,
    listener: LiveListener<T>,
    signal: AbortSignal | undefined,
  ) {
    this.#query = query;
    this.#listener = listener;
    const changed = (): void => this.#changed();
    this.#reads = new TrackingSession(db, [], changed);
    this.#subscribed = [this.#reads];
    for (const pattern of patterns) {
      const matched = (keys: readonly string[] | null): void => {
        if (keys === null || keys.some(pattern.matches)) changed();
      };
      const watch = PrefixWatch.join(db, pattern.prefix, matched);
      this.#subscribed.push(watch);
      this.#leave.push(() => watch.leave(matched));
    }
    if (signal !== undefined) {
      const abort = (): void => this.stop();
      signal.addEventListener("abort", abort);
      this.#leave.push(() => signal.removeEventListener("abort", abort));
    }
    changed();
  }

  refresh(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const ran = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#changed();
    return ran;
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const leave of this.#leave) leave();
    this.#reads.close();
    settle(this.#waiting);
    settle(this.#ending);
  }

  #changed(): void {
    this.#dirty = true;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#dirty && !this.#stopped) {
      this.#dirty = false; // from here on a change makes another run: nothing has been read yet
      this.#ending = this.#waiting.splice(0);
      try {
        await Promise.all(this.#subscribed.map((tracking) => tracking.ready()));
        if (!this.#stopped) this.#give(await this.#query(this.#reads.session));
      } catch (error) {
        if (isLost(error)) {
          this.#dirty = true;
          this.#waiting.push(...this.#ending.splice(0));
        } else this.#fail(error instanceof Error ? error : new Error(String(error)));
      }
      settle(this.#ending);
    }
    this.#running = false;
  }

  #give(value: T): void {
    if (this.#stopped) return;
    this.value = value;
    this.error = undefined;
    const listener = this.#listener;
    try {
      if (typeof listener === "function") listener(value);
      else listener.next(value);
    } catch (error) {
      report(error);
    }
  }

  #fail(error: Error): void {
    if (this.#stopped) return;
    this.error = error;
    const listener = this.#listener;
    if (typeof listener === "function" || listener.error === undefined) return report(error);
    try {
      listener.error(error);
    } catch (thrown) {
      report(thrown);
    }
  }
}

function settle(waiting: (() => void)[]): void {
  for (const resolve of waiting.splice(0)) resolve();
}
