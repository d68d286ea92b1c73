import { OutcomeUnknownError, ReplyLostError } from "../errors.js";
import type { Argument } from "../types.js";
import type { Session, Sessions } from "./sessions.js";

/** Whether a command's reply was lost with the engine: a read may be asked again, and waits for the next one. */
export function isLost(error: unknown): boolean {
  return error instanceof OutcomeUnknownError || error instanceof ReplyLostError;
}

/** Hears that keys have changed; null: any of them may have. */
export type Invalidated = (keys: readonly string[] | null) => void;

/**
 * A session that is told of changes by CLIENT TRACKING: of the keys that it has read, or with BCAST of all with a prefix.
 *
 * The engine executes one command at a time, and what it has to say to one session arrives in the order in which it came about. So a
 * change that was executed behind a read of this session is told behind that read's reply, and one that was executed behind the
 * confirmation of BCAST is told. What was told early belongs to reads before it.
 */
export class TrackingSession {
  readonly session: Session;
  readonly #words: Argument[];
  #confirmed: Promise<void> | undefined;
  #anew = false;

  /** @param options of CLIENT TRACKING ON. */
  constructor(db: Sessions, options: Argument[], invalidated: Invalidated) {
    this.#words = ["CLIENT", "TRACKING", "ON", ...options];
    const session = (this.session = db.session());
    session.onPush = ([kind, keys]) => {
      if (kind === "invalidate") invalidated(keys as string[] | null);
    };
    session.onRestored = () => {
      this.#confirmed = undefined; // whoever reads next sets it up again
      this.#anew = true;
      invalidated(null);
    };
  }

  /**
   * Resolves when the engine has confirmed tracking. A command that is called on the session after this was called runs under tracking,
   * or this rejects. After a failure the next call tries again.
   */
  ready(): Promise<void> {
    if (this.#confirmed !== undefined) return this.#confirmed;
    const { session } = this;
    // What was under way when the session was made anew may have been sent again, and a prefix cannot be asked for twice.
    if (this.#anew) void session.call("CLIENT", "TRACKING", "OFF").catch(() => undefined); // ON fails as well, then
    const confirmed = session.call(...this.#words).then(
      () => undefined,
      (error: unknown) => {
        if (this.#confirmed === confirmed) this.#confirmed = undefined;
        throw error;
      },
    );
    return (this.#confirmed = confirmed);
  }

  close(): void {
    const { session } = this;
    session.onPush = session.onRestored = undefined;
    void session.close().catch(() => undefined); // it is gone with the database, then
  }
}

/** What is watched of a database: a session for each prefix, for all who ask for it. */
const watched = new WeakMap<Sessions, Map<string, PrefixWatch>>();

/** All changes of keys with one prefix. */
export class PrefixWatch {
  readonly #tracking: TrackingSession;
  readonly #told = new Set<Invalidated>();
  readonly #left: () => void;

  private constructor(db: Sessions, prefix: Uint8Array, left: () => void) {
    this.#left = left;
    const options = prefix.length === 0 ? ["BCAST"] : ["BCAST", "PREFIX", prefix];
    this.#tracking = new TrackingSession(db, options, (keys) => {
      for (const invalidated of [...this.#told]) invalidated(keys);
    });
  }

  /** Watches a prefix. `invalidated` is called for all changes that are executed once `ready` has resolved, and maybe for some before. */
  static join(db: Sessions, prefix: Uint8Array, invalidated: Invalidated): PrefixWatch {
    let ofDatabase = watched.get(db);
    if (ofDatabase === undefined) watched.set(db, (ofDatabase = new Map()));
    const all = ofDatabase;
    const name = String.fromCharCode(...prefix);
    let watch = all.get(name);
    if (watch === undefined) all.set(name, (watch = new PrefixWatch(db, prefix, () => all.delete(name))));
    watch.#told.add(invalidated);
    return watch;
  }

  ready(): Promise<void> {
    return this.#tracking.ready();
  }

  /** Ends what `join` began. The session ends with the last. */
  leave(invalidated: Invalidated): void {
    if (!this.#told.delete(invalidated) || this.#told.size > 0) return;
    this.#left();
    this.#tracking.close();
  }
}
