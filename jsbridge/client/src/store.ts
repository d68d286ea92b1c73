import { destroy } from "./control/load.js";
import { infoOf, type DatabaseEvents } from "./database.js";
import { ClosedError, OutcomeUnknownError, type TabdisError } from "./errors.js";
import { noteStore } from "./known.js";
import type { ReadyMessage } from "./protocol.js";
import type { Session } from "./session.js";
import { Tab, type TabListener, type TabOptions } from "./tabs/tab.js";
import type { LoadProgress, OpenOptions, StoreInfo } from "./types.js";

/** The level of log lines that an operator should see. */
const WARNING = 3;

/** Stores that are open in this page: all that open one of them share it. */
const open = new Map<string, Store>();

type Listeners = { [E in keyof DatabaseEvents]?: Set<(what: DatabaseEvents[E]) => void> };

/** A store as this page has it open, for all who opened it here. */
export class Store implements TabListener {
  readonly tab: Tab;

  /** Resolves when it is loaded, here or in another tab. */
  readonly opened: Promise<void>;

  #current!: StoreInfo;
  #users = 0;
  readonly #watchers = new Set<Pick<OpenOptions, "onProgress" | "onLog">>();
  readonly #listeners: Listeners = {};
  #settle!: { resolve: () => void; reject: (error: TabdisError) => void };
  readonly #options: TabOptions;

  private constructor(options: TabOptions) {
    this.#options = options;
    this.opened = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.opened.catch(() => undefined); // told to whoever opens
    this.tab = new Tab(options, this);
    this.tab.start().catch((error: TabdisError) => this.failed(error));
  }

  /** The store of these options: the one that the page has open, or another. */
  static of(options: TabOptions): Store {
    const { name, backend } = options;
    if (backend === "memory") return new Store(options);
    const store = open.get(name) ?? new Store(options);
    open.set(name, store);
    return store;
  }

  get info(): StoreInfo {
    return this.#current;
  }

  /** One more uses it, and hears how it is loaded. */
  enter(user: Pick<OpenOptions, "onProgress" | "onLog">): void {
    this.#users++;
    this.#watchers.add(user);
  }

  /** Somebody has left, with this session if it came to that. Rejects when the last of the log could not be written. */
  async leave(main: Session | undefined, user: Pick<OpenOptions, "onProgress" | "onLog">): Promise<void> {
    this.#watchers.delete(user);
    if (--this.#users > 0) return main?.close();
    this.#forget();
    await this.tab.close();
  }

  /** Removes it, when it is closed. */
  destroy(): Promise<void> {
    return (this.#options.destroy ?? destroy)(this.#options.name);
  }

  #forget(): void {
    if (open.get(this.#options.name) === this) open.delete(this.#options.name);
  }

  on<E extends keyof DatabaseEvents>(event: E, listener: (what: DatabaseEvents[E]) => void): () => void {
    const listeners = ((this.#listeners[event] as Set<typeof listener> | undefined) ??= new Set() as never) as Set<typeof listener>;
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  #emit<E extends keyof DatabaseEvents>(event: E, what: DatabaseEvents[E]): void {
    for (const listener of (this.#listeners[event] as Set<(what: DatabaseEvents[E]) => void> | undefined) ?? []) listener(what);
  }

  linked(ready: ReadyMessage, leads: boolean): void {
    const { name, backend } = this.#options;
    const info = infoOf(name, ready, leads);
    // A store that this origin has had and that is a new one now is not to pass for one that never was.
    if (leads && this.#current === undefined && noteStore(name, backend, ready.backend, ready.load.created)) {
      this.log(WARNING, `The store ${name} was here before and is gone: the browser has removed it, or found it damaged. It begins anew, empty.`);
      this.#current = { ...info, load: { ...info.load, vanished: true } };
    } else this.#current = info;
    this.#settle.resolve();
    this.#emit(leads ? "leader" : "follower", this.#current);
  }

  failed(error: TabdisError): void {
    this.#forget();
    this.#settle.reject(error);
    this.tab.end(error, new OutcomeUnknownError("UNKNOWN", `the outcome of this command is unknown: ${error.message}`));
    this.#emit("error", error);
  }

  progress(progress: LoadProgress): void {
    for (const { onProgress } of this.#watchers) onProgress?.(progress);
  }

  log(level: number, line: string): void {
    for (const { onLog } of this.#watchers) onLog?.(level, line);
    if (level >= WARNING) this.#emit("warning", line);
  }

  /** Nobody waits for it any more. */
  abort(user: Pick<OpenOptions, "onProgress" | "onLog">): void {
    this.#watchers.delete(user);
    if (--this.#users > 0) return;
    this.#forget();
    this.tab.end(new ClosedError("CLOSED", "opening was ended"));
  }
}
