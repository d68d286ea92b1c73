import type { Caller, StoreInfo } from "../types.js";
import { info } from "./info.js";
import { room } from "./storage.js";

/** What an open store is and how it fares. Sizes are in bytes, times in ms since 1970. */
export interface Status extends StoreInfo {
  log: LogStatus;
  memory: MemoryStatus;
  /** Of the site, as the browser tells; undefined where it tells nothing. */
  usage: number | undefined;
  quota: number | undefined;
}

/** The state of the log. */
export interface LogStatus {
  /**
   * `healthy`; `off`: there is none, as in memory; `enabling`: its first base is on its way; `full`: there is no room; `unwritten`: a write failed and
   * is tried again; `broken`: nothing more is appended until a fresh base is in force. In the last three commands that write are refused with
   * MISCONF, and reads see what is in memory.
   */
  state: "healthy" | "off" | "enabling" | "full" | "unwritten" | "broken";
  /** Since when. */
  since: number;
  /** Why it is not healthy. */
  cause: string | undefined;
  /** When a sync last succeeded. */
  lastSync: number | undefined;
  /** The last block that holds something, and the last one that is durable. */
  lsn: number;
  durableLsn: number;
  /** The number of this opening: each one is counted. */
  epoch: number;
  /** Base and incr files. */
  size: number;
  rewriting: boolean;
  lastRewriteOk: boolean;
  /** The oldest state that `openAt` can go back to. */
  oldestLsn: number;
  /** Generations of the log that are kept, and their size. */
  history: { generations: number; size: number };
}

/** What the data takes. */
export interface MemoryStatus {
  used: number;
  peak: number;
  /** 0: no limit. */
  max: number;
  policy: string;
}

/** What an open store is and how it fares. */
export async function status(caller: Caller, store: StoreInfo): Promise<Status> {
  const [found, { usage, quota }] = await Promise.all([info(caller, "persistence", "memory"), room()]);
  const number = (name: string): number => Number(found[name] ?? 0);
  const log: LogStatus = {
    state: found["aof_enabled"] === "1" ? (found["aof_state"] as LogStatus["state"]) : "off",
    since: number("aof_state_since") * 1000,
    cause: found["aof_error"],
    lastSync: number("aof_last_fsync_ms") || undefined,
    lsn: number("aof_lsn"),
    durableLsn: number("aof_durable_lsn"),
    epoch: number("aof_epoch"),
    size: number("aof_current_size"),
    rewriting: number("aof_rewrite_in_progress") === 1,
    lastRewriteOk: found["aof_last_bgrewrite_status"] === "ok",
    oldestLsn: number("aof_oldest_lsn"),
    history: { generations: number("aof_history_generations"), size: number("aof_history_bytes") },
  };
  const memory: MemoryStatus = {
    used: number("used_memory"),
    peak: number("used_memory_peak"),
    max: number("maxmemory"),
    policy: found["maxmemory_policy"] ?? "noeviction",
  };
  return { ...store, log, memory, usage, quota };
}
