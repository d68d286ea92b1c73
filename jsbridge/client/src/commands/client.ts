import type { Argument, Reply } from "../types.js";
import { Commands, alias, mayWait, type Command } from "./commands.js";
import type { Aliases, Methods } from "./methods.js";
import { Transaction, type Multi } from "./multi.js";
import type { Cursor, Key, ScanCommonOptions, ScanOptions, Scored, Text } from "./options.js";

/** Where an iterator starts, if not at the beginning. */
export interface IteratorOptions {
  cursor?: Cursor;
}

/** How the views that {@link Client.with} makes differ from their client. */
interface ViewOptions {
  binary?: boolean;
  signal?: AbortSignal;
}

/** What a batch's function may give: the promises whose values are wanted, or nothing. */
type Chosen = readonly unknown[] | void;

/** What `batch` resolves with: the values of the promises that were chosen, or of all calls. */
export type BatchResults<T> = T extends readonly unknown[] ? { -readonly [K in keyof T]: Awaited<T[K]> } : unknown[];

/** RESP's types, by which {@link Client.withTypeMapping} is told what strings are to be. */
export const RESP_TYPES = { BLOB_STRING: 36 } as const;

export interface Client<in out S extends Text = string> extends Methods<S>, Aliases<S> {}

/**
 * What has the commands as methods. Whoever extends it says how words are sent:
 *
 * ```ts
 * class Session extends Client { send(words, binary) { … } }
 * ```
 *
 * `S` is what strings in replies come as.
 */
export abstract class Client<in out S extends Text = string> extends Commands {
  #bytes: View<Uint8Array> | undefined;

  /** @internal Sends a command; with `binary`, strings in its reply are to be bytes. */
  abstract send(words: readonly Argument[], binary: boolean): Promise<Reply>;

  /** @internal Sends a command that may hold its session up. */
  hold(words: readonly Argument[], binary: boolean, _signal?: AbortSignal): Promise<Reply> {
    return this.send(words, binary);
  }

  /** @internal */
  override run(command: Command, args: readonly unknown[]): Promise<unknown> {
    let words: Argument[];
    try {
      words = command.encode(args);
    } catch (error) {
      return Promise.reject(error);
    }
    const reply = mayWait(command, words) ? this.hold(words, this.isBinary) : this.send(words, this.isBinary);
    return command.make === undefined ? reply : reply.then(command.make);
  }

  /** @internal */
  protected get isBinary(): boolean {
    return false;
  }

