import type { Backend } from "../types.js";

/** A backend and the reason for it. */
export interface Choice {
  backend: Backend;
  why: string;
}

/**
 * OPFS where this Worker has it, else IndexedDB. That OPFS is there is asked of the browser alone, never of the store: one that is
 * locked or damaged is an error, not a reason to open another.
 */
export async function chooseBackend(asked: "auto" | Backend): Promise<Choice> {
  if (asked !== "auto") return { backend: asked, why: "asked for" };
  const lack = await lackOfOPFS();
  if (lack === undefined) return { backend: "opfs", why: "the browser has OPFS with synchronous access handles" };
  return { backend: "idb", why: lack };
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
