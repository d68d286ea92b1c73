/**
 * Operations beside the sessions: exports, checks, a look at the log while it is written. Each travels with a MessagePort of its own, on
 * which all that concerns it comes in order, whoever leads: so whoever brings the first message to the Worker needs to know no more of it.
 *
 * Messages on the port are arrays, `[what, ...arguments]`. From the Worker `["done", result]` or `["failed", code, message]` comes last;
 * from the page `["cancel"]` and what the operation listens to.
 */

import { StoreError, storeError, TabdisError } from "../errors.js";
import type { Port } from "../protocol.js";

/** A message on an operation's port. */
export type Told = [what: string, ...args: unknown[]];

/** How an operation is run. */
export interface ControlOptions {
  /** Gives the operation up; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Takes what the operation tells, in order. `tell` answers it. What is thrown gives the operation up. */
  onTold?: (message: Told, tell: (what: string, ...args: unknown[]) => void) => void;
  /** What is left to do with what was told, when all was: its result is the operation's, which until then ends with the engine and its signal. */
  finish?: () => Promise<unknown>;
}

/** Whoever runs operations: an open store, or the Worker of the tools. */
export interface Control {
  /** Runs an operation and resolves with its result, of the kind that the operation gives. */
  control(op: string, args?: Record<string, unknown>, options?: ControlOptions): Promise<unknown>;
}

/** The page's side. `begin` starts an operation in the Worker in which the engine is, and gives the port to it; undefined while there is none. */
export class Controls implements Control {
  readonly #open = new Set<(error: unknown) => void>();
  readonly #begin: (op: string, args: Record<string, unknown>) => Port | undefined;
  readonly #gone: ((controls: Controls) => void) | undefined;
  #ended: TabdisError | undefined;

  /** `gone` is called when they have ended for good. */
  constructor(begin: (op: string, args: Record<string, unknown>) => Port | undefined, gone?: (controls: Controls) => void) {
    this.#begin = begin;
    this.#gone = gone;
  }

  control(op: string, args: Record<string, unknown> = {}, options: ControlOptions = {}): Promise<unknown> {
    const { signal, onTold, finish } = options;
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const port = this.#begin(op, args);
    if (port === undefined) return Promise.reject(new StoreError("NOLEADER", "no tab runs the engine just now"));
    return new Promise((resolve, reject) => {
      const abort = (): void => fail(signal?.reason);
      let settled = false;
      const settle = (): void => {
        settled = true;
        port.close?.();
        this.#open.delete(lose);
        signal?.removeEventListener("abort", abort);
      };
      const lose = (error: unknown): void => {
        settle();
        reject(error);
      };
      // A BroadcastChannel that is closed throws.
      const tell = (...message: Told): void => {
        if (!settled) port.postMessage(message);
      };
      const fail = (error: unknown): void => {
        tell("cancel");
        lose(error);
      };
      port.onmessage = ({ data }: MessageEvent<Told>) => {
        const [what, first, second] = data;
        if (what === "done") {
          (finish?.() ?? Promise.resolve(first)).then((result) => {
            settle();
            resolve(result);
          }, fail);
        } else if (what === "failed") {
          lose(storeError(String(first), String(second)));
        } else {
          try {
            onTold?.(data, tell);
          } catch (error) {
            fail(error);
          }
        }
      };
      this.#open.add(lose);
      signal?.addEventListener("abort", abort);
    });
  }

  /** The engine is gone, or another one has taken its place: ends all that is under way. */
  lose(cause: TabdisError): void {
    for (const lose of [...this.#open]) lose(cause);
  }

  /** The same, and refuses all that comes later. */
  end(cause: TabdisError): void {
    this.#ended ??= cause;
    this.lose(cause);
    this.#gone?.(this);
  }
}
