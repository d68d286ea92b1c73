/// <reference lib="esnext.disposable" preserve="true" />

import type { Command } from "./commands/commands.js";
import type { Key } from "./commands/options.js";
import { SharedClient } from "./commands/shared.js";
import type { Controls } from "./control/control.js";
import { operations } from "./control/load.js";
import type { RewriteOptions, WaitOptions } from "./control/durability.js";
import type { ExportOptions, ExportReport } from "./control/export.js";
import type { LogEvent, LogOptions } from "./control/log.js";
import type { LogStatus, Status } from "./control/status.js";
import type { Estimate, Persistence } from "./control/storage.js";
import { Cache, type CacheOptions } from "./live/cache.js";
import { live, type Live, type LiveListener, type LiveOptions } from "./live/live.js";
import type { LiveSource, Session as LiveSession } from "./live/sessions.js";
import { ClosedError, type TabdisError } from "./errors.js";
import type { ReadyMessage } from "./protocol.js";
import type { Session } from "./session.js";
import { openStream, type ByteStream } from "./stream.js";
import type { Store } from "./store.js";
import type { Argument, Caller, OpenOptions, Reply, StoreInfo } from "./types.js";

/** What {@link Database.on} tells, and with what. */
export interface DatabaseEvents {
  /** This tab runs the engine now. */
  leader: StoreInfo;
  /** Another tab runs the engine, and this one talks to it. */
  follower: StoreInfo;
  /** A line of the engine's log that an operator should see, or of this package. */
  warning: string;
  /** The log cannot be written any more, or it can again: its state has changed. Told at once when it is not healthy. */
  persistence: LogStatus;
  /** The store cannot go on here: all calls are rejected with this error. */
  error: TabdisError;
}

/** An open store. Made by {@link open}. */
export class Database extends SharedClient implements Caller, LiveSource {
  /** The same with each reply as the bytes of RESP3 that the engine gave, error replies too. */
  readonly raw: {
    /** Runs one command and resolves with the bytes of its reply. */
    call(...args: Argument[]): Promise<Uint8Array>;
  };

  /** @internal Operations beside the sessions. */
  readonly controls: Controls;

  readonly #page: Store;
  readonly #main: Session;
  readonly #options: Pick<OpenOptions, "onProgress" | "onLog">;
  readonly #listening = new Set<() => void>();
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(store: Store, options: Pick<OpenOptions, "onProgress" | "onLog">) {
    super();
    this.#page = store;
    this.#options = options;
    this.controls = store.tab.controls();
    this.#main = store.tab.session();
    this.#main.onEnded = () => void this.close().catch(() => undefined); // whoever calls close() hears of the error
    this.raw = this.#main.raw;
  }

  /** What the store is, where its log is and why, and which tab runs the engine. */
  get store(): StoreInfo {
    return this.#page.info;
  }

  /**
   * Runs one command and resolves with its reply, as safe as `appendfsync` promises. Commands run in the order of their calls. Those
   * called in one turn, or while others are under way, travel together.
   */
  call(...args: Argument[]): Promise<Reply> {
    return this.#closing === undefined ? this.#main.call(...args) : Promise.reject(closed());
  }

  /** @internal */
  override run(command: Command, args: readonly unknown[]): Promise<unknown> {
    return this.#closing === undefined ? super.run(command, args) : Promise.reject(closed());
  }

  /** @internal */
  override send(words: readonly Argument[], binary: boolean): Promise<Reply> {
    return this.#main.send(words, binary);
  }

  /** The database that is selected, as far as replies say. */
  get database(): number {
    return this.#main.database;
  }

