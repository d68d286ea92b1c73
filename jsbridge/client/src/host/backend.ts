import type { Backend } from "../types.js";
import { InstanceError } from "./instance.js";

/** A backend and the reason for it. */
export interface Choice {
  backend: Backend;
  why: string;
}

/**
 * OPFS where this Worker has it, else IndexedDB. That OPFS is there is asked of the browser alone, never of the store: one that is
 * locked or damaged is an error, not a reason to open another. A store that was born on IndexedDB, before the browser had OPFS, stays
 * there: its name must not lead to a new, empty one. Nor is a store that was `known` on OPFS begun anew on IndexedDB when OPFS fails
 * for once. What the browser lacks is an error of code `BACKEND`. `found`: this Worker has seen that OPFS is there.
 */
export async function chooseBackend(asked: "auto" | Backend, name: string, known: readonly Backend[], found = false): Promise<Choice> {
  const lack = !found && (asked === "auto" || asked === "opfs") ? await lackOfOPFS() : undefined;
  if (lack !== undefined && (asked === "opfs" || known.includes("opfs"))) {
    throw new InstanceError("BACKEND", `the store ${name} ${asked === "opfs" ? "was to be" : "is"} on OPFS, and ${lack}`);
  }
  if ((asked === "idb" || lack !== undefined) && typeof indexedDB === "undefined") {
    throw new InstanceError("BACKEND", `the store ${name} cannot be kept: ${lack === undefined ? "" : `${lack}, and `}there is no IndexedDB here`);
  }
  if (asked !== "auto") return { backend: asked, why: "asked for" };
  if (lack !== undefined) return { backend: "idb", why: lack };
  if ((await isOnIndexedDB(name)) && !(await isOnOPFS(name))) {
    return { backend: "idb", why: "the store was made on IndexedDB, before OPFS was there" };
  }
  return { backend: "opfs", why: "the browser has OPFS with synchronous access handles" };
}

// Where jsbridge/opfs and jsbridge/idb keep a store.
async function isOnOPFS(name: string): Promise<boolean> {
  try {
    const stores = await (await navigator.storage.getDirectory()).getDirectoryHandle("tabdis");
    await stores.getDirectoryHandle(name);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return false;
    throw error;
  }
}

async function isOnIndexedDB(name: string): Promise<boolean> {
  if (typeof indexedDB === "undefined" || typeof indexedDB.databases !== "function") return false;
  return (await indexedDB.databases()).some((database) => database.name === `tabdis:${name}`);
}

/** Why OPFS cannot be used in this Worker; undefined: it can. */
export async function lackOfOPFS(): Promise<string | undefined> {
  if (typeof navigator.storage?.getDirectory !== "function") return "the browser has no OPFS";
  if (typeof FileSystemFileHandle === "undefined" || !("createSyncAccessHandle" in FileSystemFileHandle.prototype)) {
    return "the browser's OPFS has no synchronous access handles";
  }
  try {
    await navigator.storage.getDirectory();
    return undefined;
  } catch (error) {
    return `the browser refuses OPFS here: ${error instanceof Error ? error.message : String(error)}`;
  }
}
