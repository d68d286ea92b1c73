import { Controls } from "../control/control.js";
import { ClosedError, LeaderUnresponsiveError, StoreError, storeError, type TabdisError } from "../errors.js";
import {
  names,
  PROTOCOL,
  TAB_DIGITS,
  type BrokerMessage,
  type ClosedMessage,
  type LeaderNotice,
  type Notice,
  type OpenMessage,
  type Port,
  type ReadyMessage,
  type ToPage,
  type ToWorker,
} from "../protocol.js";
import { Session } from "../session.js";
import type { LoadProgress } from "../types.js";
import type { Broker } from "./broker-client.js";
import { Heart } from "./heart.js";
import { Link, privateChannel, randomHex } from "./link.js";

/** Digits that are added to a tab's id for each of its sessions. */
const SESSION_DIGITS = 4;

/** How long a leader may take to answer a link before another way is tried, and how often it is sought, in ms. */
const LINK_PATIENCE = 2000;
const SEEK = 1000;

/** What a tab uses of its Worker, which in Node is a thread. @internal */
export interface EngineWorker {
  onmessage: ((event: MessageEvent<ToPage>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
  terminate(): void;
}

/** How the scripts are started. */
export interface Scripts {
  worker(): EngineWorker;
  /** Undefined where the browser has none. */
  broker: (() => Broker) | undefined;
}

/** What a tab tells its store. */
export interface TabListener {
  /** The tab is linked to a Worker that leads: for the first time, or again. */
  linked(ready: ReadyMessage, leads: boolean): void;
  /** This tab cannot open the store, or not go on. */
  failed(error: TabdisError): void;
  progress(progress: LoadProgress): void;
  log(level: number, line: string): void;
}

/** What a tab needs to know to take part. */
export interface TabOptions extends Omit<OpenMessage, "type" | "tab"> {
  scripts: Scripts;
  /** ms after which calls to a leader that does not answer are rejected; 0: they wait. */
  unresponsive: number;
  /** Removes a store of this name, where stores are not the browser's. */
  destroy?: (name: string) => Promise<void>;
}

/**
 * A tab's part in one store for all tabs. Its Worker waits for the Web Lock of the leader: the one that has it opens the engine, and all
 * tabs, its own too, talk to that Worker over links. When it ends, in whatever way, the lock goes to the next, which tells all; each tab
 * links to it, and its sessions go on there (LOG.md §8).
 *
 * Who leads is decided by the lock alone, and what the leader may write by the store's own fence (LOG.md §9): what is said here may be
 * late or lost, and then a tab waits.
 */
export class Tab {
  /** Random, for this page's life. */
  readonly id = randomHex(TAB_DIGITS);

  readonly #options: TabOptions;
  readonly #listener: TabListener;
  readonly #sessions = new Set<Session>();
  readonly #streams = new Set<(cause: string) => void>();
  readonly #controls = new Set<Controls>();
  #notices: BroadcastChannel | undefined; // while the page is awake
  readonly #broker: Broker | undefined;
  readonly #heart: Heart; // of the Worker that this tab is linked to
  readonly #own: Heart; // of this tab's own, when another misses it
  #worker: EngineWorker | undefined;
  #leads = false;
  #link: Link | undefined;
  #joining: { link: Link; timer: ReturnType<typeof setTimeout> } | undefined;
  #seeking: ReturnType<typeof setInterval> | undefined;
  #seen: string | undefined; // the leader that this tab was linked to last
  #numbers = 0;
  #unable: TabdisError | undefined; // why this tab's Worker cannot lead
  #closing = false;
  #ended = false;
  #release: () => void = () => undefined;
  #onClosed: ((message: ClosedMessage) => void) | undefined;
  readonly #lifecycle = new AbortController();

  constructor(options: TabOptions, listener: TabListener) {
    this.#options = options;
    this.#listener = listener;
    this.#heart = new Heart(
      () => this.#askLeader(),
      (ms) => this.#leaderIsSilent(ms),
    );
    this.#own = new Heart(
      () => this.#leads && this.#tellWorker({ type: "ping" }),
      () => this.#replaceWorker("this tab's Worker did not answer"),
    );
    if (options.alone) return;
    this.#broker = options.scripts.broker?.();
  }

