/**
 * Operations beside the sessions: exports, checks, a look at the log while it is written. Each travels with a MessagePort of its own, on
 * which all that concerns it comes in order, whoever leads: so whoever brings the first message to the Worker needs to know no more of it.
 *
 * Messages on the port are arrays, `[what, ...arguments]`. From the Worker `["done", result]` or `["failed", code, message]` comes last;
 * from the page `["cancel"]` and what the operation listens to.
 */

import { storeError, TabdisError } from "../errors.js";

/** Begins an operation; its port is transferred along. */
export interface ControlMessage {
  type: "control";
  op: string;
  args: Record<string, unknown>;
  port: MessagePort;
}

/** A message on an operation's port. */
export type Told = [what: string, ...args: unknown[]];

/** How an operation is run. */
export interface ControlOptions {
  /** Gives the operation up; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Takes what the operation tells, in order. `tell` answers it. What is thrown gives the operation up. */
  onTold?: (message: Told, tell: (what: string, ...args: unknown[]) => void) => void;
}

/** Whoever runs operations: an open store, or the Worker of the tools. */
export interface Control {
  /** Runs an operation and resolves with its result, of the kind that the operation gives. */
  control(op: string, args?: Record<string, unknown>, options?: ControlOptions): Promise<unknown>;
}

/** The page's side. `post` brings the message to the Worker in which the engine is. */
export class Controls implements Control {
  private readonly open = new Set<(error: unknown) => void>();
  private readonly post: (message: ControlMessage, transfer: Transferable[]) => void;
  private ended: TabdisError | undefined;

  constructor(post: (message: ControlMessage, transfer: Transferable[]) => void) {
    this.post = post;
  }

  control(op: string, args: Record<string, unknown> = {}, options: ControlOptions = {}): Promise<unknown> {
    const { signal, onTold } = options;
    if (this.ended !== undefined) return Promise.reject(this.ended);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      const abort = (): void => fail(signal?.reason);
      const settle = (): void => {
        port1.close();
        this.open.delete(lose);
        signal?.removeEventListener("abort", abort);
      };
      const lose = (error: unknown): void => {
        settle();
        reject(error);
      };
      const tell = (...message: Told): void => port1.postMessage(message);
      const fail = (error: unknown): void => {
        tell("cancel");
        lose(error);
      };
      port1.onmessage = ({ data }: MessageEvent<Told>) => {
        const [what, first, second] = data;
        if (what === "done") {
          settle();
          resolve(first);
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
      this.open.add(lose);
      signal?.addEventListener("abort", abort);
      this.post({ type: "control", op, args, port: port2 }, [port2]);
    });
  }

  /** The engine is gone, or another one has taken its place: ends all that is under way. */
  lose(cause: TabdisError): void {
    for (const lose of [...this.open]) lose(cause);
  }

  /** The same, and refuses all that comes later. */
  end(cause: TabdisError): void {
    this.ended ??= cause;
    this.lose(cause);
  }
}
