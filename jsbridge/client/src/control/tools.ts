import { StoreError, storeError, TabdisError } from "../errors.js";
import type { Backend, LoadProgress } from "../types.js";
import { type Control, Controls, type ControlOptions } from "./control.js";
import { storesOf } from "./storage.js";
import type { FromTools, ToolsOpenMessage, ToTools } from "./tools-protocol.js";

/** What all tools take. */
export interface ToolOptions {
  /** Ends it at once; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Where the store is, if there may be several of its name. */
  backend?: "opfs" | "idb";
  /** Where `tabdis-tools.wasm` and `tools-worker.js` are, if not beside the module. They are loaded when the first tool is used. */
  wasmUrl?: string | URL;
  workerUrl?: string | URL;
}

/** An engine with all tools, in a Worker of its own. */
export class Tools implements Control {
  readonly #controls: Controls;
  readonly #worker: Worker;
  /** Takes replies to what was sent. */
  onReplies: ((replies: Uint8Array<ArrayBuffer>) => void) | undefined;
  /** The Worker has ended by itself. */
  onDied: ((cause: TabdisError) => void) | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#controls = new Controls((op, args) => {
      const { port1, port2 } = new MessageChannel();
      this.post({ type: "control", op, args }, [port2]);
      return port1;
    });
  }

  /** Starts it: `past` over a past state of a store, else over an empty one in memory. */
  static async start(
    options: ToolOptions,
    past?: ToolsOpenMessage["past"],
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<Tools> {
    const { signal, workerUrl } = options;
    signal?.throwIfAborted();
    // The first form is the one that bundlers know: they carry the Worker's file along.
    const worker =
      workerUrl === undefined
        ? new Worker(new URL("./tools-worker.js", import.meta.url), { type: "module", name: "tabdis-tools" })
        : new Worker(workerUrl, { type: "module", name: "tabdis-tools" });
    const tools = new Tools(worker);
    return new Promise((resolve, reject) => {
      const abandon = (reason: unknown): void => {
        tools.end(reason instanceof TabdisError ? reason : new StoreError("ABORTED", "it was given up"));
        signal?.removeEventListener("abort", abort);
        reject(reason);
      };
      const abort = (): void => abandon(signal?.reason);
      signal?.addEventListener("abort", abort);
      worker.onerror = (event) => {
        event.preventDefault();
        const error = new StoreError("WORKER", `the Worker failed: ${event.message ?? "its script could not be loaded"}`);
        abandon(error);
        tools.onDied?.(error);
      };
      worker.onmessage = ({ data }: MessageEvent<FromTools>) => {
        if (data instanceof Uint8Array) tools.onReplies?.(data);
        else if (data.type === "progress") onProgress?.(data.progress);
        else if (data.type === "failed") abandon(storeError(data.code, data.message));
        else if (data.type === "opened") {
          signal?.removeEventListener("abort", abort);
          resolve(tools);
        } else {
          const error = new StoreError("DIED", data.cause);
          tools.end(error);
          tools.onDied?.(error);
        }
      };
      const message: ToolsOpenMessage = { type: "open", wasmUrl: wasmUrl(options.wasmUrl) };
      if (past !== undefined) message.past = past;
      tools.post(message);
    });
  }

  /** Sends a message or commands. */
  post(message: ToTools, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  control(op: string, args?: Record<string, unknown>, options?: ControlOptions): Promise<unknown> {
    return this.#controls.control(op, args, options);
  }

  /** Ends the Worker, whatever it does: its files are closed and its locks free. */
  end(cause: TabdisError = new StoreError("CLOSED", "the tools were closed")): void {
    this.#controls.end(cause);
    this.#worker.terminate();
  }
}

/** Runs one operation in a Worker of its own, which ends with it. A signal ends the Worker at once, in the middle of whatever it does. */
export async function runTool(
  op: string,
  args: Record<string, unknown>,
  options: ToolOptions,
  onTold?: ControlOptions["onTold"],
): Promise<unknown> {
  const tools = await Tools.start(options);
  try {
    return await tools.control(op, args, onTold === undefined ? { signal: options.signal } : { signal: options.signal, onTold });
  } finally {
    tools.end();
  }
}

/** The backend on which the store of this name is: what is asked for, or that which `open` would take. Rejects with `MISSING` when there is none. */
export async function findStore(name: string, asked?: Backend): Promise<Backend> {
  const there = await storesOf(name);
  const backend = asked === undefined ? there[0] : there.find((backend) => backend === asked);
  if (backend === undefined) throw new StoreError("MISSING", `there is no store ${name}`);
  return backend;
}

// The Worker would take a relative address for one beside its own file.
function wasmUrl(url: string | URL | undefined): string {
  return url === undefined ? new URL("./tabdis-tools.wasm", import.meta.url).href : new URL(url, location.href).href;
}
