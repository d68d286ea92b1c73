// The client over TCP: sessions of its own pipeline, encoder and decoder, to any server.
import { connect, type Socket } from "node:net";
import type { Session } from "../../../../jsbridge/client/src/commands/api.js";
import { clientsOf, type ClientOptions, type NodeClient, type Store } from "../../../../jsbridge/client/src/commands/node.js";
import { OutcomeUnknownError, StoreError } from "../../../../jsbridge/client/src/errors.js";
import { Pipeline } from "../../../../jsbridge/client/src/pipeline.js";
import { Mode } from "../../../../jsbridge/client/src/queue.js";
import type { Argument, Reply } from "../../../../jsbridge/client/src/types.js";
import { whole } from "./split.js";

class TcpSession implements Session {
  onRestored: (() => void) | undefined;
  private readonly pipeline = new Pipeline((batch) => this.socket.write(batch));
  private socket: Socket;
  private rest = new Uint8Array(0);
  private connections = 0;
  private closed = false;

  readonly binary = { call: (...words: Argument[]): Promise<Reply> => this.pipeline.call(words, Mode.Binary) };

  constructor(private readonly port: number) {
    this.socket = this.connected();
  }

  // A connection that breaks is made anew, as the package's sessions are when the engine is replaced.
  private connected(): Socket {
    const socket = connect(this.port, "127.0.0.1");
    socket.on("connect", () => {
      this.pipeline.start();
      if (this.connections++ > 0) this.onRestored?.();
    });
    socket.on("error", () => undefined); // "close" follows
    socket.on("data", (bytes) => this.take(bytes));
    socket.on("close", () => {
      if (this.closed) return this.pipeline.end(new StoreError("CLOSED", "the connection was closed"));
      this.rest = new Uint8Array(0);
      this.pipeline.lose(new OutcomeUnknownError("UNKNOWN", "the connection broke"));
      this.socket = this.connected();
    });
    return socket;
  }

  call(...words: Argument[]): Promise<Reply> {
    return this.pipeline.call(words, Mode.Text);
  }

  get onPush() {
    return this.pipeline.onPush;
  }

  set onPush(take: ((message: Reply[]) => void) | undefined) {
    this.pipeline.onPush = take;
  }

  set onNumber(listener: (number: number) => void) {
    this.pipeline.onNumber = listener;
  }

  set binaryPushes(binary: boolean) {
    this.pipeline.binaryPushes = binary;
  }

  private take(bytes: Uint8Array): void {
    const all = new Uint8Array(this.rest.length + bytes.length);
    all.set(this.rest);
    all.set(bytes, this.rest.length);
    const end = whole(all);
    this.rest = all.slice(end);
    if (end > 0) this.pipeline.receive(all.slice(0, end));
  }

  async close(): Promise<void> {
    this.pipeline.refuse(new StoreError("CLOSED", "the session was closed"));
    await this.pipeline.drained();
    this.closed = true;
    this.socket.destroy();
  }
}

/** Where the server is. */
export interface TcpOptions extends ClientOptions {
  port: number;
}

/** As node-redis's createClient. */
export const createTcpClient = clientsOf<TcpOptions>(async ({ port }): Promise<Store> => ({ session: () => new TcpSession(port), close: async () => undefined }));

/** A client of the server on this port, not connected. */
export const clientOf = (port: number, database = 0): NodeClient<TcpOptions> => createTcpClient({ port, database });
