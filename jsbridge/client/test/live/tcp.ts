/** Sessions over TCP to a server, as a database gives them over its Worker: what is built on sessions is tested on any server of Redis's protocol. */
import { connect, type Socket } from "node:net";
import type { Caller } from "../../src/types.js";
import { ReplyDecoder } from "../../src/decoder.js";
import { CommandEncoder } from "../../src/encoder.js";
import { ClosedError, OutcomeUnknownError, ReplyError } from "../../src/errors.js";
import { Cache, type CacheOptions } from "../../src/live/cache.js";
import { live, type Live, type LiveListener, type LiveOptions } from "../../src/live/live.js";
import type { ByteStream, LiveSource, Session } from "../../src/live/sessions.js";
import type { Argument, Reply } from "../../src/types.js";

const PUSH = 0x3e;

type Form = "text" | "binary" | "raw";

interface Call {
  args: Argument[];
  form: Form;
  resolve(reply: Reply | Uint8Array): void;
  reject(error: Error): void;
}

export interface Server {
  name: string;
  port: number;
}

export class TcpDatabase implements LiveSource {
  /** Those that are open, to be counted and broken. */
  readonly sessions = new Set<TcpSession>();
  readonly streams = new Set<ByteStream>();
  /** Every command called on any of its sessions. */
  readonly calls: string[] = [];

  constructor(readonly server: Server) {}

  session(): TcpSession {
    const session = new TcpSession(this);
    this.sessions.add(session);
    return session;
  }

  stream(): ByteStream {
    const socket = connect({ port: this.server.port, host: "127.0.0.1", noDelay: true });
    let failed: Error | undefined;
    const stream: ByteStream = {
      onData: undefined,
      onEnd: undefined,
      write: (bytes) => void socket.write(bytes),
      end: () => void socket.end(),
    };
    socket.on("data", (bytes) => stream.onData?.(new Uint8Array(bytes)));
    socket.on("error", (error) => (failed = error));
    socket.on("close", () => {
      this.streams.delete(stream);
      stream.onEnd?.(failed);
    });
    this.streams.add(stream);
    return stream;
  }

  live<T>(patterns: readonly string[], query: (q: Session) => Promise<T>, listener: LiveListener<T>, options?: LiveOptions): Live<T> {
    return live(this, patterns, query, listener, options);
  }

  cache(options?: CacheOptions): Cache {
    return new Cache(this, options);
  }

  async close(): Promise<void> {
    for (const session of this.sessions) await session.close();
  }
}

export class TcpSession implements Session {
  onPush: ((message: Reply[]) => void) | undefined;
  onRestored: (() => void) | undefined;
  readonly binary: Caller = { call: (...args) => this.enqueue(args, "binary") as Promise<Reply> };
  readonly raw = { call: (...args: Argument[]) => this.enqueue(args, "raw") as Promise<Uint8Array> };
  private socket!: Socket;
  private sent: Call[] = [];
  private held: Buffer = Buffer.alloc(0);
  private closed = false;
  private queued: Call[] | undefined; // while it is being made anew
  private stalled: Buffer[] | undefined;

  constructor(private readonly db: TcpDatabase) {
    this.connect();
  }

  call(...args: Argument[]): Promise<Reply> {
    return this.enqueue(args, "text") as Promise<Reply>;
  }

  async close(): Promise<void> {
    this.end(new ClosedError("CLOSED", "the session was closed"));
  }

  /** Replies and messages that come are kept until the function that is returned is called, and then come at once, in one piece. */
  stall(): () => void {
    this.stalled ??= [];
    return () => {
      const all = Buffer.concat(this.stalled ?? []);
      this.stalled = undefined;
      this.receive(all);
    };
  }

  /** Whether a text is among what is kept. */
  holds(text: string): boolean {
    return Buffer.concat(this.stalled ?? []).includes(text);
  }

  /** What a database does when its engine is replaced: what was under way is unknown, or with `resend` sent again; then `onRestored`. */
  async replace(resend: boolean): Promise<void> {
    const lost = this.sent.filter(({ args }) => args[0] !== "HELLO"); // which comes anew
    this.sent = [];
    this.queued = [];
    this.socket.removeAllListeners();
    this.socket.on("error", () => undefined);
    this.socket.destroy();
    if (!resend) for (const call of lost) call.reject(new OutcomeUnknownError("UNKNOWN", "the engine was replaced"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.connect();
    if (resend) for (const call of lost) this.send(call);
    const queued = this.queued;
    this.queued = undefined;
    for (const call of queued) this.send(call);
    this.onRestored?.();
  }

  private connect(): void {
    this.held = Buffer.alloc(0);
    this.socket = connect({ port: this.db.server.port, host: "127.0.0.1", noDelay: true });
    this.socket.on("data", (bytes) => this.receive(bytes));
    this.socket.on("error", (error) => this.end(error));
    this.socket.on("close", () => this.end(new ClosedError("CLOSED", "the server ended the session")));
    this.send({ args: ["HELLO", 3], form: "text", resolve: () => undefined, reject: (error) => this.end(error) });
  }

  private enqueue(args: Argument[], form: Form): Promise<Reply | Uint8Array> {
    if (this.closed) return Promise.reject(new ClosedError("CLOSED", "the session was closed"));
    this.db.calls.push(args.map(String).join(" "));
    return new Promise((resolve, reject) => {
      const call = { args, form, resolve, reject };
      if (this.queued !== undefined) this.queued.push(call);
      else this.send(call);
    });
  }

  private send(call: Call): void {
    const encoder = new CommandEncoder(1024);
    encoder.command(call.args);
    this.socket.write(encoder.take());
    this.sent.push(call);
  }

  // Messages are handed on at once, and promises are settled: their reactions run after all of this.
  private receive(bytes: Buffer): void {
    if (this.stalled !== undefined) {
      this.stalled.push(Buffer.from(bytes));
      return;
    }
    const all = Buffer.concat([this.held, bytes]);
    const decoder = new ReplyDecoder();
    decoder.start(new Uint8Array(all));
    let done = 0;
    while (decoder.more()) {
      const push = decoder.kind() === PUSH;
      const form = push ? "text" : (this.sent[0]?.form ?? "text");
      let reply: Reply | Uint8Array;
      try {
        reply = form === "raw" ? decoder.raw() : decoder.next(form === "binary");
        if (decoder.position > all.length) break;
      } catch {
        break; // cut off
      }
      done = decoder.position;
      if (push) {
        this.onPush?.(reply as Reply[]);
        continue;
      }
      const call = this.sent.shift();
      if (reply instanceof ReplyError) call?.reject(reply);
      else call?.resolve(reply);
    }
    this.held = all.subarray(done);
  }

  private end(error: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.db.sessions.delete(this);
    this.socket.destroy();
    for (const call of [...this.sent.splice(0), ...(this.queued ?? [])]) call.reject(error);
  }
}
