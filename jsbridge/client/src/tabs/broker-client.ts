import type { BrokerHello } from "./broker.js";
import type { ConnectMessage, ServeMessage, UnknownMessage } from "../protocol.js";

/** How long the broker may take to say a word, in ms. */
const PATIENCE = 2000;

/** This page's way to the broker, if the browser has SharedWorkers. */
export class Broker {
  readonly #port: MessagePort | undefined;
  readonly #asked = new Map<string, () => void>(); // what to do when a leader is not known

  /** The broker's id; "" where there is none. */
  readonly id: Promise<string>;

  constructor(start: () => SharedWorker) {
    let settle: (id: string) => void;
    this.id = new Promise((resolve) => (settle = resolve));
    setTimeout(() => settle(""), PATIENCE);
    try {
      const worker = start();
      worker.onerror = () => settle("");
      this.#port = worker.port;
      this.#port.onmessage = ({ data }: MessageEvent<BrokerHello | UnknownMessage>) => {
        if (data.type === "hello") settle(data.broker);
        else this.#refused(data.leader);
      };
    } catch {
      settle!("");
    }
  }

  #refused(leader: string): void {
    this.#asked.get(leader)?.();
    this.#asked.delete(leader);
  }

  /** Ports for this page's Worker come to the port given. */
  serve(leader: string, port: MessagePort): void {
    this.#port?.postMessage({ type: "serve", leader } satisfies ServeMessage, [port]);
  }

  /** Hands a port to the leader. `refused` is called when the broker does not know it. */
  connect(leader: string, tab: string, port: MessagePort, refused: () => void): void {
    this.#asked.set(leader, refused);
    this.#port?.postMessage({ type: "connect", leader, tab } satisfies ConnectMessage, [port]);
  }

  close(): void {
    this.#port?.close();
  }
}
