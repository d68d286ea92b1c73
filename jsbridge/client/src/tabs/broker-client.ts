import type { BrokerHello } from "./broker.js";
import type { ConnectMessage, ServeMessage, UnknownMessage } from "../protocol.js";

/** How long the broker may take to say a word, in ms. */
const PATIENCE = 2000;

/** This page's way to the broker, if the browser has SharedWorkers: one for all its stores, as a page keeps every SharedWorker that it has started. */
export class Broker {
  readonly #worker: SharedWorker | undefined;
  readonly #asked = new Map<string, { leader: string; refused: () => void }>(); // by tab, last: what to do when that leader is not known

  /** The broker's id; "" where there is none. */
  readonly id: Promise<string>;

  constructor(start: () => SharedWorker) {
    let settle: (id: string) => void;
    this.id = new Promise((resolve) => (settle = resolve));
    setTimeout(() => settle(""), PATIENCE);
    try {
      const worker = (this.#worker = start());
      worker.onerror = () => settle("");
      worker.port.onmessage = ({ data }: MessageEvent<BrokerHello | UnknownMessage>) => {
        if (data.type === "hello") settle(data.broker);
        else this.#refused(data.leader);
      };
    } catch {
      settle!("");
    }
  }

  #refused(leader: string): void {
    for (const asked of this.#asked.values()) if (asked.leader === leader) asked.refused();
  }

  /** Ports for this page's Worker come to the port given, until the tab's lock can be had. */
  serve(leader: string, lock: string, port: MessagePort): void {
    this.#worker?.port.postMessage({ type: "serve", leader, lock } satisfies ServeMessage, [port]);
  }

  /** Hands a port to the leader. `refused` is called when the broker does not know it. */
  connect(leader: string, tab: string, port: MessagePort, refused: () => void): void {
    this.#asked.set(tab, { leader, refused });
    this.#worker?.port.postMessage({ type: "connect", leader, tab } satisfies ConnectMessage, [port]);
  }

  /** This tab asks for nothing any more. */
  forget(tab: string): void {
    this.#asked.delete(tab);
  }
}
