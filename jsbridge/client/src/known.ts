/**
 * What an origin remembers of its stores elsewhere than in them. A browser may take a store away, or find a database damaged and begin
 * an empty one in its place, and the page that comes next sees a store that was never there. localStorage is kept apart from OPFS and
 * IndexedDB, so a name that it knows tells a store that is lost from one that is new. It does not know all: a user who clears the site's
 * data clears it too, Workers have none, and its last seconds may be lost.
 */

import type { Backend } from "./types.js";

const BACKENDS = ["opfs", "idb"] as const;

const key = (name: string, backend: string): string => `tabdis:${backend}:${name}`;

/** The backends on which the origin remembers a store of this name. */
export function knownBackends(name: string): Backend[] {
  try {
    return BACKENDS.filter((backend) => globalThis.localStorage.getItem(key(name, backend)) !== null);
  } catch {
    return []; // no localStorage here, or none for this page
  }
}

/**
 * Notes that this store is there, and tells whether one is missing: it was `created` just now, and the origin remembers one on the
 * backend that was asked for. That is told once.
 */
export function noteStore(name: string, asked: "auto" | Backend, backend: Backend, created: boolean): boolean {
  if (backend === "memory" || backend === "files") return false;
  const missing = created ? knownBackends(name).filter((known) => asked === "auto" || known === backend) : [];
  try {
    for (const known of missing) globalThis.localStorage.removeItem(key(name, known));
    globalThis.localStorage.setItem(key(name, backend), "");
  } catch {
    // as above, or it is full
  }
  return missing.length > 0;
}

/** Forgets a store that was removed. */
export function forgetStore(name: string): void {
  try {
    for (const backend of BACKENDS) globalThis.localStorage.removeItem(key(name, backend));
  } catch {
    // no localStorage here, or none for this page
  }
}
