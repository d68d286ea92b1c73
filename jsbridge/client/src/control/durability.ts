import { OutcomeUnknownError, ReplyError, ReplyLostError, StoreError } from "../errors.js";
import type { Control } from "./control.js";
import { info } from "./info.js";
import { pause, unless } from "./pause.js";
import type { Caller } from "../types.js";

/** What waiting operations take. */
export interface WaitOptions {
  /** Ends the waiting; it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Resolves when all that was called before is durable, by whichever session, and survives a power cut: with `appendfsync always` at once,
 * else within about a second. It is Redis's `WAITAOF 1 0 0`, but no call that comes after it waits. Rejects with a `StoreError` of code `NOLOG`
 * where there is no log, as in memory.
 */
export async function durable(caller: Caller, control: Control, options: WaitOptions = {}): Promise<void> {
  options.signal?.throwIfAborted();
  await unless(options.signal, caller.call("ECHO", "")); // what was called before has been executed now
  await control.control("durable", {}, options);
}

/** How far a rewrite is. */
export interface RewriteProgress {
  /** The share of the keys that the new base holds, from 0 to 1. */
  fraction: number;
  /** Bytes of the new base so far. */
  bytes: number;
}

/** How a rewrite is waited for. */
export interface RewriteOptions extends WaitOptions {
  /** Called while it goes on. */
  onProgress?: (progress: RewriteProgress) => void;
}

/** ms between two looks at a rewrite. */
const LOOK = 50;

/**
 * Writes the log anew, as short as the data allows (`BGREWRITEAOF`), and resolves when the new one is in force. One that is under way already
 * is waited for first. A signal ends the waiting, not the rewrite. Rejects with a `StoreError` of code `REWRITE` when it failed: then the old log
 * is in force as before, and the log lines tell why; of code `LEADER` when the engine ended meanwhile, with its tab or by itself: it has given
 * the rewrite up, unless that had just come to its end, and the log holds all that it held.
 */
export async function rewrite(caller: Caller, options: RewriteOptions = {}): Promise<void> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const look = (): Promise<Record<string, string>> => unless(signal, outlive(() => info(caller, "persistence")));
  const busy = (found: Record<string, string>): boolean =>
    found["aof_rewrite_in_progress"] === "1" || found["aof_rewrite_scheduled"] === "1";
  const ended = async (): Promise<Record<string, string>> => {
    for (;;) {
      const found = await look();
      if (!busy(found)) return found;
      onProgress?.({ fraction: Number(found["aof_rewrite_perc"] ?? 0) / 100, bytes: Number(found["aof_rewrite_bytes_written"] ?? 0) });
      await pause(LOOK, signal);
    }
  };
  let before = await ended();
  while (!(await unless(signal, outlive(() => begins(caller))))) before = await ended(); // one began by itself meanwhile
  const after = await ended();
  const count = (found: Record<string, string>): number => Number(found["aof_rewrites"]);
  const same = after["aof_epoch"] === before["aof_epoch"]; // another engine counts from the beginning
  if (after["aof_last_bgrewrite_status"] !== "ok" || count(after) <= (same ? count(before) : 0)) {
    throw same
      ? new StoreError("REWRITE", "the rewrite failed, and the log is as it was; the log lines tell why")
      : new StoreError("LEADER", "the rewrite was given up with the tab that ran the engine, and the log is as it was, or anew if it had just ended");
  }
  onProgress?.({ fraction: 1, bytes: Number(after["aof_base_size"]) });
}

// Asks again when the engine has ended before the answer came: what is asked here may be asked twice.
async function outlive<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError || error instanceof ReplyLostError)) throw error;
    }
  }
}

async function begins(caller: Caller): Promise<boolean> {
  try {
    await caller.call("BGREWRITEAOF");
    return true;
  } catch (error) {
    if (error instanceof ReplyError && error.message.includes("already in progress")) return false;
    throw error;
  }
}
