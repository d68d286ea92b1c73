import { Controls } from "./control/control.js";
import { durable, rewrite, type RewriteOptions, type WaitOptions } from "./control/durability.js";
import { exportTo, type ExportOptions, type ExportReport } from "./control/export.js";
import { log, type LogEvent, type LogOptions } from "./control/log.js";
import { status, type Status } from "./control/status.js";
import { destroy, estimate, persist, type Estimate, type Persistence } from "./control/storage.js";
import { ClosedError, OutcomeUnknownError, StoreError, storeError, type TabdisError } from "./errors.js";
import { knownBackends, noteStore } from "./known.js";
import { Pipeline } from "./pipeline.js";
import { Mode } from "./queue.js";
import type { OpenedMessage, ToPage, ToWorker } from "./protocol.js";
import type { Argument, OpenOptions, Reply, StoreInfo } from "./types.js";

/** Bytes the data may take where nothing else is said: far enough from the 4 GiB at which a wasm instance dies. */
const MAX_MEMORY = 1 << 30;

/** The level of log lines that an operator should see. */
const WARNING = 3;

/** Calls commands and gives their replies. */
export interface Caller {
  /** Runs one command, e.g. `call('SET', 'key', 'value')`. Rejects with a `ReplyError` when the reply is an error. */
  call(...args: Argument[]): Promise<Reply>;
}

/** An open store. Made by {@link open}. */
export class Database implements Caller {
  /** The same with strings in replies as `Uint8Array`, byte for byte. Keys of maps stay strings. */
  readonly binary: Caller;

  /** The same with each reply as the bytes of RESP3 that the engine gave, error replies too. */
  readonly raw: { call(...args: Argument[]): Promise<Uint8Array> };

  private readonly pipeline: Pipeline;
  /** @internal */
  readonly controls: Controls;
  private readonly worker: Worker;
  private current: StoreInfo;
  private closing: Promise<void> | undefined;
  private onClosed: ((error: TabdisError | undefined) => void) | undefined;

  /** @internal */
  constructor(worker: Worker, name: string, opened: OpenedMessage) {
    this.worker = worker;
    this.current = { name, backend: opened.backend, why: opened.why, load: opened.load, restarts: 0 };
    const pipeline = (this.pipeline = new Pipeline((batch) => worker.postMessage(batch, [batch.buffer])));
    this.controls = new Controls((message, transfer) => worker.postMessage(message, transfer));
    this.binary = { call: (...args) => pipeline.call(args, Mode.Binary) };
    this.raw = { call: (...args) => pipeline.call(args, Mode.Raw) as Promise<Uint8Array> };
    void pipeline.call(["HELLO", 3], Mode.Text).catch((error: unknown) => this.fail(asStoreError(error)));
    pipeline.start();
  }

  /** What the store is, where its log is and why. */
  get info(): StoreInfo {
    return this.current;
  }

  /**
   * Runs one command and resolves with its reply, as safe as `appendfsync` promises. Commands run in the order of their calls. Those
   * called in one turn, or while others are under way, travel together.
   */
  call(...args: Argument[]): Promise<Reply> {
    return this.pipeline.call(args, Mode.Text);
  }

  /** Waits for the calls under way, flushes and closes the log, and releases its files. Later calls are rejected. */
  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  /** Resolves when all that was called before is durable. See {@link durable}. */
  durable(options?: WaitOptions): Promise<void> {
    return durable(this, this.controls, options);
  }

  /** Writes the log anew and resolves when the new one is in force. See {@link rewrite}. */
  rewrite(options?: RewriteOptions): Promise<void> {
    return rewrite(this, options);
  }

  /** What the store is and how it fares. */
  status(): Promise<Status> {
    return status(this, this.current);
  }

  /** How much room the store and its site use and may use. */
  estimate(): Promise<Estimate> {
    return estimate(this);
  }

  /** Asks the browser to keep this site's storage. See {@link persist}. */
  persist(): Promise<Persistence> {
    return persist();
  }

  /** Writes what the store holds now to a directory or a stream, while it goes on serving. See {@link exportTo}. */
  exportTo(target: FileSystemDirectoryHandle | WritableStream<Uint8Array>, options?: ExportOptions): Promise<ExportReport> {
    return exportTo(this, this.controls, target, options);
  }

  /** Tells of the blocks and syncs of the log as they happen, for tools. See {@link log}. */
  log(callback: (event: LogEvent) => void, options?: LogOptions): Promise<void> {
    return log(this.controls, callback, options);
  }

  /** Closes the store and removes it, with all that it holds. Rejects with a `LockedError` when another tab has it open. */
  async destroy(): Promise<void> {
    await this.close();
    await destroy(this.current.name);
  }

  private async shut(): Promise<void> {
    const { pipeline, worker } = this;
    this.controls.end(new ClosedError("CLOSED", "the store was closed"));
    pipeline.refuse(new ClosedError("CLOSED", "the store was closed"));
    await pipeline.drained();
    const closed = new Promise<TabdisError | undefined>((resolve) => {
      this.onClosed = resolve;
    });
    worker.postMessage({ type: "close" } satisfies ToWorker);
    const error = await closed;
    worker.terminate();
    if (error !== undefined) throw error;
  }

