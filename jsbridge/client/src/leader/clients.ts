import { handleControl } from "../control/worker-side.js";
import { names, type FromSession, type Port, type SessionMessage, type ToPage, type ToWorker } from "../protocol.js";
import type { EngineSessions } from "./sessions.js";

/** There is no engine just now: whoever waits at the other end asks again when there is one. */
export function refuse(port: Port): void {
  port.postMessage({ type: "lost", cause: "the engine is being replaced" } satisfies FromSession);
  port.close?.();
}

/** What a link asks of the Worker that it leads to. */
export interface LinkOwner {
  /** The sessions of the engine, while there is one. */
  readonly sessions: EngineSessions | undefined;
  /** Requests of this tab's sessions cannot come any more. */
  forget(tab: string): void;
}

/**
 * A tab's link, on the leader's side. A port says nothing when its tab dies; the Web Lock that each tab holds does: when it can be had, the
 * tab is gone, and its sessions end.
 */
export class Client {
  readonly #sessions = new Set<number>();
  readonly #operations = new Set<() => void>();
  readonly #waiting = new AbortController();
  readonly #owner: LinkOwner;
  readonly #port: Port;
  readonly #store: string;
  readonly #tab: string;
  readonly #gone: (client: Client) => void;

  constructor(owner: LinkOwner, port: Port, store: string, tab: string, gone: (client: Client) => void) {
    this.#owner = owner;
    this.#port = port;
    this.#store = store;
    this.#tab = tab;
    this.#gone = gone;
    port.onmessage = ({ data, ports }: MessageEvent<ToWorker>) => this.#take(data, ports);
    void this.#watch();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#waiting;
    try {
      await navigator.locks.request(names.tab(this.#store, this.#tab), { signal }, () => {
        this.end();
        this.#owner.forget(this.#tab);
      });
    } catch {
      // told to stop waiting: the tab has made another link
    }
  }

  #take(message: ToWorker, ports: readonly MessagePort[]): void {
    if (message.type === "ping") this.post({ type: "pong" });
    else if (message.type === "session") this.open(message, ports[0]);
    else if (message.type === "control") {
      let cancel: (() => void) | undefined = undefined;
      cancel = handleControl(message, ports[0], () => cancel !== undefined && this.#operations.delete(cancel));
      if (cancel !== undefined) this.#operations.add(cancel);
    }
  }

  /** Opens a session on the port that came along. */
  open({ id, next = 0, channel }: SessionMessage, handed: MessagePort | undefined): void {
    const port: Port | undefined = handed ?? (channel === undefined ? undefined : new BroadcastChannel(channel));
    const session = port === undefined ? 0 : (this.#owner.sessions?.open(port, id, next, (ended) => this.#sessions.delete(ended)) ?? 0);
    if (session !== 0) this.#sessions.add(session);
    else if (port !== undefined) refuse(port);
  }

  post(message: ToPage): void {
    this.#port.postMessage(message);
  }

  /** The engine is gone, and its sessions: another one counts from the beginning. */
  lose(): void {
    this.#sessions.clear();
  }

  /** Ends the link and its sessions. */
  end(): void {
    this.#waiting.abort();
    for (const session of this.#sessions) this.#owner.sessions?.close(session);
    this.#sessions.clear();
    for (const cancel of [...this.#operations]) cancel();
    this.#port.onmessage = null;
    this.#port.close?.();
    this.#gone(this);
  }

  /** Whether this is the link of that tab. */
  isOf(tab: string): boolean {
    return this.#tab === tab;
  }
}
