import { names, type ControlMessage, type Port, type SessionMessage } from "../protocol.js";
import type { SessionOpener } from "../session.js";

/** A random number as so many hex digits. */
export function randomHex(digits: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(digits / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A channel of this store that only its two ends know. */
export const privateChannel = (store: string): string => `${names.notices(store)}:${randomHex(16)}`;

/** A tab's link to the Worker that leads. */
export class Link implements SessionOpener {
  readonly #store: string | undefined;

  /**
   * @param port to the Worker.
   * @param leader the tab of that Worker.
   * @param term of that leader; undefined: the Worker is this tab's own.
   * @param store whose name channels carry; without ports to hand over, sessions go over BroadcastChannels of their own.
   */
  constructor(readonly port: Port, readonly leader: string, readonly term: string | undefined, store: string | undefined) {
    this.#store = store;
  }

  get local(): boolean {
    return this.term === undefined;
  }

  open(id?: string, next?: number): Port {
    return this.#ask({ type: "session", ...(id === undefined ? {} : { id }), ...(next === undefined ? {} : { next }) });
  }

  /** Begins an operation beside the sessions. */
  control(op: string, args: Record<string, unknown>): Port {
    return this.#ask({ type: "control", op, args });
  }

  // What is asked for talks over the port that comes back, whose other end goes along.
  #ask(message: SessionMessage | ControlMessage): Port {
    if (this.#store === undefined) {
      const { port1, port2 } = new MessageChannel();
      this.port.postMessage(message, [port2]);
      return port1;
    }
    const channel = privateChannel(this.#store);
    const port = new BroadcastChannel(channel);
    this.port.postMessage({ ...message, channel });
    return port;
  }

  close(): void {
    if (this.local) return; // the Worker has more to say to its page
    this.port.onmessage = null;
    this.port.close?.();
  }
}
