import { ReplyDecoder } from "../decoder.js";
import type { Control } from "./control.js";

/** Something that happens to the log of a store. */
export type LogEvent = LogBegins | LogBlock | LogDurable | LogMissed;

/** The first event: where the log stands. */
export interface LogBegins {
  type: "begins";
  lsn: number;
  /** All blocks up to this one are durable. */
  durable: number;
}

/** A block was appended. */
export interface LogBlock {
  type: "block";
  /** The number of the block in the life of the store. */
  lsn: number;
  file: string;
  /** Where its header begins, in bytes. */
  offset: number;
  /** The number of the opening that wrote it. */
  epoch: number;
  /** All blocks up to this one had been durable when it was written. */
  sync: number;
  /** Bytes of its commands, with annotations. 0: a seal, which records a sync. */
  length: number;
  /** Its commands as they are logged, `MULTI` and `SELECT` among them, as text; bytes that are no UTF-8 come as U+FFFD. */
  commands: string[][];
  /** Its `#` lines, such as `#TS:1700000000`. */
  annotations: string[];
}

/** A sync has succeeded. */
export interface LogDurable {
  type: "durable";
  /** All blocks up to this one are durable. */
  lsn: number;
}

/** The callback was slower than the log: what happened then was left out. */
export interface LogMissed {
  type: "missed";
  events: number;
}

/** How the log is looked on. */
export interface LogOptions {
  /** Ends it: the promise resolves. */
  signal?: AbortSignal;
}

/**
 * Tells of the blocks and syncs of the log as they happen, until the signal ends it; then the promise resolves. It rejects when the store is closed
 * or its engine replaced, with `NOLOG` where there is no log, and with what the callback throws. It is for tools: each block is copied and
 * taken apart.
 */
export async function log(control: Control, callback: (event: LogEvent) => void, options: LogOptions = {}): Promise<void> {
  const { signal } = options;
  const onTold = ([what, ...args]: unknown[], tell: (what: string, n: number) => void): void => {
    tell("taken", 1);
    callback(eventOf(what as string, args));
  };
  try {
    await control.control("log", {}, { signal, onTold });
  } catch (error) {
    if (signal?.aborted !== true || error !== signal.reason) throw error;
  }
}

function eventOf(what: string, args: unknown[]): LogEvent {
  if (what === "block") {
    const [file, offset, lsn, epoch, sync, body] = args as [string, number, number, number, number, Uint8Array<ArrayBuffer>];
    return { type: "block", lsn, file, offset, epoch, sync, length: body.length, ...parse(body) };
  }
  const [lsn, durable] = args as [number, number];
  if (what === "missed") return { type: "missed", events: lsn };
  return what === "begins" ? { type: "begins", lsn, durable } : { type: "durable", lsn };
}

const HASH = 0x23;
const NEWLINE = 0x0a;

/** The commands and annotations of a block's body. */
export function parse(body: Uint8Array<ArrayBuffer>): { commands: string[][]; annotations: string[] } {
  const commands: string[][] = [];
  const annotations: string[] = [];
  const decoder = new ReplyDecoder();
  decoder.start(body);
  while (decoder.more()) {
    if (decoder.kind() !== HASH) {
      commands.push(decoder.next(false) as string[]);
      continue;
    }
    const from = decoder.position;
    const end = body.indexOf(NEWLINE, from);
    annotations.push(new TextDecoder().decode(body.subarray(from, end < 0 ? body.length : end)).trimEnd());
    decoder.start(body.subarray(end < 0 ? body.length : end + 1));
    body = body.subarray(end < 0 ? body.length : end + 1);
  }
  return { commands, annotations };
}
