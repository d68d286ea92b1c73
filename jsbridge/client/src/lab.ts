/** Fault injection, `tabdis/lab`: for tests, and for seeing what a store does when its disk fails. */

import { labOf, type Lab } from "./control/lab.js";
import type { Database } from "./database.js";
import { open } from "./open.js";
import type { OpenOptions } from "./types.js";

export type { Fault, Lab, LabOperation } from "./control/lab.js";

/**
 * Opens a store whose storage fails when {@link lab} says so: `open` with `lab: true` and the engine of the tools, which other stores do not load.
 * Nothing else is different, so a store may be opened for the lab for once.
 *
 * ```ts
 * const db = await openLab({ name: "trial", appendfsync: "always" });
 * await lab(db).fail({ ops: "sync", count: 1 });
 * await db.call("SET", "k", "v"); // rejects with a NotDurableError
 * ```
 */
export function openLab(options: OpenOptions): Promise<Database> {
  return open({ ...options, lab: true, wasmUrl: options.wasmUrl ?? new URL("./tabdis-tools.wasm", import.meta.url) });
}

/** The faults of a store that {@link openLab} has opened. Of any other its methods reject with a `StoreError`. */
export function lab(db: Database): Lab {
  return labOf(db.controls);
}
