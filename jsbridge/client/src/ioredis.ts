/** ioredis in the page: `new Redis({ Connector: tabdisConnector(db) })`. */
import type { AbstractConnector } from "ioredis";
import type { ByteStream } from "./live/sessions.js";
import { bufferType, StreamSocket, type BufferType } from "./socket/socket.js";

/** What ioredis takes as its `Connector`. */
export type Connector = new (options: unknown) => AbstractConnector;

/** Options of {@link tabdisConnector}. */
export interface ConnectorOptions {
  /** The Buffer of the bundle, if it is not global: `import { Buffer } from "buffer"`. */
  Buffer?: BufferType;
}

/**
 * A connector for ioredis 5 and 6 by which it talks to the engine instead of a server: each client has a session of its own, pub/sub,
 * blocking commands and transactions included.
 *
 * ```ts
 * const redis = new Redis({ Connector: tabdisConnector(db) });
 * ```
 *
 * ioredis is written for Node, so a bundle for the page has to give it: global `Buffer` and `process` (`env`, `nextTick`); `events`;
 * `buffer` with `constants.MAX_STRING_LENGTH`, which the package `buffer` lacks; `stream` (`readable-stream`); `util.deprecate`; `crypto`
 * for scripts. `net`, `tls`, `dns`, `diagnostics_channel`, and for ioredis 5 `fs`, `path` and `assert`, may be empty.
 */
export function tabdisConnector(db: { stream(): ByteStream }, options: ConnectorOptions = {}): Connector {
  const buffer = bufferType(options.Buffer);
  class TabdisConnector {
    connecting = false;
    stream: StreamSocket | undefined;
    firstError: Error | undefined;

    check(): boolean {
      return true;
    }

    async connect(): Promise<StreamSocket> {
      this.connecting = true;
      const socket = (this.stream = new StreamSocket(() => db.stream(), buffer));
      this.firstError = socket.refused;
      socket.once("error", () => undefined); // ioredis takes it from firstError, or listens itself by then
      return socket;
    }

    disconnect(): void {
      this.connecting = false;
      this.stream?.end();
    }
  }
  return TabdisConnector as unknown as Connector;
}
