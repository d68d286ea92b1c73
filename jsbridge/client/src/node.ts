/**
 * tabdis in Node: the same engine in a thread, over real files or in memory.
 *
 * @module node
 */

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Database } from "./database.js";
import { clientsOf } from "./commands/node.js";
import { StoreError } from "./errors.js";
import { destroyFiles } from "./node/destroy.js";
import { Thread } from "./node/thread.js";
import { openOn } from "./open.js";
import type { OpenOptions } from "./types.js";

export * from "./index.js";

/** Options of {@link open} in Node: where the store is, and those of a page but for the browser's storage. */
export interface NodeOpenOptions extends Omit<OpenOptions, "name" | "backend"> {
  /**
   * The directory in which a redis-server or `tabdis serve` would be started on it, as a path or a `file:` address. It is made if it is
   * not there; the log is in its `appendonlydir`.
   */
  dir?: string | URL;
  /** Its name. Without `dir` it stands for the directory of this name within the working directory. */
  name?: string;
  /** `files` (the default) or `memory`, which is only used if you ask for it: it needs no directory, and ends with the store. */
  backend?: "files" | "memory";
}

/**
 * Opens a store in a thread of its own, loading its log.
 *
 * ```ts
 * import { open } from "tabdis/node";
 *
 * const db = await open({ dir: "./data" });
 * await db.call("SET", "greeting", "hello");
 * await db.close();
 * ```
 *
 * The directory is Redis's: after `close()`, `redis-server --dir data --appendonly yes` (≥ 7) goes on with it. Who opens a directory again
 * in the same process shares its store. An open store keeps the process running. What was answered survives the end of the process in any
 * way; see {@link OpenOptions.appendfsync} for a power cut.
 *
 * Rejects with `LockedError` when another process has the directory open, `CorruptLogError` when its log is damaged.
 */
export async function open(options: NodeOpenOptions): Promise<Database> {
  const { dir: where, name, backend = "files", ...rest } = options;
  const dir = backend === "files" ? directory(where, name) : undefined;
  const script = address(rest.workerUrl, "./node-worker.js");
  let thread: Thread | undefined;
  try {
    return await openOn(
      {
        scripts: () => ({ worker: () => (thread = new Thread(script, dir, thread?.ended)), broker: undefined }),
        shared: false,
        destroy: destroyFiles,
        wasmUrl: () => address(rest.wasmUrl, "./tabdis-node.wasm").href,
      },
      { ...rest, name: dir ?? name ?? "memory", backend },
    );
  } catch (error) {
    await thread?.ended; // what it had locked can be opened again
    throw error;
  }
}

function directory(dir: string | URL | undefined, name: string | undefined): string {
  const path = dir ?? name;
  if (path === undefined || path === "") {
    throw new StoreError("NAME", 'open() needs the directory of the store: { dir: "./data" }, or { backend: "memory" }');
  }
  return resolve(path instanceof URL || path.startsWith("file:") ? fileURLToPath(path) : path);
}

// An address, a path, or nothing: then it is beside this file.
function address(given: string | URL | undefined, name: string): URL {
  if (given === undefined) return new URL(name, import.meta.url);
  if (given instanceof URL) return given;
  return URL.canParse(given) && !/^[a-z]:[\\/]/i.test(given) ? new URL(given) : pathToFileURL(given);
}

/** node-redis's `createClient` over a store in files or in memory. See `tabdis/client`. */
export const createClient = clientsOf(open);
