import { replyError } from "./errors.js";
import type { Reply } from "./types.js";

const CR = 13;
const MINUS = 45;
const NO_BYTES = new Uint8Array(0);

/** Strings up to this length are made from their character codes; longer ones are worth a call of the TextDecoder. */
const SHORT = 64;

/** Arrays to gather the character codes of a short string in, by length. */
const codes = Array.from({ length: SHORT + 1 }, (_, n) => new Array<number>(n).fill(0));

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads replies out of a buffer that holds whole ones. */
export class ReplyDecoder {
  #bytes: Uint8Array = NO_BYTES;
  #at = 0;
  #binary = false;

  /** Goes on with this buffer. Nothing that is returned refers to it. */
  start(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
  }

  /** Whether there is another reply. */
  more(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** Where the next reply starts. */
  get position(): number {
    return this.#at;
  }

  /** The first byte of the next reply: its type. */
  kind(): number {
    return this.#bytes[this.#at] ?? 0;
  }

  /** Reads one reply. With `binary`, strings come as bytes of their own. Throws on what is no RESP. */
  next(binary: boolean): Reply {
    this.#binary = binary;
    return this.#value();
  }

  /** Gives the next reply's own bytes, undecoded. */
  raw(): Uint8Array {
    const from = this.#at;
    this.#binary = false;
    this.#value();
    return this.#bytes.slice(from, this.#at);
  }

  #value(): Reply {
    const kind = this.#bytes[this.#at++];
    switch (kind) {
      case 0x2b: // + simple string
        return this.#simple();
      case 0x24: // $ bulk string
      case 0x3d: // = verbatim string
        return this.#bulk(kind === 0x3d);
      case 0x3a: // : integer
        return this.#integer();
      case 0x2d: // - error
        return replyError(this.#line());
      case 0x21: // ! bulk error
        return replyError(this.#string(this.#length()));
      case 0x5f: // _ null
        this.#line();
        return null;
      case 0x2a: // * array
      case 0x7e: // ~ set
      case 0x3e: // > push
        return this.#array();
      case 0x25: // % map
        return this.#map();
      case 0x2c: // , double
        return double(this.#line());
      case 0x23: // # boolean
        return this.#line() === "t";
      case 0x28: // ( big number
        return BigInt(this.#line());
      case 0x7c: // | attributes, which precede the reply proper
        this.#map();
        return this.#value();
      default:
        throw new Error(`tabdis: no reply starts with byte ${kind}`);
    }
  }

  #simple(): Reply {
    const bytes = this.#bytes;
    const at = this.#at;
    if (!this.#binary && bytes[at] === 79 && bytes[at + 1] === 75 && bytes[at + 2] === CR) {
      this.#at = at + 4;
      return "OK";
    }
    const end = this.#lineEnd();
    const value = this.#binary ? bytes.slice(at, end) : this.#decode(at, end - at);
    this.#at = end + 2;
    return value;
  }

  #bulk(verbatim: boolean): Reply {
    const length = this.#length();
    if (length < 0) return null;
    const skip = verbatim ? 4 : 0; // "txt:"
    const at = this.#at + skip;
    this.#at += length + 2;
    if (this.#at > this.#bytes.length) throw new Error("tabdis: a reply was cut off");
    return this.#binary ? this.#bytes.slice(at, at + length - skip) : this.#decode(at, length - skip);
  }

  #array(): Reply {
    const length = this.#length();
    if (length < 0) return null;
    const values: Reply[] = [];
    for (let i = 0; i < length; i++) values.push(this.#value());
    return values;
  }

  #map(): Reply {
    const length = this.#length();
    const binary = this.#binary;
    const values = Object.create(null) as { [key: string]: Reply };
    for (let i = 0; i < length; i++) {
      this.#binary = false;
      const key = String(this.#value());
      this.#binary = binary;
      values[key] = this.#value();
    }
    return values;
  }

  #integer(): number | bigint {
    const bytes = this.#bytes;
    const start = this.#at;
    const negative = bytes[start] === MINUS;
    let at = negative ? start + 1 : start;
    let n = 0;
    for (let c = bytes[at]; c !== CR; c = bytes[++at]) {
      if (c === undefined) throw new Error("tabdis: a reply was cut off");
      n = n * 10 + (c - 48);
    }
    this.#at = at + 2;
    if (n > Number.MAX_SAFE_INTEGER) return BigInt(this.#decode(start, at - start));
    return negative ? -n : n;
  }

  // A length, or -1 for RESP2's null.
  #length(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at] === MINUS) {
      this.#line();
      return -1;
    }
    let n = 0;
    for (let c = bytes[at]; c !== CR; c = bytes[++at]) {
      if (c === undefined) throw new Error("tabdis: a reply was cut off");
      n = n * 10 + (c - 48);
    }
    this.#at = at + 2;
    return n;
  }

  #string(length: number): string {
    const at = this.#at;
    this.#at += length + 2;
    return this.#decode(at, length);
  }

  #line(): string {
    const at = this.#at;
    const end = this.#lineEnd();
    this.#at = end + 2;
    return this.#decode(at, end - at);
  }

  #lineEnd(): number {
    const end = this.#bytes.indexOf(CR, this.#at);
    if (end < 0) throw new Error("tabdis: a reply was cut off");
    return end;
  }

  #decode(at: number, length: number): string {
    const bytes = this.#bytes;
    const gathered = length <= SHORT ? codes[length] : undefined;
    if (gathered !== undefined) {
      let all = 0;
      for (let i = 0; i < length; i++) all |= gathered[i] = bytes[at + i] as number;
      if (all < 128) return String.fromCharCode.apply(String, gathered);
    }
    return utf8.decode(bytes.subarray(at, at + length));
  }
}

/** A double as RESP3 spells it, and as older replies have it in strings. */
export function double(text: string): number {
  switch (text) {
    case "inf":
      return Infinity;
    case "-inf":
      return -Infinity;
    case "nan":
    case "-nan":
      return NaN;
    default:
      return Number(text);
  }
}
