/** The Worker's side of a store: it waits until it is its tab's turn to lead, opens the engine, serves all tabs, and replaces an engine that has died. */

import { endControls, handleControl } from "../control/worker-side.js";
import { chooseBackend, lackOfOPFS, type Choice } from "../host/backend.js";
import { compileModule, fetchModule, keepModule } from "../host/compile.js";
import { Instance, InstanceError, type Listener } from "../host/instance.js";
import {
  names,
  PROTOCOL,
  REHEARSAL,
  SYNCER,
  TAB_DIGITS,
  type LeaderNotice,
  type Notice,
  type OpenMessage,
  type Port,
  type ReadyMessage,
  type ToPage,
  type ToWorker,
} from "../protocol.js";
import type { HandedLink } from "../tabs/broker.js";
import { Client, refuse, type LinkOwner } from "./clients.js";
import { Election } from "./election.js";
import { rehearseLater } from "./rehearsal.js";
import { EngineSessions } from "./sessions.js";

/** An engine that has died this often within so many ms is not replaced again: something in the log, or always done to it, kills it. */
const DEATHS = 3;
const DEATHS_WITHIN = 60_000;

/** The level of log lines that an operator should see. */
const WARNING = 3;

const TAKEN = "another Worker has taken the store over";

/** What this uses of the Worker's global scope, whose types do not go together with the page's. */
export interface Scope extends Port {
  readonly location: { readonly href: string };
}

export class Leader implements Listener, LinkOwner {
  sessions: EngineSessions | undefined;

  readonly #scope: Scope;
  readonly #request: OpenMessage;
  readonly #election: Election;
  #file!: Promise<Response>;
  #compiling: Promise<WebAssembly.Module> | undefined;
  #prepared: Promise<Instance> | undefined;
  #stopRehearsing: (() => void) | undefined;
  #opfsFound = false;
  #choice!: Choice;
  #instance: Instance | undefined;
  #ready: ReadyMessage | undefined;
  readonly #deaths: number[] = [];
  readonly #clients: Client[] = [];
  #notices: BroadcastChannel | undefined;
  #broker = "";
  readonly #term = crypto.randomUUID();
  #closing = false;

  constructor(scope: Scope, request: OpenMessage) {
    this.#scope = scope;
    this.#request = request;
    this.#election = new Election(request.name);
  }

  /** Waits for its turn, and leads until the store is closed or cannot be opened. */
  async run(): Promise<void> {
    const { wasmUrl, alone } = this.#request;
    this.#have(fetchModule(wasmUrl));
    try {
      if (!alone) await this.#election.won(() => this.#standBy(), () => this.#have(this.#file.then(keepModule)));
      this.#stopRehearsing?.();
      this.#post({ type: "leading" });
      await this.#lead();
      this.#election.settled();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #lead(): Promise<void> {
    const { backend, name, known, alone } = this.#request;
    this.#prepare();
    this.#choice = await chooseBackend(backend, name, known, this.#opfsFound);
    if (!alone) {
      this.#notices = new BroadcastChannel(names.notices(name));
      this.#notices.onmessage = ({ data }: MessageEvent<Notice>) => this.#noticed(data);
    }
    await this.#start();
  }

  // Why there is none is told when this one leads.
  #have(file: Promise<Response>): void {
    this.#file = file;
    file.catch(() => undefined);
  }

  #module(): Promise<WebAssembly.Module> {
    return (this.#compiling ??= this.#file.then(compileModule));
  }

