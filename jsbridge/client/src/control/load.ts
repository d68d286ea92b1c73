import type { Persistence } from "./storage.js";

/** Loads the operations. */
export const operations = (): Promise<typeof import("./operations.js")> => import("./operations.js");

/**
 * Removes a store that nobody has open, on OPFS and on IndexedDB: its files, its manifest, and what the page remembers of it. Without one of this
 * name nothing happens. Rejects with a `LockedError` while a tab has it open. A crash in the middle may leave a part of it, which is
 * no store any more; removing it again removes that too.
 */
export async function destroy(name: string): Promise<void> {
  return (await operations()).destroy(name);
}

/** Asks the browser to keep this site's storage, and tells what it says and why. */
export async function persist(): Promise<Persistence> {
  return (await operations()).persist();
}
