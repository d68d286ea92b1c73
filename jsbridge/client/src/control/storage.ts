import { LockedError, StoreError } from "../errors.js";
import { forgetStore } from "../known.js";
import { names } from "../protocol.js";
import type { Backend, Caller } from "../types.js";
import { info } from "./info.js";

/** What the browser says of keeping this site's storage. */
export interface Persistence {
  /** The browser does not evict it by itself when the disk runs full. Users can still clear it. */
  persisted: boolean;
  /** Why, in words for people. */
  why: string;
}

/**
 * Asks the browser not to evict this site's storage, all of it, when the disk runs full (`navigator.storage.persist()`). Firefox asks the user,
 * so call it behind a click there; Chromium and Safari decide by themselves and tell no reason.
 */
export async function persist(): Promise<Persistence> {
  const manager = globalThis.navigator?.storage as StorageManager | undefined;
  if (typeof manager?.persist !== "function") {
    const why = globalThis.isSecureContext === false ? "the page is not served over HTTPS" : "this browser has no persistent storage";
    return { persisted: false, why };
  }
  if (await manager.persisted()) return { persisted: true, why: "it was granted before" };
  const persisted = await manager.persist();
  return { persisted, why: persisted ? "the browser has granted it" : await refusal() };
}

async function refusal(): Promise<string> {
  let state = "prompt";
  try {
    ({ state } = await navigator.permissions.query({ name: "persistent-storage" }));
  } catch {
    // a browser that does not know this permission
  }
  if (state === "denied") return "the user, or a rule of the browser, has denied it";
  return "the browser has not granted it: the user dismissed its question, or it does not know this site well enough (installing or bookmarking it helps)";
}

/** Room, in bytes. */
export interface Estimate {
  /** What this site uses, all stores and caches, as the browser tells. Browsers round it. */
  usage: number | undefined;
  /** What this site may use. Chromium's figure is not to be relied on: it tells more than there is. */
  quota: number | undefined;
  /** What this store's log takes: base and incr files, and those of the history. */
  log: number;
}

/** How much room the store and its site use and may use. */
export async function estimate(caller: Caller): Promise<Estimate> {
  const [{ usage, quota }, found] = await Promise.all([room(), info(caller, "persistence")]);
  return { usage, quota, log: Number(found["aof_current_size"] ?? 0) + Number(found["aof_history_bytes"] ?? 0) };
}

/** The browser's estimate; empty where there is none. */
export async function room(): Promise<{ usage: number | undefined; quota: number | undefined }> {
  try {
    const { usage, quota } = await navigator.storage.estimate();
    return { usage, quota };
  } catch {
    return { usage: undefined, quota: undefined }; // no such thing here, or not for this page
  }
}

/**
 * Removes a store that nobody has open, on OPFS and on IndexedDB: its files, its manifest, and what the page remembers of it. Without one of this
 * name nothing happens. Rejects with a `LockedError` while a tab has it open. A crash in the middle may leave a part of it, which is
 * no store any more; removing it again removes that too.
 */
export async function destroy(name: string): Promise<void> {
  checkName(name);
  await locked(name, async () => {
    await Promise.all([destroyOnOPFS(name), destroyOnIndexedDB(name)]);
    forgetStore(name);
  });
}

/** The backends on which there is a store of this name, whole or not; first the one that `open` would take. */
export async function storesOf(name: string): Promise<Backend[]> {
  checkName(name);
  const found: Backend[] = [];
  const stores = await openDirectory();
  if (stores !== undefined && (await exists(stores.getDirectoryHandle(name)))) found.push("opfs");
  if (await isOnIndexedDB(name)) found.push("idb");
  return found;
}

function checkName(name: string): void {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(name)) throw new StoreError("NAME", `"${name}" is no name for a store`);
}

// The lock of whoever leads, for which all tabs that have the store open wait, and that of jsbridge/opfs and jsbridge/idb.
async function locked(name: string, fn: () => Promise<void>): Promise<void> {
  const { locks } = globalThis.navigator as { locks?: LockManager };
  if (locks === undefined) return fn(); // where nothing locks; the handles of an open store refuse by themselves
  // One that was released a moment ago may not be free yet. Tabs that wait for it come first, and keep it.
  const alone = async (lock: string, then: () => Promise<void>): Promise<void> => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(inUse(name)), PATIENCE);
    await locks.request(lock, { signal: patience.signal }, () => {
      clearTimeout(timer);
      return then();
    });
  };
  await alone(names.leader(name), () => alone(`tabdis:${name}`, fn));
}

/** How long a lock is waited for, in ms. */
const PATIENCE = 500;

const inUse = (name: string): LockedError => new LockedError("LOCKED", `the store ${name} is open: close it in all tabs first`);

async function openDirectory(): Promise<FileSystemDirectoryHandle | undefined> {
  if (typeof globalThis.navigator?.storage?.getDirectory !== "function") return undefined;
  let root: FileSystemDirectoryHandle;
  try {
    root = await navigator.storage.getDirectory();
  } catch {
    return undefined; // a page that may use no storage has no stores
  }
  try {
    return await root.getDirectoryHandle("tabdis");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function destroyOnOPFS(name: string): Promise<void> {
  const stores = await openDirectory();
  try {
    await stores?.removeEntry(name, { recursive: true });
  } catch (error) {
    if (isMissing(error)) return;
    if (error instanceof DOMException && error.name === "NoModificationAllowedError") throw inUse(name);
    throw new StoreError("IO", `the store ${name} could not be removed: ${String(error)}`);
  }
}

async function isOnIndexedDB(name: string): Promise<boolean> {
  if (typeof indexedDB === "undefined" || typeof indexedDB.databases !== "function") return false;
  return (await indexedDB.databases()).some((database) => database.name === `tabdis:${name}`);
}

function destroyOnIndexedDB(name: string): Promise<void> {
  if (typeof indexedDB === "undefined") return Promise.resolve();
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(`tabdis:${name}`);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new StoreError("IO", `the store ${name} could not be removed: ${String(request.error)}`));
    request.onblocked = () => reject(inUse(name));
  });
}

async function exists(handle: Promise<unknown>): Promise<boolean> {
  try {
    await handle;
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const isMissing = (error: unknown): boolean => error instanceof DOMException && error.name === "NotFoundError";
