import { Database } from "./database.js";
import { StoreError } from "./errors.js";
import { knownBackends } from "./known.js";
import { BROKER } from "./protocol.js";
import { Store } from "./store.js";
import { Broker } from "./tabs/broker-client.js";
import type { Scripts } from "./tabs/tab.js";
import type { Backend, OpenOptions } from "./types.js";

/** Bytes the data may take where nothing else is said: far enough from the 4 GiB at which a wasm instance dies. */
const MAX_MEMORY = 1 << 30;

/** Where a store is opened: in a page, or in Node. @internal */
export interface Platform {
  scripts(workerUrl: string | URL | undefined): Scripts;
  wasmUrl(url: string | URL | undefined): string;
  /** Whether other tabs may have the store open, and share it. */
  shared: boolean;
  /** Removes a store of this name, where stores are not the browser's. */
  destroy?: (name: string) => Promise<void>;
}

/** Options of {@link open} on every platform. */
type AnyOptions = Omit<OpenOptions, "backend"> & { backend?: "auto" | Backend };

/**
 * Opens the store of this name, the same one in all tabs of the origin: one of them runs the engine in a Worker, and when it goes another
 * takes over.
 *
 * ```ts
 * const db = await open({ name: "app" });
 * await db.call("SET", "greeting", "hello");
 * ```
 *
 * Rejects with `CorruptLogError` when its log is damaged, `LockedError` when something that does not share holds it, `StoreError` when
 * storage, Worker or options fail.
 */
export function open(options: OpenOptions): Promise<Database> {
  return openOn({ scripts, wasmUrl, shared: true }, options);
}

/** Opens a store as {@link open} does, on this platform. @internal */
export async function openOn(platform: Platform, options: AnyOptions): Promise<Database> {
  const { signal, name, backend = "auto", unresponsive = 0 } = options;
  signal?.throwIfAborted();
  const wasmUrl = platform.wasmUrl(options.wasmUrl);
  const alone = !platform.shared || backend === "memory";
  if (!alone) demandLocks();
  const store = Store.of({
    name,
    backend,
    known: backend === "auto" ? knownBackends(name) : [],
    config: parameters(options),
    wasmUrl,
    alone,
    lab: options.lab === true,
    unresponsive,
    scripts: platform.scripts(options.workerUrl),
    ...(platform.destroy && { destroy: platform.destroy }),
  });
  store.enter(options);
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      store.abort(options);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    void store.opened.then(resolve, reject).finally(() => signal?.removeEventListener("abort", abort));
  });
  return new Database(store, options);
}

// Without them two tabs could not tell who leads, and one store must never become two.
function demandLocks(): void {
  if (typeof navigator !== "undefined" && navigator.locks !== undefined) return;
  const why = globalThis.isSecureContext === false ? "the page is not in a secure context (HTTPS or localhost)" : "there are no Web Locks here";
  throw new StoreError("NOLOCKS", `a durable store cannot be opened: ${why}`);
}

/** The page's brokers, by the address of their script. */
const brokers = new Map<string, Broker>();

// The first form of each is the one that bundlers know: they carry the Worker's file along.
function scripts(url: string | URL | undefined): Scripts {
  const broker = (start: () => SharedWorker): (() => Broker) | undefined => {
    if (typeof SharedWorker === "undefined") return undefined;
    return () => {
      const broker = brokers.get(String(url)) ?? new Broker(start);
      brokers.set(String(url), broker);
      return broker;
    };
  };
  if (url === undefined) {
    return {
      worker: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "tabdis" }),
      broker: broker(() => new SharedWorker(new URL("./worker.js", import.meta.url), { type: "module", name: "tabdis-broker" })),
    };
  }
  return {
    worker: () => new Worker(url, { type: "module", name: "tabdis" }),
    broker: broker(() => new SharedWorker(url, { type: "module", name: BROKER })),
  };
}

// The Worker would take a relative address for one beside its own file. Asked first of all: it tells whether this is a page.
function wasmUrl(url: string | URL | undefined): string {
  if (typeof Worker === "undefined") {
    throw new StoreError("PLATFORM", 'there are no Workers here: open() of "tabdis" is for pages. In Node, import it from "tabdis/node".');
  }
  return url === undefined ? new URL("./tabdis.wasm", import.meta.url).href : new URL(url, location.href).href;
}

function parameters(options: AnyOptions): string[] {
  const config: Record<string, string | number> = { maxmemory: MAX_MEMORY, ...options.config };
  if (options.maxmemory !== undefined) config["maxmemory"] = options.maxmemory;
  if (options.appendfsync !== undefined) config["appendfsync"] = options.appendfsync;
  return Object.entries(config).flatMap(([name, value]) => [name, String(value)]);
}
