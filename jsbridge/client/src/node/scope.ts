/**
 * What the Worker's code uses of a Worker's global scope, in a thread of Node. To be imported before worker.ts.
 */

import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import * as nodefile from "../host/nodefile.mjs";
import { platform } from "../host/platform.js";

const { port } = workerData as { port: MessagePort };

interface Scope {
  onmessage: MessagePort["onmessage"];
  onerror: ((message: string, source?: string, line?: number, column?: number, error?: unknown) => boolean) | null;
}

platform.node = nodefile;

Object.defineProperty(globalThis, "onmessage", {
  get: () => port.onmessage,
  set: (handler: Scope["onmessage"]) => {
    port.onmessage = handler;
  },
});
Object.assign(globalThis, {
  self: globalThis,
  name: "tabdis",
  location: { href: import.meta.url },
  onerror: null,
  postMessage: port.postMessage.bind(port),
  fetch: fetchFile(globalThis.fetch),
});

// Node's own does not know file:.
function fetchFile(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (resource, options) => {
    const url = String(resource);
    return url.startsWith("file:") ? new Response(new Uint8Array(await readFile(new URL(url)))) : fetch(resource, options);
  };
}

// An error that nobody catches ends the thread, as the owner hears, unless the scope knows of it.
process.on("uncaughtException", (error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  if ((globalThis as unknown as Scope).onerror?.(message, undefined, undefined, undefined, error) === true) return;
  parentPort?.postMessage(message);
  process.exit(1);
});
