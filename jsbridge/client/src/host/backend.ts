import type { Backend } from "../types.js";

/** A backend and the reason for it. */
export interface Choice {
  backend: Backend;
  why: string;
}

/**
 * OPFS where this Worker has it, else IndexedDB. That OPFS is there is asked of the browser alone, never of the store: one that is
 * locked or damaged is an error, not a reason to open another. A store that was born on IndexedDB, before the browser had OPFS, stays
 * there: its name must not lead to a new, empty one. Nor is a store that was `known` on OPFS begun anew on IndexedDB when OPFS fails
 * for once.
 */
export async function chooseBackend(asked: "auto" | Backend, name: string, known: readonly Backend[]): Promise<Choice> {
  if (asked !== "auto") return { backend: asked, why: "asked for" };
  const lack = await lackOfOPFS();
  if (lack !== undefined && known.includes("opfs")) throw new Error(`the store ${name} is on OPFS, and ${lack}`);
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

async function lackOfOPFS(): Promise<string | undefined> {
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
