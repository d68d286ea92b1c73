import type { Argument } from "./types.js";

const CR = 13;
const LF = 10;
const ZERO = 48;
const DOLLAR = 36;
const STAR = 42;

/** "$2147483647\r\n" and a little more. */
const HEAD = 16;

const utf8 = new TextEncoder();

/** Appends commands to a buffer that grows as needed. */
export class CommandEncoder {
  #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;
  readonly #size: number;

  /** @param size of the buffer while no command needs more. */
  constructor(size: number) {
    this.#size = size;
    this.#bytes = new Uint8Array(size);
  }

  /** Bytes encoded and not taken. */
  get length(): number {
    return this.#at;
  }

  /** Appends one command. Throws a TypeError, and appends nothing, when a word is of no kind that can be sent. */
  command(args: readonly Argument[]): void {
    if (args.length === 0) throw new TypeError("tabdis: a command has at least one word"); // the engine answers none without
    const start = this.#at;
    this.#head(STAR, args.length);
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      if (typeof arg === "string") {
        this.#text(arg);
      } else if (typeof arg === "number") {
        if (arg >= 0 && arg <= 9 && Number.isInteger(arg)) this.#digit(arg);
        else this.#text(String(arg));
      } else if (arg instanceof Uint8Array) {
        this.#binary(arg);
      } else if (typeof arg === "bigint") {
        this.#text(String(arg));
      } else {
        this.#at = start;
        throw new TypeError(`tabdis: word ${i} of a command is ${describe(arg)}, not a string, number, bigint or Uint8Array`);
      }
    }
  }

  /** Gives the buffer up and goes on in `spare`, if that is of the usual size, or in a new one. */
  take(spare?: ArrayBuffer): Uint8Array<ArrayBuffer> {
    const batch = this.#bytes.subarray(0, this.#at);
    this.#bytes = spare?.byteLength === this.#size ? new Uint8Array(spare) : new Uint8Array(this.#size);
    this.#at = 0;
    return batch;
  }

  #text(s: string): void {
    const length = s.length;
    this.#room(length + 2 * HEAD);
    const head = this.#at;
    this.#head(DOLLAR, length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < length; i++) {
      const c = s.charCodeAt(i);
      if (c > 127) {
        this.#at = head;
        this.#unicode(s);
        return;
      }
      bytes[at++] = c;
    }
    bytes[at++] = CR;
    bytes[at++] = LF;
    this.#at = at;
  }

  // The length in bytes is known only afterwards: encode behind the widest head there may be, then close the gap.
  #unicode(s: string): void {
    this.#room(3 * s.length + 2 * HEAD);
    const from = this.#at + HEAD;
    const length = utf8.encodeInto(s, this.#bytes.subarray(from)).written;
    this.#head(DOLLAR, length);
    this.#bytes.copyWithin(this.#at, from, from + length);
    this.#at += length;
    this.#bytes[this.#at++] = CR;
    this.#bytes[this.#at++] = LF;
  }

  #binary(b: Uint8Array): void {
    this.#room(b.length + 2 * HEAD);
    this.#head(DOLLAR, b.length);
    this.#bytes.set(b, this.#at);
    this.#at += b.length;
    this.#bytes[this.#at++] = CR;
    this.#bytes[this.#at++] = LF;
  }

  #digit(d: number): void {
    this.#room(HEAD);
    this.#head(DOLLAR, 1);
    this.#bytes[this.#at++] = ZERO + d;
    this.#bytes[this.#at++] = CR;
    this.#bytes[this.#at++] = LF;
  }

  #head(kind: number, n: number): void {
    this.#room(HEAD);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = kind;
    if (n < 10) {
      bytes[at++] = ZERO + n;
      bytes[at++] = CR;
      bytes[at++] = LF;
      this.#at = at;
      return;
    }
    let end = at + 1;
    for (let m = n; m >= 10; m = (m / 10) | 0) end++;
    for (let i = end - 1, m = n; i >= at; i--, m = (m / 10) | 0) bytes[i] = ZERO + (m % 10);
    bytes[end++] = CR;
    bytes[end++] = LF;
    this.#at = end;
  }

  #room(n: number): void {
    if (this.#at + n <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + n));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

function describe(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? value.constructor?.name ?? "an object" : typeof value;
}