  /** @internal */
  receive(message: ToPage): void {
    if (message instanceof Uint8Array) {
      this.deliver(message);
      return;
    }
    switch (message.type) {
      case "died":
        this.replaced(message.cause);
        break;
      case "opened":
        this.current = { ...this.current, load: message.load, restarts: this.current.restarts + 1 };
        this.pipeline.start();
        break;
      case "failed":
        this.fail(storeError(message.code, message.message));
        break;
      case "ended":
        this.pipeline.end(new ClosedError("CLOSED", "the engine ended the session"));
        void this.close().catch(() => undefined); // whoever calls close() hears of the error
        break;
      case "closed":
        this.onClosed?.(message.code === "" ? undefined : storeError(message.code, message.message));
    }
  }

  /** @internal */
  fail(cause: TabdisError): void {
    this.controls.end(cause);
    this.pipeline.end(cause, new OutcomeUnknownError("UNKNOWN", `the outcome of this command is unknown: ${cause.message}`));
    this.worker.terminate();
    this.onClosed?.(cause);
  }

  private deliver(replies: Uint8Array<ArrayBuffer>): void {
    try {
      this.pipeline.receive(replies);
    } catch (error) {
      this.fail(asStoreError(error));
    }
  }

  private replaced(cause: string): void {
    const unknown = new OutcomeUnknownError("UNKNOWN", `the engine died while this command was under way: ${cause}`);
    for (const command of this.pipeline.lose(unknown)) {
      void this.pipeline.call(command, Mode.Text).catch(() => undefined); // lost with the session they were for
    }
    this.worker.postMessage({ type: "resume" } satisfies ToWorker);
  }
}

/**
 * Opens the store of this name in a Worker of its own, loading its log.
 *
 * ```ts
 * const db = await open({ name: "app" });
 * await db.call("SET", "greeting", "hello");
 * ```
 *
 * Rejects with `LockedError` when the store is open in another tab, `CorruptLogError` when its log is damaged.
 */
export async function open(options: OpenOptions): Promise<Database> {
  const { signal } = options;
  signal?.throwIfAborted();
  const worker = startWorker(options.workerUrl);
  const opening = new Promise<Database>((resolve, reject) => {
    let database: Database | undefined;
    const abandon = (reason: unknown): void => {
      worker.terminate();
      reject(reason);
    };
    const abort = (): void => abandon(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    worker.onerror = (event) => {
      event.preventDefault();
      const error = new StoreError("WORKER", `the Worker failed: ${event.message ?? "its script could not be loaded"}`);
      if (database === undefined) abandon(error);
      else database.fail(error);
    };
    worker.onmessage = (event: MessageEvent<ToPage>) => {
      const message = event.data;
      if (!(message instanceof Uint8Array)) {
        if (message.type === "progress") return options.onProgress?.(message.progress);
        if (message.type === "log") return options.onLog?.(message.level, message.line);
        if (database === undefined) {
          signal?.removeEventListener("abort", abort);
          if (message.type === "opened") resolve((database = new Database(worker, options.name, withMemory(message, options))));
          else if (message.type === "failed") abandon(storeError(message.code, message.message));
          return;
        }
      }
      database?.receive(message);
    };
  });
  worker.postMessage({
    type: "open",
    name: options.name,
    backend: options.backend ?? "auto",
    known: knownBackends(options.name),
    config: parameters(options),
    wasmUrl: wasmUrl(options.wasmUrl),
    lab: options.lab === true,
  } satisfies ToWorker);
  return opening;
}

// A store that this origin has had and that is a new one now is not to pass for one that never was.
function withMemory(message: OpenedMessage, options: OpenOptions): OpenedMessage {
  const { name, backend = "auto", onLog } = options;
  if (!noteStore(name, backend, message.backend, message.load.created)) return message;
  onLog?.(WARNING, `The store ${name} was here before and is gone: the browser has removed it, or found it damaged. It begins anew, empty.`);
  return { ...message, load: { ...message.load, vanished: true } };
}

// The first form is the one that bundlers know: they carry the Worker's file along.
function startWorker(url: string | URL | undefined): Worker {
  return url === undefined
    ? new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "tabdis" })
    : new Worker(url, { type: "module", name: "tabdis" });
}

// The Worker would take a relative address for one beside its own file.
function wasmUrl(url: string | URL | undefined): string {
  return url === undefined ? new URL("./tabdis.wasm", import.meta.url).href : new URL(url, location.href).href;
}

function parameters(options: OpenOptions): string[] {
  const config: Record<string, string | number> = { maxmemory: MAX_MEMORY, ...options.config };
  if (options.maxmemory !== undefined) config["maxmemory"] = options.maxmemory;
  if (options.appendfsync !== undefined) config["appendfsync"] = options.appendfsync;
  return Object.entries(config).flatMap(([name, value]) => [name, String(value)]);
}

function asStoreError(error: unknown): StoreError {
  return new StoreError("PROTOCOL", error instanceof Error ? error.message : String(error));
}
