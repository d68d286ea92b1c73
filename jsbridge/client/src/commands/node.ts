import { ClosedError } from "../errors.js";
import type { Argument, Reply } from "../types.js";
import type { Session } from "./api.js";
import { alias } from "./commands.js";
import { SharedClient } from "./shared.js";

/** An open store, as far as clients need it. */
export interface Store {
  session(): Session;
  close(): Promise<void>;
}

/** What a client is made with beside what opens its store: the names are node-redis's. */
export interface ClientOptions {
  /** What the client's session is called. */
  name?: string;
  /** The user that it runs as, where there are users. */
  username?: string;
  password?: string;
  /** The database that it selects. */
  database?: number;
}

type Event = "connect" | "ready" | "end" | "error";

/**
 * A client in node-redis's way: made at once, connected later, with a session of its own.
 *
 * ```ts
 * const client = await createClient({ name: "app" }).on("error", console.error).connect();
 * ```
 */
export class NodeClient<O extends ClientOptions> extends SharedClient<string> {
  #store: Store | undefined;
  #own: Session | undefined;
  #selected = 0;
  readonly #hears = new Map<Event, Set<(error?: unknown) => void>>();
  readonly #open: (options: O) => Promise<Store>;
  readonly #options: O;

  /** @internal */
  constructor(open: (options: O) => Promise<Store>, options: O) {
    super();
    this.#open = open;
    this.#options = options;
  }

  /** The client is connected. */
  get isOpen(): boolean {
    return this.#own !== undefined;
  }

  /** The same as {@link isOpen}: what is called meanwhile waits for the engine. */
  get isReady(): boolean {
    return this.isOpen;
  }

  override get database(): number {
    return this.#selected;
  }

  /** Opens the store and a session of it. */
  async connect(): Promise<this> {
    if (this.isOpen) throw new TypeError("tabdis: the client is connected");
    try {
      this.#store = await this.#open(this.#options);
      this.#own = this.#store.session();
      for (const words of greeting(this.#options)) await this.send(words, false);
    } catch (error) {
      await this.close();
      this.#emit("error", error);
      throw error;
    }
    this.#emit("connect");
    this.#emit("ready");
    return this;
  }

  /** A client of its own with the same options but for these, not connected. */
  duplicate(overrides?: Partial<O>): NodeClient<O> {
    return new NodeClient(this.#open, { ...this.#options, ...overrides });
  }

  /** Hears `connect`, `ready`, `end` and `error`. */
  on(event: Event, listener: (error?: unknown) => void): this {
    const listeners = this.#hears.get(event) ?? new Set();
    this.#hears.set(event, listeners.add(listener));
    return this;
  }

  /** Hears no more. */
  off(event: Event, listener: (error?: unknown) => void): this {
    this.#hears.get(event)?.delete(listener);
    return this;
  }

  /** @internal */
  override async send(words: readonly Argument[], binary: boolean): Promise<Reply> {
    const own = this.#own;
    if (own === undefined) throw new ClosedError("CLOSED", "the client is not connected");
    const reply = await (binary ? own.binary : own).call(...words);
    if (/^select$/i.test(String(words[0]))) this.#selected = Number(words[1]);
    return reply;
  }

  override session(): Session {
    if (this.#store === undefined) throw new ClosedError("CLOSED", "the client is not connected");
    return this.#store.session();
  }

  /** Ends the waits and subscriptions, waits for the other calls, and closes. */
  async close(): Promise<void> {
    const store = this.#store;
    const own = this.#own;
    if (own === undefined) return;
    await this.endSessions();
    this.#store = this.#own = undefined;
    await own.close();
    await store?.close();
    this.#emit("end");
  }

  /** The same as {@link close}: calls that were made are not taken back. */
  destroy(): Promise<void> {
    return this.close();
  }

  /** The same as {@link close}. */
  async quit(): Promise<"OK"> {
    await this.close();
    return "OK";
  }

  /** The same as {@link close}. */
  disconnect(): Promise<void> {
    return this.close();
  }

  #emit(event: Event, error?: unknown): void {
    for (const listener of this.#hears.get(event) ?? []) listener(error);
  }
}

// What a client sends before all else.
function greeting({ username, password, name, database }: ClientOptions): Argument[][] {
  const words: Argument[][] = [];
  if (password !== undefined) words.push(["AUTH", username ?? "default", password]);
  if (name !== undefined) words.push(["CLIENT", "SETNAME", name]);
  if (database) words.push(["SELECT", database]);
  return words;
}

/** Makes node-redis's `createClient` of what opens a store. */
export function clientsOf<O extends ClientOptions>(open: (options: O) => Promise<Store>): (options: O) => NodeClient<O> {
  return (options) => new NodeClient(open, options);
}

alias("quit");