  /** The same methods with strings in replies as `Uint8Array`, byte for byte. Names in maps stay strings. */
  get binary(): View<Uint8Array> {
    return (this.#bytes ??= new View<Uint8Array>(this, { binary: true }));
  }

  /** As node-redis says it: `withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Uint8Array })` (or `Buffer`) is {@link binary}. */
  withTypeMapping(mapping: { readonly [RESP_TYPES.BLOB_STRING]: Uint8ArrayConstructor }): View<Uint8Array>;
  withTypeMapping(mapping: { readonly [type: number]: never }): this;
  withTypeMapping(mapping: { readonly [type: number]: unknown }): unknown {
    for (const [type, made] of Object.entries(mapping)) {
      const bytes = typeof made === "function" && (made === Uint8Array || made.prototype instanceof Uint8Array);
      if (Number(type) !== RESP_TYPES.BLOB_STRING || !bytes) throw new TypeError("tabdis: only strings can be mapped, and only to Uint8Array");
      return this.binary;
    }
    return this;
  }

  /**
   * The same methods, ended by this signal: a call that waits is taken back, and rejects with the signal's reason unless it was served
   * before; one that has not been sent rejects at once. Other calls that were sent are not taken back.
   */
  withAbortSignal(signal: AbortSignal): View<S> {
    return new View<S>(this, { binary: this.isBinary, signal });
  }

  /** Sends a command by its words, and gives its reply as it is. */
  sendCommand<T = Reply>(words: readonly Argument[]): Promise<T> {
    return this.send(words, this.isBinary) as Promise<T>;
  }

  /** A transaction: queues commands, which `exec()` runs as one. */
  multi(): Multi<[], S> {
    return new Transaction<[]>(this, this.isBinary) as Multi<[], S>;
  }

  /**
   * Runs what `fn` calls as one batch: it travels together, in order. Resolves when all of it is settled, with the values of the
   * promises that `fn` gives in an array, or of all its calls. Rejects with the first error; the other calls run.
   *
   * ```ts
   * const [name, visits] = await db.batch((b) => [b.get("name"), b.incr("visits")]);
   * ```
   */
  async batch<const T extends Chosen>(fn: (batch: View<S>) => T): Promise<BatchResults<T>> {
    const calls: Promise<unknown>[] = [];
    const chosen: unknown = fn(new Recorder<S>(this, this.isBinary, calls));
    if (chosen instanceof Promise && !calls.includes(chosen)) {
      chosen.catch(() => undefined);
      throw new TypeError("tabdis: what makes a batch's calls must not wait: they would not travel together");
    }
    const settled = await Promise.allSettled(calls);
    const failed = settled.find((call) => call.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return (await Promise.all(Array.isArray(chosen) ? chosen : calls)) as BatchResults<T>;
  }

  /** Goes through the keys, some at each step. Whatever is there all the time is seen, maybe more than once. */
  async *scanIterator(options?: ScanOptions & IteratorOptions): AsyncGenerator<S[], void, undefined> {
    for await (const { keys } of pages((cursor) => this.scan(cursor, options), options)) yield keys;
  }

  /** Goes through the fields of a hash. */
  async *hScanIterator(key: Key, options?: ScanCommonOptions & IteratorOptions): AsyncGenerator<{ field: S; value: S }[], void, undefined> {
    for await (const { entries } of pages((cursor) => this.hScan(key, cursor, options), options)) yield entries;
  }

  /** Goes through the values of a hash. */
  async *hScanValuesIterator(key: Key, options?: ScanCommonOptions & IteratorOptions): AsyncGenerator<S[], void, undefined> {
    for await (const entries of this.hScanIterator(key, options)) yield entries.map(({ value }) => value);
  }

  /** Goes through the members of a set. */
  async *sScanIterator(key: Key, options?: ScanCommonOptions & IteratorOptions): AsyncGenerator<S[], void, undefined> {
    for await (const { members } of pages((cursor) => this.sScan(key, cursor, options), options)) yield members;
  }

  /** Goes through the members of a sorted set. */
  async *zScanIterator(key: Key, options?: ScanCommonOptions & IteratorOptions): AsyncGenerator<Scored<S>[], void, undefined> {
    for await (const { members } of pages((cursor) => this.zScan(key, cursor, options), options)) yield members;
  }
}

async function* pages<P extends { cursor: Text }>(next: (cursor: Cursor) => Promise<P>, options: IteratorOptions = {}): AsyncGenerator<P, void, undefined> {
  let { cursor = "0" } = options;
  do {
    const page = await next(cursor);
    cursor = page.cursor;
    yield page;
  } while (!isStart(cursor));
}

const isStart = (cursor: Text): boolean => (typeof cursor === "string" ? cursor === "0" : cursor.length === 1 && cursor[0] === 48);

/** @internal What sends for a view of it. */
type Owner = Pick<Client, "send" | "hold">;

/** A client that sends through another, and wants its replies in another form. */
export class View<in out S extends Text> extends Client<S> {
  readonly #owner: Owner;
  readonly #options: ViewOptions;

  /** @internal */
  constructor(owner: Owner, options: ViewOptions) {
    super();
    this.#owner = owner;
    this.#options = options;
  }

  /** @internal */
  protected override get isBinary(): boolean {
    return this.#options.binary === true;
  }

  /** Runs one command by its words. */
  call(...words: Argument[]): Promise<Reply> {
    return this.send(words, this.isBinary);
  }

  /** @internal */
  override send(words: readonly Argument[], binary: boolean): Promise<Reply> {
    const { signal } = this.#options;
    return signal?.aborted ? Promise.reject(signal.reason) : this.#owner.send(words, binary);
  }

  /** @internal */
  override hold(words: readonly Argument[], binary: boolean, signal = this.#options.signal): Promise<Reply> {
    return signal?.aborted ? Promise.reject(signal.reason) : this.#owner.hold(words, binary, signal);
  }
}

// Keeps the calls of a batch, with what their methods make of the replies.
class Recorder<in out S extends Text> extends View<S> {
  readonly #calls: Promise<unknown>[];

  constructor(owner: Owner, binary: boolean, calls: Promise<unknown>[]) {
    super(owner, { binary });
    this.#calls = calls;
  }

  override run(command: Command, args: readonly unknown[]): Promise<unknown> {
    return this.#keep(super.run(command, args));
  }

  override call(...words: Argument[]): Promise<Reply> {
    return this.#keep(super.call(...words));
  }

  override sendCommand<T = Reply>(words: readonly Argument[]): Promise<T> {
    return this.#keep(super.sendCommand<T>(words));
  }

  #keep<P extends Promise<unknown>>(call: P): P {
    call.catch(() => undefined); // the batch tells of it
    this.#calls.push(call);
    return call;
  }
}

alias("multi");
