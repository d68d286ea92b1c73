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
  Option,
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
  ["AUTH", Change.Option],
  ["HELLO", Change.Option],
  ["CLIENT", Change.Option],
] as const) {
  commands.set(name, change);
  commands.set(name.toLowerCase(), change);
}

/** Subcommands of CLIENT that set what stays. */
const options = /^(setname|setinfo|no-evict|no-touch)$/i;

/** Commands whose effect is in no log: whether one that was under way has run, nobody can tell any more. */
const unlogged = /^(s?publish|client|debug|shutdown|failover|script|function)$/i;

/** Commands that are not answered by one reply each: messages follow them, or take its place. */
const streams = /^([ps]?(un)?subscribe|monitor)$/i;

/** Whether messages take the place of this command's reply, one for each name. */
export function isSubscription(args: readonly Argument[]): boolean {
  const name = text(args[0]);
  return name.length >= 9 && streams.test(name);
}

/** No name that matters here is longer. */
const LONGEST = 12;

/** A word that may name something: bytes as the characters that they stand for. */
function text(word: Argument | undefined): string {
  if (typeof word === "string") return word;
  return word instanceof Uint8Array && word.length <= LONGEST ? String.fromCharCode(...word) : "";
}

/**
 * Why this command cannot be sent: no reply could be told from another's any more, or its own would never come, or nobody listens to what
 * follows it. Undefined if it can.
 */
export function unanswerable(args: readonly Argument[], listening: boolean): string | undefined {
  const name = text(args[0]);
  if (name.length < 5 || name.length > LONGEST) return undefined;
  if (name.length === 5) {
    const other = name.toUpperCase() === "HELLO" && args.length > 1 && (typeof args[1] === "number" ? args[1] !== 3 : text(args[1]) !== "3");
    return other ? "NOPROTO this client reads RESP3" : undefined;
  }
  if (name.length === 6) {
    const silent = name.toUpperCase() === "CLIENT" && text(args[1]).toUpperCase() === "REPLY" && text(args[2]).toUpperCase() !== "ON";
    return silent ? "ERR CLIENT REPLY OFF and SKIP leave promises unsettled" : undefined;
  }
  if (!streams.test(name) || (listening && name.length !== 7)) return undefined;
  return name.length === 7
    ? "ERR MONITOR is answered by lines without end: use a stream()"
    : `ERR ${name.toUpperCase()} is answered by messages: use subscribe(), or a session with onPush`;
}

/** What a command does that is still unanswered when its engine is gone. */
export const enum Fate {
  /** It is safe to run, or its number tells whether it ran. */
  Again,
  /** It begins a transaction, or ends one. */
  Begins,
  Ends,
  /** It may have had an effect that no log tells of. */
  Unknown,
}

export function fate(args: readonly Argument[]): Fate {
  const name = text(args[0]);
  switch (commands.get(name) ?? commands.get(name.toUpperCase())) {
    case Change.Multi:
      return Fate.Begins;
    case Change.Exec:
    case Change.Discard:
      return Fate.Ends;
    case Change.Option:
      return name.length < 6 || options.test(text(args[1])) ? Fate.Again : Fate.Unknown;
    default:
      return unlogged.test(name) ? Fate.Unknown : Fate.Again;
  }
}

/** Whether a command changes the session and nothing else, so that it may always run again. */
export function changesSession(args: readonly Argument[]): boolean {
  const name = text(args[0]).toUpperCase();
  return name === "SELECT" || name === "HELLO" || name === "AUTH" || (name === "CLIENT" && options.test(text(args[1])));
}

/**
 * The state of the engine's session as its replies have confirmed it, to be put back in another session that takes its place: the
 * database, name and options, and whether a transaction or a WATCH was open, which cannot be put back and must not be forgotten.
 */
export class SessionState {
  #database = 0;
  readonly #options = new Map<string, readonly Argument[]>();
  #multi = false;
  #watching = false;
  readonly #sent: { change: Change; args: readonly Argument[] }[] = [];
  #queued: readonly Argument[][] = []; // SELECTs and options of a transaction under way
  #aborted = false;

  /** The database, as far as replies say. */
  get selected(): number {
    return this.#database;
  }