  // Starts an engine that has no store yet. That one who stands by fails in it tells nobody: if it is to lead, it tries again.
  #prepare(): Promise<Instance> {
    if (this.#prepared === undefined) {
      this.#prepared = this.#module().then((module) => Instance.prepare(module, this, () => this.#startSyncer()));
      this.#prepared.catch(() => (this.#prepared = undefined));
    }
    return this.#prepared;
  }

  // Does what can be done beforehand and leaves no trace in the store, whose leader another is.
  #standBy(): void {
    void this.#prepare();
    this.#stopRehearsing = rehearseLater(this.#module(), () => this.#startWorker(REHEARSAL));
    void lackOfOPFS().then((lack) => (this.#opfsFound = lack === undefined));
  }

  async #start(): Promise<void> {
    const { name, config, lab } = this.#request;
    const { backend, why } = this.#choice;
    const instance = await this.#prepare();
    this.#prepared = undefined;
    if (this.#closing) return instance.close();
    await instance.open({ name, backend, config, lab });
    if (this.#closing) return instance.close();
    if (this.#deaths.length > 0 && instance.report.created && backend !== "memory") {
      await instance.close(); // nobody must go on with an empty store as if it were the one that died
      throw new InstanceError("VANISHED", "the engine died, and the browser has removed the storage of this store: what it held is lost");
    }
    this.#instance = instance;
    this.#forgetTheDead(instance).catch((error: unknown) => this.log(WARNING, `tabs that are gone are not forgotten: ${explain(error)[1]}`));
    this.sessions = new EngineSessions(instance);
    this.#ready = { type: "ready", backend, why, load: instance.report, restarts: this.#deaths.length };
    this.#tell(this.#ready);
    this.#announce();
  }

  // Tabs whose lock nobody holds are gone: none of their requests can come any more. Those that are only on their way hold theirs. No session
  // has to wait for that: it is only asked for clients of the log, which had their locks before this engine was open.
  async #forgetTheDead(instance: Instance): Promise<void> {
    const clients = instance.numberedClients();
    if (clients.length === 0) return;
    const { name, tab, alone } = this.#request;
    const held = alone ? [{ name: names.tab(name, tab) }] : (await navigator.locks.query()).held;
    const living = new Set(held?.map((lock) => lock.name));
    if (this.#instance !== instance) return; // it has died or was closed meanwhile
    for (const id of clients) if (!living.has(names.tab(name, id.slice(0, TAB_DIGITS)))) instance.forget(id);
  }

  /** A message of this tab's page, which is a client as the others are. */
  take(message: ToWorker, ports: readonly MessagePort[]): void {
    switch (message.type) {
      case "broker":
        this.#broker = ports[0] === undefined ? "" : message.id;
        if (ports[0] !== undefined) ports[0].onmessage = ({ data, ports: [port] }: MessageEvent<HandedLink>) => this.#linked(data.tab, port);
        if (this.#ready !== undefined) this.#announce();
        break;
      case "close":
        void this.close();
        break;
      case "ping":
        this.#post({ type: "pong" });
        break;
      case "control":
        handleControl(message, ports[0]);
        break;
      case "session": {
        const [port] = ports;
        if (port !== undefined && (this.sessions?.open(port, message.id, message.next ?? 0, () => undefined) ?? 0) === 0) refuse(port);
      }
    }
  }

  #noticed(notice: Notice): void {
    if (notice.type === "seek" && this.#ready !== undefined) this.#announce();
    else if (notice.type === "link" && notice.leader === this.#request.tab) this.#linked(notice.tab, new BroadcastChannel(notice.channel));
  }

  #linked(tab: string, port: Port | undefined): void {
    if (port === undefined) return;
    this.#clients.find((client) => client.isOf(tab))?.end();
    const client = new Client(this, port, this.#request.name, tab, (gone) => this.#clients.splice(this.#clients.indexOf(gone), 1));
    this.#clients.push(client);
    if (this.#ready !== undefined) client.post(this.#ready);
  }

  #announce(): void {
    const { tab } = this.#request;
    const { backend } = this.#choice;
    this.#notices?.postMessage({ type: "leader", tab, term: this.#term, protocol: PROTOCOL, backend, broker: this.#broker } satisfies LeaderNotice);
  }

  forget(tab: string): void {
    for (const id of this.#instance?.numberedClients() ?? []) if (id.startsWith(tab)) this.#instance?.forget(id);
  }

  output(session: number, replies: Uint8Array<ArrayBuffer>): void {
    this.sessions?.output(session, replies);
  }

  ended(session: number): void {
    this.sessions?.ended(session);
  }

  #lose(code: string, cause: string): void {
    this.sessions?.lose(cause);
    for (const client of this.#clients) client.lose();
    this.sessions = this.#instance = this.#ready = undefined;
    endControls(code, cause);
  }

  /** Its page ends this Worker, and goes on with the one that leads now. */
  fenced(): void {
    this.#lose("LEADER", TAKEN);
    this.#post({ type: "fenced", cause: TAKEN });
  }

  died(cause: string): void {
    this.#lose("DIED", cause);
    this.#deaths.push(Date.now());
    this.#tell({ type: "died", cause });
    void this.#replace();
  }

  async #replace(): Promise<void> {
    try {
      if (this.#deaths.length >= DEATHS && Date.now() - (this.#deaths.at(-DEATHS) ?? 0) < DEATHS_WITHIN) {
        throw new InstanceError("DIED", `the engine died ${DEATHS} times within a minute and is not started again; the log is as it was`);
      }
      await this.#start();
    } catch (error) {
      this.#failed(error);
    }
  }

  async close(): Promise<void> {
    let code = "";
    let message = "";
    this.#closing = true;
    this.#ready = undefined;
    try {
      await this.#instance?.close();
    } catch (error) {
      [code, message] = explain(error);
    }
    endControls("CLOSED", "the store was closed");
    this.#notices?.close();
    this.#election.resign();
    this.#post({ type: "closed", code, message });
  }

  progress(progress: Parameters<Listener["progress"]>[0]): void {
    this.#tell({ type: "progress", progress });
    this.#notices?.postMessage({ type: "loading", progress } satisfies Notice);
  }

  log(level: number, line: string): void {
    this.#tell({ type: "log", level, line });
  }

  // Another tab may have better luck, and has its own page to tell.
  #failed(error: unknown): void {
    const [code, message] = explain(error);
    this.#prepared?.then((instance) => instance.close()).catch(() => undefined); // why there is none was told
    this.#tell({ type: "failed", code, message });
    this.#notices?.close();
    this.#election.resign();
  }

  #tell(message: ToPage): void {
    this.#post(message);
    for (const client of this.#clients) client.post(message);
  }

  #post(message: ToPage): void {
    this.#scope.postMessage(message);
  }

  #startSyncer(): Worker {
    return this.#startWorker(SYNCER);
  }

  #startWorker(name: string): Worker {
    return new Worker(this.#scope.location.href, { type: "module", name });
  }
}

function explain(error: unknown): [code: string, message: string] {
  if (error instanceof InstanceError) return [error.code, error.message];
  return ["IO", error instanceof Error ? error.message : String(error)];
}
