import { ClosedError, OutcomeUnknownError, StoreError } from "../errors.js";
import { Pipeline } from "../pipeline.js";
import { Mode } from "../queue.js";
import type { Argument, Caller, LoadProgress, Reply } from "../types.js";
import { checkLog, type CheckReport } from "./check.js";
import { exportTo, type ExportOptions, type ExportReport } from "./export.js";
import { findStore, type ToolOptions, Tools } from "./tools.js";

/** A point in the life of a store: behind the block of this lsn, or behind the last block that is not of a later second. */
export type Point = number | { lsn: number } | { time: Date };

/** How a past state is opened. */
export interface PastOptions extends ToolOptions {
  /** Called while it goes on. */
  onProgress?: (progress: LoadProgress) => void;
}

/** A past state of a store, in memory: it can be read, whatever happens to the store. Commands that would write are refused with READONLY. */
export class Past implements Caller {
  /** The same with strings in replies as `Uint8Array`. */
  readonly binary: Caller;
  readonly #tools: Tools;
  readonly #pipeline: Pipeline;

  /** @internal */
  constructor(tools: Tools) {
    this.#tools = tools;
    const pipeline = (this.#pipeline = new Pipeline((batch) => tools.post(batch, [batch.buffer])));
    this.binary = { call: (...args) => pipeline.call(args, Mode.Binary) };
    tools.onReplies = (replies) => pipeline.receive(replies);
    tools.onDied = (cause) => pipeline.end(cause, new OutcomeUnknownError("UNKNOWN", cause.message));
    pipeline.start();
  }

  /** Runs one command that only reads. */
  call(...args: Argument[]): Promise<Reply> {
    return this.#pipeline.call(args, Mode.Text);
  }

  /** Writes this state to a directory or a stream. See {@link exportTo}. */
  exportTo(target: FileSystemDirectoryHandle | WritableStream<Uint8Array>, options?: ExportOptions): Promise<ExportReport> {
    return exportTo(this, this.#tools, target, options);
  }

  /** Waits for the calls under way and frees the memory. */
  async close(): Promise<void> {
    this.#pipeline.refuse(new ClosedError("CLOSED", "this past state was closed"));
    await this.#pipeline.drained();
    this.#tools.end();
  }
}

/**
 * Opens what a store held behind the block of an lsn, or at a time, read-only and in memory. The store is not changed; nobody may have it open while
 * this reads it. It goes back to the last rewrite, and over as many before it as `aof-history-keep` says; by time only where `aof-timestamp-enabled`
 * is yes. Keys that were to expire by now are not shown. Rejects with code `UNREACHABLE` when the files do not lead to that point,
 * `CORRUPT` when they are damaged before it, `LOCKED`, `MISSING`.
 */
export async function openAt(name: string, at: Point, options: PastOptions = {}): Promise<Past> {
  const backend = await findStore(name, options.backend);
  return new Past(await Tools.start(options, { name, backend, ...pointOf(at) }, options.onProgress));
}

function pointOf(at: Point): { lsn: number } | { time: number } {
  if (typeof at === "object" && "time" in at) {
    const time = Math.floor(at.time.getTime() / 1000);
    if (!(time >= 1)) throw new StoreError("UNREACHABLE", "no store is that old"); // and 0 would be the present
    return { time };
  }
  const lsn = typeof at === "number" ? at : at.lsn;
  if (!Number.isSafeInteger(lsn) || lsn < 1) throw new StoreError("UNREACHABLE", `${lsn} is no lsn: they are counted from 1`);
  return { lsn };
}

/** How a damaged store is salvaged. */
export type SalvageOptions = PastOptions & Pick<ExportOptions, "format">;

/** What was salvaged. */
export interface SalvageReport extends ExportReport {
  /** What the log is worth, and what stands behind its end. */
  check: CheckReport;
  keys: number;
}

/**
 * Exports what is readable of a store that is damaged: what `tabdis check-aof --fix` would leave of it, which is all that stands before the first damage,
 * and also when it is the manifest that is damaged or lost. The store is not changed: a copy of its log, in memory, is repaired. Functions
 * and what modules keep are left out. Rejects with code `CORRUPT` when a file is missing or not even the beginning can be read.
 */
export async function salvage(
  name: string,
  target: FileSystemDirectoryHandle | WritableStream<Uint8Array>,
  options: SalvageOptions = {},
): Promise<SalvageReport> {
  const { signal, format } = options;
  const check = await checkLog(name, { ...options, onProgress: () => undefined });
  const backend = await findStore(name, options.backend);
  const whole = check.verdict === "clean" || check.verdict === "torn";
  const past = new Past(await Tools.start(options, { name, backend, salvage: !whole }, options.onProgress));
  try {
    const keys = await countKeys(past);
    const report = await past.exportTo(target, { ...(signal && { signal }), ...(format && { format }) });
    return { ...report, check, keys };
  } finally {
    await past.close();
  }
}

async function countKeys(past: Past): Promise<number> {
  let keys = 0;
  for (const [, count] of String(await past.call("INFO", "keyspace")).matchAll(/:keys=(\d+)/g)) keys += Number(count);
  return keys;
}
