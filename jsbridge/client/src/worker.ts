/** The Worker that holds the engine: it takes batches from its page, runs turns, and replaces an engine that has died. */

import { endControls, handleControl } from "./control/worker-side.js";
import { chooseBackend, type Choice } from "./host/backend.js";
import { compile } from "./host/compile.js";
import { Instance, InstanceError, InstanceExit, PIECE, type Listener } from "./host/instance.js";
import { runSyncer } from "./host/syncer.mjs";
import type { OpenMessage, ToPage, ToWorker } from "./protocol.js";

/** The name of the Worker that only syncs: the same script in another role. */
const SYNCER = "tabdis-syncer";

/** An engine that has died this often within so many ms is not replaced again: something in the log, or always done to it, kills it. */
const DEATHS = 3;
const DEATHS_WITHIN = 60_000;

/** What this file uses of DedicatedWorkerGlobalScope, whose types do not go together with the page's. */
interface Scope {
  readonly name: string;
  readonly location: { readonly href: string };
  onerror: ((message: unknown, source?: string, line?: number, column?: number, error?: Error) => boolean) | null;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: ToPage, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
const post = (message: ToPage, transfer: Transferable[] = []): void => scope.postMessage(message, transfer);

class StoreWorker implements Listener {
  private readonly request: OpenMessage;
  private module!: WebAssembly.Module;
  private choice!: Choice;
  private instance: Instance | undefined;
  private session = 0;
  private readonly deaths: number[] = [];
  private resumed = true;
  private spare: ArrayBuffer | undefined; // of the batch under way, for its replies

  constructor(request: OpenMessage) {
    this.request = request;
  }

  async open(): Promise<void> {
    try {
      const { wasmUrl, backend, name, known } = this.request;
      [this.module, this.choice] = await Promise.all([compile(wasmUrl), chooseBackend(backend, name, known)]);
      await this.start();
    } catch (error) {
      this.failed(error);
    }
  }

  private async start(): Promise<void> {
    const { name, config, lab = false } = this.request;
    const { backend, why } = this.choice;
    const instance = await Instance.open(this.module, { name, backend, config, lab, syncer: startSyncer }, this);
    if (this.deaths.length > 0 && instance.report.created && backend !== "memory") {
      await instance.close(); // the page must not go on with an empty store as if it were the one that died
      throw new InstanceError("VANISHED", "the engine died, and the browser has removed the storage of this store: what it held is lost");
    }
    this.instance = instance;
    this.session = instance.openSession();
    post({ type: "opened", backend, why, load: instance.report });
  }

  feed(batch: Uint8Array<ArrayBuffer>): void {
    if (!this.resumed) return; // sent to the engine that died; the page has settled it
    // A batch fed in several turns is still read when the replies of the first leave.
    if (batch.length <= PIECE) this.spare = batch.buffer;
    this.instance?.feed(this.session, batch);
    this.spare = undefined;
  }

  output(_session: number, replies: Uint8Array<ArrayBuffer>): void {
    const spare = this.spare;
    if (spare !== undefined && replies.length <= spare.byteLength) {
      this.spare = undefined;
      const message = new Uint8Array(spare, 0, replies.length);
      message.set(replies);
      post(message, [spare]);
      return;
    }
    const message = replies.slice();
    post(message, [message.buffer]);
  }

  ended(): void {
    post({ type: "ended" });
  }

  died(cause: string): void {
    this.instance = undefined;
    this.resumed = false;
    this.deaths.push(Date.now());
    endControls("DIED", cause);
    post({ type: "died", cause });
  }

  /** The page has settled what the dead engine left. */
  async resume(): Promise<void> {
    this.resumed = true;
    try {
      if (this.deaths.length >= DEATHS && Date.now() - (this.deaths.at(-DEATHS) ?? 0) < DEATHS_WITHIN) {
        throw new InstanceError("DIED", `the engine died ${DEATHS} times within a minute and is not started again; the log is as it was`);
      }
      await this.start();
    } catch (error) {
      this.failed(error);
    }
  }

  async close(): Promise<void> {
    let code = "";
    let message = "";
    try {
      await this.instance?.close();
    } catch (error) {
      [code, message] = explain(error);
    }
    endControls("CLOSED", "the store was closed");
    post({ type: "closed", code, message });
  }

  progress(progress: Parameters<Listener["progress"]>[0]): void {
    post({ type: "progress", progress });
  }

  log(level: number, line: string): void {
    post({ type: "log", level, line });
  }

  private failed(error: unknown): void {
    const [code, message] = explain(error);
    post({ type: "failed", code, message });
  }
}

function startSyncer(): Worker {
  return new Worker(scope.location.href, { type: "module", name: SYNCER });
}

function explain(error: unknown): [code: string, message: string] {
  if (error instanceof InstanceError) return [error.code, error.message];
  return ["IO", error instanceof Error ? error.message : String(error)];
}

function serve(): void {
  let store: StoreWorker | undefined;
  // Known already: the instance has reported its death.
  scope.onerror = (_message, _source, _line, _column, error) => error instanceof InstanceExit;
  scope.onmessage = ({ data }) => {
    if (data instanceof Uint8Array) {
      store?.feed(data);
      return;
    }
    switch (data.type) {
      case "open":
        store = new StoreWorker(data);
        void store.open();
        break;
      case "resume":
        void store?.resume();
        break;
      case "control":
        handleControl(data);
        break;
      case "close":
        void store?.close();
    }
  };
}

if (scope.name === SYNCER) runSyncer();
else serve();
