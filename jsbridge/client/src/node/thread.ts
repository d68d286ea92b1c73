import { join } from "node:path";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { giveUpLockOf } from "../host/nodelock.mjs";
import type { EngineWorker } from "../tabs/tab.js";

/**
 * A thread of Node with what the client uses of a browser's Worker. It keeps the process running until it ends, so that a store is not
 * left behind by accident.
 *
 * @internal
 */
export class Thread implements EngineWorker {
  onmessage: EngineWorker["onmessage"] = null;
  onerror: EngineWorker["onerror"] = null;

  /** Settles when nothing of the thread runs any more and the lock that it may have left is gone. */
  readonly ended: Promise<void>;

  private readonly worker: Worker;
  private readonly port: globalThis.MessagePort;
  private terminated = false;

  /** Runs `script`; `dir` is where it keeps a store, if it does. */
  constructor(script: URL, dir: string | undefined) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1 as unknown as globalThis.MessagePort;
    this.port.onmessage = (event) => this.receive(event);
    this.worker = new Worker(script, { name: "tabdis", workerData: { port: port2 }, transferList: [port2] });
    const { threadId } = this.worker;
    this.worker.on("message", (message: string) => this.failed(message));
    this.worker.on("error", (error) => this.failed(error.message));
    this.ended = new Promise((resolve) => {
      this.worker.once("exit", (code) => {
        for (let last; (last = receiveMessageOnPort(port1)) !== undefined; ) this.receive({ data: last.message } as MessageEvent);
        port1.close();
        if (dir !== undefined) giveUpLockOf(join(dir, "appendonlydir", ".lock"), threadId);
        this.failed(`the thread has ended with code ${code}`);
        resolve();
      });
    });
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.port.postMessage(message, transfer);
  }

  terminate(): void {
    this.terminated = true;
    void this.worker.terminate();
  }

  private receive(event: MessageEvent): void {
    if (!this.terminated) this.onmessage?.(event);
  }

  // Once: what comes after the first cause is its consequence.
  private failed(message: string): void {
    if (this.terminated) return;
    this.terminated = true;
    this.onerror?.({ message, preventDefault() {} } as ErrorEvent);
  }
}
