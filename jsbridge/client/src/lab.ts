/** Fault injection, `tabdis/lab`: for tests, and for seeing what a store does when its disk fails. */

import type { Database } from "./client.js";
import { labOf, type Lab } from "./control/lab.js";

export type { Fault, Lab, LabOperation } from "./control/lab.js";

/**
 * The faults of a store that was opened with `lab: true`; of any other their methods reject.
 *
 * ```ts
 * const db = await open({ name: "trial", lab: true, appendfsync: "always" });
 * await lab(db).fail({ ops: "sync", count: 1 });
 * await db.call("SET", "k", "v"); // rejects with a NotDurableError
 * ```
 */
export function lab(db: Database): Lab {
  return labOf(db.controls);
}
