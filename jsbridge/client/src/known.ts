/**
 * What an origin remembers of its stores elsewhere than in them. A browser may take a store away, or find a database damaged and begin
 * an empty one in its place, and the page that comes next sees a store that was never there. localStorage is kept apart from OPFS and
 * IndexedDB, so a name that it knows tells a store that is lost from one that is new. It does not know all: a user who clears the site's
 * data clears it too, Workers have none, and its last seconds may be lost.
 */

import type { Backend } from "./types.js";

const key = (name: string, backend: string): string => `tabdis:${backend}:${name}`;

/**
 * Notes that this store is there, and tells whether it had been when it was `created` just now. `asked` is the backend that was asked
 * for: with `auto` a store of this name on the other backend is the one that is missed.
 */
export function noteStore(name: string, asked: "auto" | Backend, backend: Backend, created: boolean): boolean {
  if (backend === "memory") return false;
  try {
    const storage = globalThis.localStorage;
    const candidates = asked === "auto" ? ["opfs", "idb"] : [backend];
    const known = candidates.filter((candidate) => storage.getItem(key(name, candidate)) !== null);
    if (created) for (const candidate of known) storage.removeItem(key(name, candidate)); // it is told once
    storage.setItem(key(name, backend), "");
    return created && known.length > 0;
  } catch {
    return false; // no localStorage here, or none for this page
  }
}
