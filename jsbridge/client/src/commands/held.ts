import { ClosedError, ReplyError } from "../errors.js";
import type { Argument, Reply } from "../types.js";
import type { Session } from "./api.js";

/** Sessions that wait for their next call, at most. */
const IDLE = 4;

interface Held {
  session: Session;
  /** The engine's number of the session, by which another one can end its wait. */
  id: Promise<number>;
  database: number;
  /** An end of its wait was asked for, which must not meet another call. */
  ending: boolean;
}

/** What {@link HeldSessions} needs of the client whose calls they are. */
export interface Holder {
  /** A session of the engine of its own. */
  session(): Session;
  /** @internal */
  send(words: readonly Argument[], binary: boolean): Promise<Reply>;
  /** The database that the client has selected. */
  readonly database: number;
}

/**
 * Sessions for calls that wait: each has one to itself while it does, so that it holds up no other. Those that are through are used
 * again.
 */
export class HeldSessions {
  readonly #idle: Held[] = [];
  readonly #waiting = new Map<Held, Promise<unknown>>();
  #closed = false;
  readonly #holder: Holder;

  constructor(holder: Holder) {
    this.#holder = holder;
  }

  /** Runs a command that may wait, behind all that its client has called before. */
  async call(words: readonly Argument[], binary: boolean, signal?: AbortSignal): Promise<Reply> {
    // Sessions are in no order among each other. So it is sent when all before it is done, and with it a SELECT of the client's.
    await this.#holder.send(["PING"], false);
    const { database } = this.#holder;
    signal?.throwIfAborted();
    if (this.#closed) throw closed();
    const held = this.#idle.pop() ?? this.#make();
    const select = held.database === database ? undefined : held.session.call("SELECT", database);
    held.database = database; // whatever becomes of the call behind it
    const call = (binary ? held.session.binary : held.session).call(...words);
    const all = Promise.all([call, select]);
    this.#waiting.set(held, all);
    const abort = (): void => void this.#unblock(held, all);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const [reply] = await all;
      this.#through(held);
      return reply;
    } catch (error) {
      // A reply that is an error leaves the session as it was; after anything else nobody knows what became of it.
      if (error instanceof ReplyError) this.#through(held);
      else void this.#drop(held);
      if (isUnblocked(error) && signal?.aborted) throw signal.reason;
      throw isUnblocked(error) && this.#closed ? closed() : error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Ends the waits, and then the sessions. A call that was served before rejects no more: what it took is given. */
  async close(): Promise<void> {
    this.#closed = true;
    const waiting = [...this.#waiting];
    await Promise.all(waiting.map(([held, call]) => this.#unblock(held, call)));
    await Promise.allSettled(waiting.map(([, call]) => call));
    await Promise.all(this.#idle.splice(0).map((held) => held.session.close()));
    this.#closed = false; // a client may be connected again
  }

  #make(): Held {
    const session = this.#holder.session();
    const held: Held = { session, id: Promise.resolve(0), database: 0, ending: false };
    held.id = new Promise((resolve) => {
      session.onNumber = (number) => {
        held.id = Promise.resolve(number); // asked behind a call that waits it would not come
        resolve(number);
      };
    });
    return held;
  }

  // The engine says which came first, the end of the wait or what it waited for: so nothing that was taken is lost. Sessions are in no
  // order: where the call has not come yet, there is no wait to be ended so far.
  async #unblock(held: Held, call: Promise<unknown>): Promise<void> {
    held.ending = true;
    try {
      while (this.#waiting.get(held) === call) {
        if ((await this.#holder.send(["CLIENT", "UNBLOCK", await held.id, "ERROR"], false)) === 1) return;
        await new Promise((again) => setTimeout(again, 1));
      }
    } catch {
      await this.#drop(held); // there is no asking any more
    }
  }

  #through(held: Held): void {
    this.#waiting.delete(held);
    if (this.#closed || held.ending || this.#idle.length >= IDLE) void this.#drop(held);
    else this.#idle.push(held);
  }

  async #drop(held: Held): Promise<void> {
    this.#waiting.delete(held);
    await held.session.close().catch(() => undefined); // it was given up
  }
}

const closed = (): ClosedError => new ClosedError("CLOSED", "the store was closed while this call waited");

function isUnblocked(error: unknown): boolean {
  return error instanceof ReplyError && error.code === "UNBLOCKED";
}
