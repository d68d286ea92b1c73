import type { ByteStream } from "../live/sessions.js";
import { Emitter, type EventListener } from "./emitter.js";

/** What is used of Node's Buffer, or of the one that a bundler puts in its place. */
export interface BufferType {
  from(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array;
}

/** Bytes that are written at once and not gathered further. */
const BATCH = 64 << 10;

const utf8 = new TextEncoder();

/** The page's Buffer: Redis clients for Node take their replies apart with its methods. */
export function bufferType(given: BufferType | undefined): BufferType {
  const found = given ?? (globalThis as { Buffer?: BufferType }).Buffer;
  if (found === undefined) {
    throw new TypeError("tabdis: this client needs Buffer: give that of the package `buffer`, or make it global");
  }
  return found;
}

type Done = (error?: Error | null) => void;

/**
 * A session of the engine in the shape of Node's `net.Socket`, as far as Redis clients use it. Events: `connect`, `ready`, `data`,
 * `drain`, `timeout`, `end`, `error`, `close`. What is written in one turn of the event loop travels together.
 */
export class StreamSocket extends Emitter {
  connecting = true;
  destroyed = false;
  readonly writableNeedDrain = false; // the engine takes all that comes
  readonly #stream: ByteStream | undefined;
  #ended = false;
  #chunks: Uint8Array[] = [];
  #gathered = 0;
  #corked = 0;
  #scheduled = false;
  #held: Uint8Array[] | undefined; // while paused
  #idle = 0;
  #active = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Why there is no connection, where there never was one. */
  readonly refused: Error | undefined;

  /** @param open gives the stream; what it throws is emitted as an `error`. */
  constructor(open: () => ByteStream, buffer: BufferType) {
    super();
    try {
      const stream = (this.#stream = open());
      stream.onData = (bytes) => this.#receive(buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      stream.onEnd = (error) => this.#finish(error);
      queueMicrotask(() => this.#connected());
    } catch (error) {
      this.refused = error instanceof Error ? error : new Error(String(error));
      this.destroy(this.refused);
    }
  }

  #connected(): void {
    if (this.destroyed) return;
    this.connecting = false;
    this.emit("connect");
    this.emit("ready");
    this.#schedule();
  }

  get readable(): boolean {
    return !this.destroyed;
  }

  get writable(): boolean {
    return !this.destroyed && !this.#ended;
  }

  get readyState(): string {
    return this.connecting ? "opening" : this.destroyed ? "closed" : "open";
  }

  write(chunk: string | Uint8Array, encoding?: string | Done, done?: Done): boolean {
    const after = typeof encoding === "function" ? encoding : done;
    if (!this.writable) {
      const error = new Error("tabdis: the connection is closed");
      if (after !== undefined) queueMicrotask(() => after(error));
      return false;
    }
    // A copy: the caller may use its buffer again before this one has left.
    const bytes = typeof chunk === "string" ? encode(chunk, encoding) : chunk.slice();
    this.#chunks.push(bytes);
    this.#gathered += bytes.length;
    this.#active = Date.now();
    if (this.#gathered >= BATCH && this.#corked === 0) this.#flush();
    else this.#schedule();
    if (after !== undefined) queueMicrotask(after);
    return true;
  }

  cork(): void {
    this.#corked++;
  }

  uncork(): void {
    if (this.#corked > 0 && --this.#corked === 0) this.#flush();
  }

  /** Writes what is there and closes. */
  end(chunk?: string | Uint8Array | Done, encoding?: string | Done, done?: Done): this {
    if (typeof chunk === "string" || chunk instanceof Uint8Array) this.write(chunk, encoding);
    const after = [chunk, encoding, done].find((argument) => typeof argument === "function") as Done | undefined;
    if (after !== undefined) this.once("close", () => after());
    if (this.#ended || this.destroyed) return this;
    this.#corked = 0;
    this.#flush();
    this.#ended = true;
    queueMicrotask(() => this.#finish(undefined));
    return this;
  }

  destroy(error?: Error): this {
    this.#finish(error);
    return this;
  }

  pause(): this {
    this.#held ??= [];
    return this;
  }

  resume(): this {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const bytes of held) this.#receive(bytes);
    return this;
  }

  isPaused(): boolean {
    return this.#held !== undefined;
  }

  /** Emits `timeout` once nothing was written or came for so many ms; 0: never. */
  setTimeout(ms: number, listener?: EventListener): this {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#idle = ms;
    this.#active = Date.now();
    if (ms > 0) this.#watch(ms);
    if (listener !== undefined) {
      if (ms > 0) this.once("timeout", listener);
      else this.removeListener("timeout", listener);
    }
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #watch(ms: number): void {
    this.#timer = setTimeout(() => {
      const left = this.#active + this.#idle - Date.now();
      if (left > 0) return this.#watch(left);
      this.#timer = undefined;
      this.emit("timeout");
    }, ms);
    (this.#timer as { unref?: () => void }).unref?.(); // Node's: it keeps no process alive
  }

  #receive(bytes: Uint8Array): void {
    if (this.destroyed) return;
    this.#active = Date.now();
    if (this.#held !== undefined) this.#held.push(bytes);
    else this.emit("data", bytes);
  }

  #schedule(): void {
    if (this.#scheduled || this.#corked > 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.#corked === 0) this.#flush();
    });
  }

  #flush(): void {
    const stream = this.#stream;
    const chunks = this.#chunks;
    if (stream === undefined || chunks.length === 0) return;
    let bytes = chunks[0] as Uint8Array;
    if (chunks.length > 1) {
      bytes = new Uint8Array(this.#gathered);
      let at = 0;
      for (const chunk of chunks) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
    }
    this.#chunks = [];
    this.#gathered = 0;
    stream.write(bytes);
  }

  #finish(error: Error | undefined): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.connecting = false;
    clearTimeout(this.#timer);
    const stream = this.#stream;
    if (stream !== undefined) {
      stream.onData = stream.onEnd = undefined;
      stream.end();
    }
    queueMicrotask(() => {
      if (error !== undefined) this.emit("error", error);
      else this.emit("end");
      this.emit("close", error !== undefined);
    });
  }
}

function encode(text: string, encoding: string | Done | undefined): Uint8Array {
  if (encoding === "latin1" || encoding === "binary") return Uint8Array.from(text, (c) => c.charCodeAt(0));
  return utf8.encode(text);
}
