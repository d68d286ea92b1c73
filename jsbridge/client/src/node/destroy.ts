import { existsSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { LockedError, StoreError } from "../errors.js";
import { syncDirectory } from "../host/nodefile.mjs";
import { giveUpLock, takeLock } from "../host/nodelock.mjs";

/**
 * Removes the store in a directory: its log with all that belongs to it, and the directories if nothing else is in them. The manifest goes
 * first, and durably: what a crash in the middle leaves is no store any more.
 */
export async function destroyFiles(dir: string): Promise<void> {
  const log = join(dir, "appendonlydir");
  if (!existsSync(log)) return;
  const lock = join(log, ".lock");
  try {
    takeLock(lock);
  } catch (error) {
    throw new LockedError("LOCKED", `the store in ${dir} is open: ${String(error)}`);
  }
  try {
    const names = readdirSync(log).filter((name) => name.replace(/^\.new-/, "").startsWith("appendonly.aof"));
    const isManifest = (name: string): boolean => name === "appendonly.aof.manifest";
    for (const name of names.filter(isManifest)) unlinkSync(join(log, name));
    syncDirectory(log);
    for (const name of names) if (!isManifest(name)) unlinkSync(join(log, name));
  } catch (error) {
    throw new StoreError("IO", `the store in ${dir} could not be removed: ${String(error)}`);
  } finally {
    giveUpLock(lock);
  }
  for (const emptied of [log, dir]) {
    try {
      rmdirSync(emptied);
    } catch {
      return; // something else is in it
    }
  }
}
