import { ReplyError } from "../errors.js";
import type { Argument, Reply } from "../types.js";
import { Commands, alias, type Command } from "./commands.js";
import { MultiErrorReply, WatchError } from "./errors.js";
import type { Aliases, Methods } from "./methods.js";
import type { Text } from "./options.js";
import type { Transform } from "./replies.js";

/** What sends commands, each answered by a promise; with `binary`, strings in the reply are bytes. */
export interface Sender {
  /** @internal */
  send(words: readonly Argument[], binary: boolean): Promise<Reply>;
}

type Queued<in out M, in out R extends unknown[], in out S extends Text> = {
  [K in keyof M]: M[K] extends (...args: infer A) => Promise<infer T> ? (...args: A) => Multi<[...R, T], S> : never;
};

/**
 * Commands that run together, made by `multi()`: each method queues its command, `exec()` runs them. `R` is the tuple
 * of their replies.
 */
export type Multi<R extends unknown[] = [], S extends Text = string> = Transaction<R> & Queued<Methods<S>, R, S> & Queued<Aliases<S>, R, S>;

/** The methods of {@link Multi} that are no commands. */
export class Transaction<in out R extends unknown[]> extends Commands {
  readonly #queue: { words: readonly Argument[]; make: Transform | undefined }[] = [];
  readonly #owner: Sender;
  readonly #binary: boolean;

  /** @internal */
  constructor(owner: Sender, binary: boolean) {
    super();
    this.#owner = owner;
    this.#binary = binary;
  }

  /** @internal */
  override run(command: Command, args: readonly unknown[]): this {
    return this.addCommand(command.encode(args), command.make);
  }

  /** Queues a command by its words, and what is to be made of its reply. Throws a TypeError when a word is of no kind that can be sent. */
  addCommand(words: readonly Argument[], make?: (reply: Reply) => unknown): this {
    // Found out later, it would be missing between a MULTI and an EXEC that have left.
    for (const word of words) {
      if (!/^(string|number|bigint)$/.test(typeof word) && !(word instanceof Uint8Array)) {
        throw new TypeError(`tabdis: a word of ${String(words[0])} is ${word === null ? "null" : typeof word}, not a string, number, bigint or Uint8Array`);
      }
    }
    this.#queue.push({ words: [...words], make });
    return this;
  }

  /** Queues a command by its words. */
  sendCommand(words: readonly Argument[]): this {
    return this.addCommand(words);
  }

  /**
   * Runs what is queued as one transaction, and resolves with the replies. Rejects with {@link WatchError} when what was watched has
   * changed, with {@link MultiErrorReply} when some of the commands failed, with a `ReplyError` when one was refused and so none ran.
   *
   * @param asPipeline as {@link execAsPipeline} does it.
   */
  async exec<Mode extends "typed" | "generic" = "typed">(asPipeline = false): Promise<Mode extends "typed" ? R : Reply[]> {
    return (asPipeline ? this.#replies(await Promise.all(this.#sent())) : this.#transaction()) as Promise<Mode extends "typed" ? R : Reply[]>;
  }

  /** The same as {@link exec}. */
  execTyped(asPipeline = false): Promise<R> {
    return this.exec(asPipeline);
  }

  /** Runs what is queued in one go, but each command by itself. Rejects when one fails; the others run. */
  async execAsPipeline<Mode extends "typed" | "generic" = "typed">(): Promise<Mode extends "typed" ? R : Reply[]> {
    return this.exec<Mode>(true);
  }

  /** The same as {@link execAsPipeline}. */
  execAsPipelineTyped(): Promise<R> {
    return this.exec(true);
  }

  #sent(): Promise<Reply>[] {
    return this.#queue.map(({ words }) => this.#owner.send(words, this.#binary));
  }

  // All leave in one turn, so nothing of others comes between. The first that was refused tells why the whole was.
  async #transaction(): Promise<unknown[]> {
    const owner = this.#owner;
    const replies = await Promise.all([owner.send(["MULTI"], false), ...this.#sent(), owner.send(["EXEC"], this.#binary)]);
    const executed = replies.at(-1) as Reply[] | null;
    if (executed === null) throw new WatchError();
    return this.#replies(executed);
  }

  #replies(replies: Reply[]): unknown[] {
    const failed: number[] = [];
    const made = replies.map((reply, i) => {
      if (reply instanceof ReplyError) failed.push(i);
      const make = this.#queue[i]?.make;
      return make === undefined || reply instanceof ReplyError ? reply : make(reply);
    });
    if (failed.length > 0) throw new MultiErrorReply(made, failed);
    return made;
  }
}

alias("exec");