  /** Opens a session of its own, as one more connection to Redis: for transactions with WATCH, messages, blocking commands. */
  session(): Session {
    const session = this.#page.tab.session();
    if (this.#closing !== undefined) session.end(closed());
    return session;
  }

  /**
   * Opens a session as a stream of RESP bytes, for other client libraries. It ends when the engine or the leading tab does, as a
   * connection does when its server goes: whoever uses it connects again.
   */
  stream(): ByteStream {
    return openStream(this.#page.tab);
  }

  /** Runs a query now, and again whenever what it has read changes. See {@link live}. */
  live<T>(patterns: readonly string[], query: (q: LiveSession) => Promise<T>, listener: LiveListener<T>, options?: LiveOptions): Live<T> {
    return live(this, patterns, query, listener, options);
  }

  /** A read cache that is kept true, for rendering: what it holds is given at once. */
  cache(options?: CacheOptions): Cache {
    return new Cache(this, options);
  }

  /** Resolves when all that was called before is durable. See {@link durable}. */
  async durable(options?: WaitOptions): Promise<void> {
    return (await operations()).durable(this, this.controls, options);
  }

  /** Writes the log anew and resolves when the new one is in force. See {@link rewrite}. */
  async rewrite(options?: RewriteOptions): Promise<void> {
    return (await operations()).rewrite(this, options);
  }

  /** What the store is and how it fares. */
  async status(): Promise<Status> {
    return (await operations()).status(this, this.store);
  }

  /** How much room the store and its site use and may use. */
  async estimate(): Promise<Estimate> {
    return (await operations()).estimate(this);
  }

  /** Asks the browser to keep this site's storage. See {@link persist}. */
  override persist(): Promise<Persistence>;
  /** Takes the expiry off a key: PERSIST. Resolves with 1, or with 0 when there was none. */
  override persist(key: Key): Promise<number>;
  override persist(key?: Key): Promise<Persistence | number> {
    return key === undefined ? operations().then(({ persist }) => persist()) : (this.call("PERSIST", key) as Promise<number>);
  }

  /** Writes what the store holds now to a directory or a stream, while it goes on serving. See {@link exportTo}. */
  async exportTo(target: FileSystemDirectoryHandle | WritableStream<Uint8Array>, options?: ExportOptions): Promise<ExportReport> {
    return (await operations()).exportTo(this, this.controls, target, options);
  }

  /** Tells of the blocks and syncs of the log as they happen, for tools. See {@link log}. */
  async log(callback: (event: LogEvent) => void, options?: LogOptions): Promise<void> {
    return (await operations()).log(this.controls, callback, options);
  }

  /** Closes the store and removes it, with all that it holds. Rejects with a `LockedError` when another tab has it open. */
  async destroy(): Promise<void> {
    await this.close();
    await this.#page.destroy();
  }

  /** Listens to an event, until the store is closed here; the function that comes back ends that. */
  on<E extends keyof DatabaseEvents>(event: E, listener: (what: DatabaseEvents[E]) => void): () => void {
    const end = this.#listen(event, listener);
    const stop = (): void => {
      this.#listening.delete(stop);
      end();
    };
    this.#listening.add(stop);
    return stop;
  }

  #listen<E extends keyof DatabaseEvents>(event: E, listener: (what: DatabaseEvents[E]) => void): () => void {
    if (event !== "persistence") return this.#page.on(event, listener);
    const watching = new AbortController();
    void operations().then(({ watchLog }) => watchLog(this, listener as (log: LogStatus) => void, watching.signal));
    return () => watching.abort();
  }

  /** Waits for the calls under way, and leaves the store; the last one that leaves closes it. Later calls are rejected. */
  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async #leave(): Promise<void> {
    this.controls.end(closed());
    await this.endSessions(); // which asks the engine to end the calls that wait
    await this.#page.leave(this.#main, this.#options);
    for (const stop of this.#listening) stop();
  }

  /** Closes the store at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const closed = (): ClosedError => new ClosedError("CLOSED", "the store was closed");

/** What {@link StoreInfo} says after this. */
export function infoOf(name: string, ready: ReadyMessage, leads: boolean): StoreInfo {
  const { backend, why, load, restarts } = ready;
  return { name, backend, why, load, restarts, role: leads ? "leader" : "follower" };
}
