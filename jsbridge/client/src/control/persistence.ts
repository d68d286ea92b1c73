import { report } from "../live/report.js";
import type { Caller, StoreInfo } from "../types.js";
import { pause } from "./pause.js";
import { status, type LogStatus } from "./status.js";

/** How often a log in trouble is looked at, in ms. */
const LOOK = 1000;

/** An open store as its watchers see it. */
export interface Watched extends Caller {
  readonly store: StoreInfo;
  on(event: "warning" | "leader" | "follower", listener: () => void): () => void;
}

/**
 * Tells whenever the log's state has changed, and at once when it is not healthy now. A log that gets into trouble warns, and another tab
 * that leads may fare differently: then it is looked, and on while it is not healthy. So a healthy log is never asked.
 */
export function watchLog(db: Watched, listener: (log: LogStatus) => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  let state: LogStatus["state"] = "healthy";
  let asked = false;
  let looking = false;

  const tell = (log: LogStatus): void => {
    try {
      listener(log);
    } catch (error) {
      report(error);
    }
  };

  const look = async (): Promise<void> => {
    asked = true;
    if (looking) return;
    looking = true;
    while (asked && !signal.aborted) {
      asked = false;
      try {
        const { log } = await status(db, db.store);
        if (log.state === "off" && state === "healthy") continue; // none, as in memory
        asked = log.state !== "healthy" && log.state !== "off";
        if (log.state !== state && !signal.aborted) {
          state = log.state;
          tell(log);
        }
        if (asked) await pause(LOOK, signal);
      } catch {
        // Nobody leads, or the store was closed: who leads next tells so.
      }
    }
    looking = false;
  };

  for (const event of ["warning", "leader", "follower"] as const) signal.addEventListener("abort", db.on(event, () => void look()));
  void look();
}
