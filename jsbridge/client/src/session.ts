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

/** Whether this command would silence its own reply, or the next: then no reply could be told from another's any more. */
export function silencesReplies(args: readonly Argument[]): boolean {
  const [name, word, mode] = args;
  if (typeof name !== "string" || name.length !== 6 || name.toUpperCase() !== "CLIENT") return false;
  return String(word).toUpperCase() === "REPLY" && String(mode).toUpperCase() !== "ON";
}

const subscribing = /^[ps]?(un)?subscribe$/i;

/** Whether this command is answered by messages alone, as many as there are channels: no promise would be settled by them. */
export function isAnsweredByMessages(args: readonly Argument[]): boolean {
  const name = args[0];
  return typeof name === "string" && name.length >= 9 && subscribing.test(name);
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

  /** Whether this command's reply has to come to {@link replied}. Called once for each command that is sent. */
  sends(args: readonly Argument[]): boolean {
    const name = args[0];
    if (typeof name !== "string" || name.length < 4 || name.length > 7) return false;
    const change = commands.get(name) ?? commands.get(name.toUpperCase());
    if (change === undefined) return false;
    this.sent.push({ change, database: Number(args[1]) });
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
    const name = String(args[0]).toUpperCase();
    if (name === "EXEC" || name === "DISCARD" || name === "RESET" || name === "UNWATCH") this.aborted = false;
    return new ReplyError("EXECABORT Transaction discarded because the engine was replaced.");
  }
}
