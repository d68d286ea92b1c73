import type { LoadProgress } from "../types.js";
import { findStore, runTool, type ToolOptions } from "./tools.js";

/** How a log is checked. */
export interface CheckOptions extends ToolOptions {
  /** Tell of each block, too. */
  blocks?: boolean;
  /** Pass over functions and what modules keep. */
  skipFunctions?: boolean;
  /** Called while it goes on. */
  onProgress?: (progress: LoadProgress) => void;
}

/** What a log is worth: the document of `tabdis check-aof --json`, without what only a path or a repair has. Sizes and offsets are in bytes. */
export interface CheckReport {
  /** `clean`: loads, nothing is lost. `torn`: loads without what a crash tore at its end. `damaged`, `unreadable`: is refused. */
  verdict: "clean" | "torn" | "damaged" | "unreadable";
  /** Null: none, or not readable. */
  manifest: { name: string; native: boolean; epoch: number; sealed: number } | null;
  files: CheckedFile[];
  /** Where the log ends. */
  end: { file: string; offset: number } | null;
  /** Of the last block. */
  lsn: number;
  /** Commands without blocks were read, as a Redis writes them. */
  naked: boolean;
  /** Bytes that belong to nothing. */
  slack: number;
  /** The first thing that is wrong. */
  problem: CheckProblem | null;
  /** What a repair would cut. */
  loss: { bytes: number; blocks: number; pieces: number; commands: number; keys: string[]; key_count: number; more_keys: boolean };
  /** Blocks behind the end that are valid by themselves. */
  salvage: { file: string; offset: number; first_lsn: number; last_lsn: number; blocks: number; commands: number }[];
  /** What a repair would do. */
  repair: string;
  /** Why it could do nothing. */
  no_repair?: string;
  /** With `blocks`. */
  blocks?: CheckedBlock[];
}

/** A file of the log's directory. */
export interface CheckedFile {
  name: string;
  /** base, incr, history, stray, set aside, ballast. */
  role: string;
  /** blocks, commands, rdb; empty: nothing was read. */
  format: string;
  /** -1: it is not there. */
  bytes: number;
  /** Bytes that belong to the log. */
  read: number;
  blocks: number;
  units: number;
  commands: number;
  /** Of RDB data. */
  keys: number;
  first_lsn: number;
  last_lsn: number;
  state: string;
}

/** What is wrong, and where. */
export interface CheckProblem {
  file: string;
  /** -1: the file as a whole. */
  offset: number;
  lsn?: number;
  reason: string;
  /** The bytes about it, in base64. */
  around?: string;
  around_offset: number;
}

/** A block that continues the log. */
export interface CheckedBlock {
  file: string;
  offset: number;
  /** With its header. */
  length: number;
  lsn: number;
  epoch: number;
  sync: number;
  prev: string;
  xxh64: string;
  units: number;
  commands: number;
  /** Unix seconds. */
  time?: number;
  /** Of clients, that it names. */
  requests?: number;
}

/**
 * Reads the log of a store that nobody has open, by the code with which it is loaded, and says what it is worth. It changes nothing. Rejects with
 * code `LOCKED` while the store is open, `MISSING` when there is none.
 */
export async function checkLog(name: string, options: CheckOptions = {}): Promise<CheckReport> {
  const { onProgress, blocks = false, skipFunctions = false } = options;
  const args = { name, backend: await findStore(name, options.backend), blocks, skipFunctions };
  return (await runTool("check", args, options, ([, , file, bytes, totalBytes, commands]) => {
    onProgress?.({ file, bytes, totalBytes, commands } as LoadProgress);
  })) as CheckReport;
}
