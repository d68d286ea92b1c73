import { join } from "node:path";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { giveUpLockOf } from "../host/nodelock.mjs";
import type { EngineWorker } from "../tabs/tab.js";

/**
 * A thread of Node with what a tab uses of a browser's Worker. It keeps the process running until it ends, so that a store is not left
 * behind by accident.
 *
 * @internal
 */
export class Thread implements EngineWorker {
  onmessage: EngineWorker["onmessage"] = null;
  onerror: EngineWorker["onerror"] = null;

  /** Settles when nothing of the thread runs any more and the lock that it may have left is gone. */
  readonly ended: Promise<void>;

  readonly #port: MessagePort;
  #worker: Worker | undefined;
  #terminated = false;

  /** Runs `script` when its predecessor has ended; `dir` is where it keeps a store, if it does. */
  constructor(script: URL, dir: string | undefined, predecessor: Promise<void> = Promise.resolve()) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1 as unknown as MessagePort;
    this.#port.onmessage = (event) => this.#receive(event);
    this.ended = predecessor.then(() => {
      if (this.#terminated) return port1.close();
      this.#worker = new Worker(script, { name: "tabdis", workerData: { port: port2 }, transferList: [port2] });
      return this.#run(this.#worker, dir);
    });
  }

  #run(worker: Worker, dir: string | undefined): Promise<void> {
    const { threadId } = worker;
    worker.on("message", (message: string) => this.#failed(message));
    worker.on("error", (error) => this.#failed(error.message));
    return new Promise((resolve) => {
      worker.once("exit", (code) => {
        const port = this.#port as unknown as Parameters<typeof receiveMessageOnPort>[0];
        for (let last; (last = receiveMessageOnPort(port)) !== undefined; ) this.#receive({ data: last.message } as MessageEvent);
        this.#port.close();
        if (dir !== undefined) giveUpLockOf(join(dir, "appendonlydir", ".lock"), threadId);
        this.#failed(`the thread has ended with code ${code}`);
        resolve();
      });
    });
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  terminate(): void {
    this.#terminated = true;
    void this.#worker?.terminate();
  }

  #receive(event: MessageEvent): void {
    if (!this.#terminated) this.onmessage?.(event);
  }

  // Once: what comes after the first cause is its consequence.
  #failed(message: string): void {
    if (this.#terminated) return;
    this.#terminated = true;
    this.onerror?.({ message, preventDefault() {} } as ErrorEvent);
  }
}
