import { ReplyError } from "./errors.js";
import type { Argument } from "./types.js";

const enum Change {
  Select,
  Multi,
  Watch,
  Unwatch,
  Exec,
  Discard,
  Reset,
}

/** How a command was answered. */
export const enum Outcome {
  Ran,
  Queued,
  Failed,
}

const commands = new Map<string, Change>();
for (const [name, change] of [
  ["SELECT", Change.Select],
  ["MULTI", Change.Multi],
  ["WATCH", Change.Watch],
  ["UNWATCH", Change.Unwatch],
  ["EXEC", Change.Exec],
  ["DISCARD", Change.Discard],
  ["RESET", Change.Reset],
] as const) {
  commands.set(name, change);
  commands.set(name.toLowerCase(), change);
}

/** Commands that a push answers for each channel that they name. */
const subscribes = /^[ps]?(un)?subscribe$/i;

/** How many pushes answer this command: 0 when a reply does. */
export function confirmations(args: readonly Argument[]): number {
  const name = text(args[0]);
  return name.length > 8 && subscribes.test(name) ? args.length - 1 : 0;
}

/** A word that may name something: bytes as the characters that they stand for. */
function text(word: Argument | undefined): string {
  if (typeof word === "string") return word;
  return word instanceof Uint8Array && word.length <= LONGEST ? String.fromCharCode(...word) : "";
}

/** No name is longer. */
const LONGEST = 12;

/**
 * Why this command cannot be sent: no reply could be told from another's any more, its own would never come, or what follows it would go
 * to nobody, unless the session is `heard`. Undefined if it can.
 */
export function unanswerable(args: readonly Argument[], heard = false): string | undefined {
  const name = text(args[0]);
  if (name.length < 6 || name.length > 12) return undefined;
  if (name.length === 6) {
    const silent = name.toUpperCase() === "CLIENT" && text(args[1]).toUpperCase() === "REPLY" && text(args[2]).toUpperCase() !== "ON";
    return silent ? "ERR CLIENT REPLY OFF and SKIP leave promises unsettled" : undefined;
  }
  if (name.toUpperCase() === "MONITOR") return "ERR MONITOR is not there in this client: its lines belong to no call";
  if (!subscribes.test(name)) return undefined;
  if (!heard) return `ERR nobody takes the messages of ${name.toUpperCase()} here: use the methods subscribe and unsubscribe`;
  return args.length === 1 ? `ERR ${name.toUpperCase()} has to name the channels: how many confirm it is not known` : undefined;
}

/**
 * The state of the engine's session as its replies have confirmed it, to be put back when the engine is replaced: the database, and
 * whether a transaction or a WATCH was open, which cannot be put back and must not be forgotten.
 */
export class SessionState {
  private database = 0;
  private multi = false;
  private watching = false;
  private readonly sent: { change: Change; database: number }[] = [];
  private queuedSelect: number | undefined; // by a transaction under way
  private aborted = false;

  /** The database, as far as replies say. */
  get selected(): number {
    return this.database;
  }

  /** Whether this command's reply has to come to {@link replied}. Called once for each command that is sent. */
  sends(args: readonly Argument[]): boolean {
    const name = text(args[0]);
    if (name.length < 4 || name.length > 7) return false;
    const change = commands.get(name) ?? commands.get(name.toUpperCase());
    if (change === undefined) return false;
    const database = Number(args[1] instanceof Uint8Array ? text(args[1]) : args[1]);
    this.sent.push({ change, database });
    return true;
  }

  /** The oldest command for which `sends` was true was answered: it has run, was queued in a transaction, or failed. */
  replied(outcome: Outcome): void {
    const { change, database } = this.sent.shift() as { change: Change; database: number };
    if (outcome === Outcome.Queued) {
      if (change === Change.Select) this.queuedSelect = database;
      return;
    }
    const ran = outcome === Outcome.Ran;
    switch (change) {
      case Change.Select:
        if (ran) this.database = database;
        break;
      case Change.Multi:
        if (ran) this.multi = true;
        break;
      case Change.Watch:
        if (ran) this.watching = true;
        break;
      case Change.Unwatch:
        this.watching = false;
        break;
      case Change.Exec:
        if (ran && this.queuedSelect !== undefined) this.database = this.queuedSelect;
        this.endTransaction();
        break;
      case Change.Discard:
        this.endTransaction();
        break;
      case Change.Reset:
        this.database = 0;
        this.endTransaction();
    }
  }

  private endTransaction(): void {
    this.multi = this.watching = false;
    this.queuedSelect = undefined;
  }

  /** The engine was replaced. Gives the commands that put the state back. */
  restore(): Argument[][] {
    this.sent.length = 0;
    this.aborted ||= this.multi || this.watching;
    this.endTransaction();
    const hello: Argument[][] = [["HELLO", 3]];
    return this.database === 0 ? hello : [...hello, ["SELECT", this.database]];
  }

  /**
   * The error for a command of a transaction that ended with the engine: all up to its EXEC or DISCARD, so that none of them runs by
   * itself. Undefined outside one.
   */
  refuses(args: readonly Argument[]): ReplyError | undefined {
    if (!this.aborted) return undefined;
    const name = text(args[0]).toUpperCase();
    if (name === "EXEC" || name === "DISCARD" || name === "RESET" || name === "UNWATCH") this.aborted = false;
    return new ReplyError("EXECABORT Transaction discarded because the engine was replaced.");
  }
}