  /** Takes part, from now on. */
  async start(): Promise<void> {
    if (!this.#options.alone) {
      await this.#hold();
      this.#followLifecycle();
    }
    if (this.#ended) this.#release();
    else this.#begin();
  }

  // The lock by which the others know that this tab lives. Nothing with a number is sent before.
  #hold(): Promise<void> {
    return new Promise((resolve, reject) => {
      navigator.locks
        .request(names.tab(this.#options.name, this.id), () => new Promise<void>((release) => resolve(void (this.#release = release))))
        .catch(reject);
    });
  }

  // A page that the browser puts to sleep must not keep the store from the others.
  #followLifecycle(): void {
    const { signal } = this.#lifecycle;
    let cached = false; // in the back/forward cache a page is frozen and resumed too, and begins anew when it is shown
    addEventListener("pagehide", (event) => (cached = event.persisted) && this.#sleep("its page was hidden"), { signal });
    addEventListener("pageshow", () => cached && ((cached = false), this.#begin()), { signal });
    document.addEventListener("freeze", () => this.#sleep("its page was frozen"), { signal });
    document.addEventListener("resume", () => cached || this.#begin(), { signal });
  }

  #begin(): void {
    if (this.#worker !== undefined || this.#ended || this.#closing) return;
    this.#unable = undefined;
    if (!this.#options.alone && this.#notices === undefined) {
      this.#notices = new BroadcastChannel(names.notices(this.#options.name));
      this.#notices.onmessage = ({ data }: MessageEvent<Notice>) => this.#noticed(data);
    }
    const worker = (this.#worker = this.#options.scripts.worker());
    worker.onmessage = ({ data }: MessageEvent<ToPage>) => this.#fromWorker(data, worker);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#failed(new StoreError("WORKER", `the Worker failed: ${event.message ?? "its script could not be loaded"}`));
    };
    const { scripts, unresponsive, destroy, ...request } = this.#options;
    this.#tellWorker({ type: "open", tab: this.id, ...request });
    this.#seek();
  }

  #sleep(cause: string): void {
    this.#dropJoining();
    this.#unlink(cause);
    this.#onClosed?.({ type: "closed", code: "", message: "" }); // nobody else answers any more
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#leads = false;
    this.#notices?.close(); // a message would throw the page out of the back/forward cache
    this.#notices = undefined;
  }

  #replaceWorker(cause: string): void {
    this.#own.rest();
    this.#sleep(cause);
    this.#begin();
  }

  #tellWorker(message: ToWorker, transfer: Transferable[] = []): true {
    this.#worker?.postMessage(message, transfer);
    return true;
  }

  /* Sessions */

  /** Opens a session. */
  session(): Session {
    let id: string;
    do id = this.id + (this.#numbers++ % 16 ** SESSION_DIGITS).toString(16).padStart(SESSION_DIGITS, "0");
    while ([...this.#sessions].some((session) => session.id === id));
    const session = new Session(id, () => this.#heart.beat(), (gone) => this.#sessions.delete(gone));
    this.#sessions.add(session);
    if (this.#ended || this.#closing) session.end(new ClosedError("CLOSED", "the store was closed"));
    else if (this.#link !== undefined) session.attach(this.#link);
    return session;
  }

  /** Opens a session on a port of its own, if there is a leader. `lost` is called when that is no more. */
  open(lost: (cause: string) => void): Port | undefined {
    const port = this.#link?.open();
    if (port !== undefined) this.#streams.add(lost);
    return port;
  }

  /** The session of {@link open} has ended. */
  forget(lost: (cause: string) => void): void {
    this.#streams.delete(lost);
  }

  #loseAll(cause: string): void {
    for (const session of this.#sessions) session.lose(cause);
    const streams = [...this.#streams];
    this.#streams.clear();
    for (const lost of streams) lost(cause);
    for (const controls of this.#controls) controls.lose(new StoreError("LEADER", cause));
  }

  /** Operations beside the sessions, of one who has the store open, in whichever Worker leads. They end with it. */
  controls(): Controls {
    const controls = new Controls((op, args) => this.#link?.control(op, args), (gone) => this.#controls.delete(gone));
    this.#controls.add(controls);
    return controls;
  }

  #endControls(cause: string): void {
    for (const controls of this.#controls) controls.end(new ClosedError("CLOSED", cause));
  }

  get #waiting(): boolean {
    for (const session of this.#sessions) if (session.pending > 0 || session.abandoned) return true;
    return false;
  }

  /* Links */

  #seek(): void {
    if (this.#options.alone) return;
    clearInterval(this.#seeking);
    const notice: Notice = { type: "seek", tab: this.id, protocol: PROTOCOL };
    this.#notices?.postMessage(notice);
    this.#seeking = setInterval(() => {
      if (this.#link === undefined && this.#joining === undefined) this.#notices?.postMessage(notice);
    }, SEEK);
  }

  #noticed(notice: Notice): void {
    if (notice.type === "leader") void this.#join(notice);
    else if (notice.type === "loading" && this.#link === undefined && !this.#leads) this.#listener.progress(notice.progress);
    else if (notice.type === "hung" && notice.leader === this.id && this.#leads) this.#own.pulse();
  }

  // Links to the leader that has told of itself: by the broker that both know, else over a BroadcastChannel.
  async #join({ tab: leader, term, protocol, backend, broker }: LeaderNotice): Promise<void> {
    if (this.#ended || this.#leads || this.#worker === undefined || term === this.#link?.term || term === this.#joining?.link.term) return;
    const refusal = this.#refuses(protocol, backend);
    if (refusal !== undefined) return this.#failed(refusal);
    this.#dropJoining();
    const common = broker !== "" && broker === (await this.#broker?.id);
    if (this.#leads || this.#ended || this.#worker === undefined || term === this.#link?.term || this.#joining !== undefined) return;
    if (!common) return this.#joinByChannel(leader, term);
    const { port1, port2 } = new MessageChannel();
    this.#await(new Link(port1, leader, term, undefined), () => this.#joinByChannel(leader, term));
    this.#broker?.connect(leader, this.id, port2, () => {
      if (this.#joining?.link.term === term) this.#joinByChannel(leader, term);
    });
  }

  #refuses(protocol: number, backend: string): TabdisError | undefined {
    if (protocol !== PROTOCOL) {
      const [other, own] = [protocol, PROTOCOL].map((n) => `protocol ${n}`);
      return new StoreError("VERSION", `the store is open in a tab with another build of tabdis (${other}, here ${own}): reload the older one`);
    }
    const asked = this.#options.backend;
    if (asked === "auto" || asked === backend) return undefined;
    return new StoreError("BACKEND", `the store ${this.#options.name} is open on ${backend} in another tab, and this one asks for ${asked}`);
  }

  #joinByChannel(leader: string, term: string): void {
    const channel = privateChannel(this.#options.name);
    this.#await(new Link(new BroadcastChannel(channel), leader, term, this.#options.name), () => this.#dropJoining());
    this.#notices?.postMessage({ type: "link", leader, tab: this.id, channel } satisfies Notice);
  }

  // The first word over a link makes it the tab's; one over which none comes is given up.
  #await(link: Link, otherwise: () => void): void {
    this.#dropJoining();
    this.#joining = { link, timer: setTimeout(otherwise, LINK_PATIENCE) };
    link.port.onmessage = ({ data }: MessageEvent<ToPage>) => this.#fromLink(data, link);
  }

  #dropJoining(): void {
    clearTimeout(this.#joining?.timer);
    this.#joining?.link.close();
    this.#joining = undefined;
  }

  #fromLink(message: ToPage, link: Link): void {
    if (link !== this.#link && link !== this.#joining?.link) return;
    this.#heart.heard();
    if (message.type === "ready") {
      if (link === this.#joining?.link) {
        clearTimeout(this.#joining.timer);
        this.#joining = undefined;
      }
      this.#linked(link, message);
    } else if (message.type === "pong") this.#answered();
    else if (message.type === "log") this.#listener.log(message.level, message.line);
  }

  #fromWorker(message: ToPage, worker: EngineWorker): void {
    if (worker !== this.#worker) return;
    this.#own.heard();
    switch (message.type) {
      case "leading":
        this.#leading();
        break;
      case "ready":
        this.#linked(this.#link?.local ? this.#link : new Link(worker, this.id, undefined, undefined), message);
        break;
      case "pong":
        this.#heart.heard();
        this.#own.rest();
        break;
      case "fenced":
        this.#replaceWorker(message.cause);
        break;
      case "failed":
        this.#failed(storeError(message.code, message.message));
        break;
      case "progress":
        this.#listener.progress(message.progress);
        break;
      case "log":
        this.#listener.log(message.level, message.line);
        break;
      case "closed":
        this.#onClosed?.(message);
    }
  }

  #leading(): void {
    this.#leads = true;
    this.#dropJoining();
    this.#unlink("the tab that ran the engine is gone");
    if (this.#broker !== undefined) void this.#serve(this.#broker);
  }

  async #serve(broker: Broker): Promise<void> {
    const id = await broker.id;
    if (id === "" || !this.#leads) return;
    const { port1, port2 } = new MessageChannel();
    broker.serve(this.id, names.tab(this.#options.name, this.id), port1);
    this.#tellWorker({ type: "broker", id } satisfies BrokerMessage, [port2]);
  }

  #linked(link: Link, ready: ReadyMessage): void {
    // Whoever opened the store anew found none: what this tab has seen of it was taken away meanwhile.
    if (this.#seen !== undefined && this.#seen !== link.leader && ready.load.created) {
      link.close();
      this.#listener.failed(storeError("VANISHED", "the browser has removed the storage of this store: what it held is lost"));
      return;
    }
    this.#seen = link.leader;
    this.#unlink("another tab runs the engine now", link);
    this.#link = link;
    for (const session of [...this.#sessions]) {
      session.lose("the engine was replaced");
      session.attach(link);
    }
    this.#listener.linked(ready, link.local);
  }

  #unlink(cause: string, next?: Link): void {
    if (this.#link === undefined || this.#link === next) return;
    this.#link.close();
    this.#link = undefined;
    this.#loseAll(cause);
    if (next === undefined) this.#seek();
    if (next === undefined && this.#unable !== undefined && this.#worker !== undefined) this.#replaceWorker(cause);
  }

  /* Silence */

  #askLeader(): boolean {
    if (!this.#waiting) return false;
    this.#link?.port.postMessage({ type: "ping" } satisfies ToWorker);
    return true;
  }

  #leaderIsSilent(ms: number): void {
    if (this.#options.alone) return; // nobody could take over from a Worker that is only busy, and what is in memory would be gone
    const link = this.#link;
    if (link?.local) return this.#replaceWorker("this tab's Worker did not answer");
    // Another may lead by now, and its word have been lost.
    this.#notices?.postMessage({ type: "seek", tab: this.id, protocol: PROTOCOL } satisfies Notice);
    if (link !== undefined) this.#notices?.postMessage({ type: "hung", leader: link.leader } satisfies Notice);
    const { unresponsive } = this.#options;
    if (unresponsive === 0 || ms < unresponsive) return;
    const error = new LeaderUnresponsiveError("UNRESPONSIVE", `the tab that runs the engine has not answered for ${ms} ms`);
    for (const session of this.#sessions) session.abandon(error);
  }

  // A leader that was given up and is back: what was sent to it before is settled already.
  #answered(): void {
    const link = this.#link;
    if (link === undefined) return;
    for (const session of this.#sessions) if (session.abandoned) session.attach(link);
  }

  /* The end */

  #failed(error: TabdisError): void {
    if (this.#link !== undefined && !this.#link.local) {
      this.#unable = error; // told when there is no other to lead
      this.#listener.log(WARNING, `this tab cannot take over the store: ${error.message}`);
      return;
    }
    this.#listener.failed(error);
  }

  /** Waits for the calls under way, ends the sessions and leaves the store to the others; the last one closes it. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#endControls("the store was closed");
    await Promise.all([...this.#sessions].map((session) => session.close()));
    let error: TabdisError | undefined;
    if (this.#leads && this.#worker !== undefined) {
      const closed = new Promise<ClosedMessage>((resolve) => (this.#onClosed = resolve));
      this.#tellWorker({ type: "close" });
      const { code, message } = await closed;
      if (code !== "") error = storeError(code, message);
    }
    this.#stop();
    if (error !== undefined) throw error;
  }

  /** Ends all at once, and every session with `cause`. */
  end(cause: TabdisError, pending: TabdisError = cause): void {
    this.#stop();
    for (const session of [...this.#sessions]) session.end(cause, pending);
  }

  #stop(): void {
    this.#ended = true;
    this.#endControls("the store is not open here any more");
    this.#lifecycle.abort();
    clearInterval(this.#seeking);
    this.#heart.rest();
    this.#own.rest();
    this.#dropJoining();
    this.#loseAll("the store is not open here any more");
    this.#link?.close();
    this.#link = undefined;
    this.#onClosed?.({ type: "closed", code: "", message: "" });
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#notices?.close();
    this.#broker?.forget(this.id);
    this.#release();
  }
}

/** The level of log lines that an operator should see. */
const WARNING = 3;
