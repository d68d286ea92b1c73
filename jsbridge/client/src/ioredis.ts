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
 * ioredis is written for Node. A bundle for the page has to give it `events`, `buffer`, `stream` (`readable-stream`), `util`, `assert`,
 * `string_decoder` and `process`, as the usual polyfills do, and may leave `net`, `tls`, `dns` and `crypto` empty: they are not called.
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
      socket.once("error", (error: Error) => {
        this.firstError = error;
      });
      return socket;
    }

    disconnect(): void {
      this.connecting = false;
      this.stream?.end();
    }
  }
  return TabdisConnector as unknown as Connector;
}