  /** Whether this command's reply has to come to {@link replied}. Called once for each command that is sent. */
  sends(args: readonly Argument[]): boolean {
    const name = text(args[0]);
    if (name.length < 4 || name.length > 7) return false;
    const change = commands.get(name) ?? commands.get(name.toUpperCase());
    if (change === undefined || (change === Change.Option && name.length === 6 && !options.test(text(args[1])))) return false;
    this.#sent.push({ change, args: [...args] });
    return true;
  }

  /** Whether HELLO has to follow this one: behind RESET the engine speaks RESP2, and before AUTH it may have refused to speak RESP3. */
  greets([name, ...args]: readonly Argument[]): boolean {
    const change = commands.get(text(name).toUpperCase());
    if (change === Change.Reset) return args.length === 0;
    return text(name).length === 4 && change === Change.Option && !this.#multi && !this.#sent.some((sent) => sent.change === Change.Multi);
  }

  /** The oldest command for which `sends` was true was answered: it has run, was queued in a transaction, or failed. */
  replied(outcome: Outcome): void {
    const { change, args } = this.#sent.shift() as { change: Change; args: readonly Argument[] };
    if (outcome === Outcome.Queued) {
      if (change === Change.Select || change === Change.Option) this.#queued = [...this.#queued, [...args]];
      return;
    }
    const ran = outcome === Outcome.Ran;
    switch (change) {
      case Change.Select:
      case Change.Option:
        if (ran) this.#set(args);
        break;
      case Change.Multi:
        if (ran) this.#multi = true;
        break;
      case Change.Watch:
        if (ran) this.#watching = true;
        break;
      case Change.Unwatch:
        this.#watching = false;
        break;
      case Change.Exec:
        if (ran) this.#queued.forEach((words) => this.#set(words));
        if (ran || this.#multi) this.#endTransaction();
        break;
      case Change.Discard:
        if (ran || this.#multi) this.#endTransaction();
        break;
      case Change.Reset:
        this.#database = 0;
        this.#options.clear();
        this.#endTransaction();
    }
  }

  /** The oldest command for which `sends` was true is lost with its session, and was settled as unknown. */
  lost(): void {
    const change = this.#sent[0]?.change;
    this.replied(change === Change.Select || change === Change.Option ? Outcome.Failed : Outcome.Ran);
  }

  #set(args: readonly Argument[]): void {
    const name = text(args[0]).toUpperCase();
    if (name === "HELLO") this.#hello(args);
    else if (name === "SELECT") this.#database = Number(args[1] instanceof Uint8Array ? text(args[1]) : args[1]);
    else if (name === "AUTH") this.#options.set(name, args);
    else this.#options.set(`${text(args[1])}${args.length > 3 ? ` ${text(args[2])}` : ""}`.toUpperCase(), args);
  }

  // HELLO 3 AUTH user password SETNAME name
  #hello(args: readonly Argument[]): void {
    for (let i = 2; i < args.length; i++) {
      const option = text(args[i]).toUpperCase();
      if (option === "AUTH") this.#options.set("AUTH", ["AUTH", ...args.slice(i + 1, (i += 2) + 1)]);
      else if (option === "SETNAME") this.#options.set("SETNAME", ["CLIENT", "SETNAME", args[++i] as Argument]);
    }
  }

  /** Whether a transaction is open, as far as replies tell. */
  get inTransaction(): boolean {
    return this.#multi;
  }

  #endTransaction(): void {
    this.#multi = this.#watching = false;
    this.#queued = [];
  }

  /** Another session takes its place. Gives the commands that put the state back. */
  restore(): Argument[][] {
    this.#sent.length = 0;
    this.#aborted ||= this.#multi || this.#watching;
    this.#endTransaction();
    const setup: Argument[][] = [["HELLO", 3]];
    const auth = this.#options.get("AUTH");
    if (auth !== undefined) setup.unshift([...auth]);
    for (const [name, args] of this.#options) if (name !== "AUTH") setup.push([...args]);
    if (this.#database !== 0) setup.push(["SELECT", this.#database]);
    return setup;
  }

  /**
   * The error for a command of a transaction that ended with its session: all up to its EXEC or DISCARD, so that none of them runs by
   * itself. Undefined outside one.
   */
  refuses(args: readonly Argument[]): ReplyError | undefined {
    if (!this.#aborted) return undefined;
    const name = text(args[0]).toUpperCase();
    if (name === "EXEC" || name === "DISCARD" || name === "RESET" || name === "UNWATCH") this.#aborted = false;
    return new ReplyError("EXECABORT Transaction discarded because the engine was replaced.");
  }
}
