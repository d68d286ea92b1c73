/**
 * What the Worker that stands by does to be quick when it leads. A browser compiles each function of a module when it is called for the
 * first time, and a take-over calls thousands. So an engine of the same module, in a Worker of its own, opens a store, writes, and opens it
 * again as one whose leader has crashed. All of that is in memory: in this Worker there is no other storage, nor are there locks.
 */

import { Instance, type Listener } from "../host/instance.js";
import type { Port } from "../protocol.js";

const listener: Listener = {
  output: () => undefined,
  ended: () => undefined,
  died: () => undefined,
  fenced: () => undefined,
  progress: () => undefined,
  log: () => undefined,
};

const COMMANDS = ["HELLO 3", "SET a 1", "GET a", "MSET b 2 c 3", "INCR a", "EXPIRE b 1000", "HSET h f v", "RPUSH l x", "SADD s x", "ZADD z 1 x", "DEL c"];

/** ms after which a Worker that stands by rehearses: its page, which was opened just now, has better use for the processor. */
const REST = 1000;

/** Has a Worker rehearse in a while. Gives what stops that; it costs nobody anything if it fails. */
export function rehearseLater(module: Promise<WebAssembly.Module>, start: () => Worker): () => void {
  let worker: Worker | undefined;
  let stopped = false;
  const stop = (event?: Event): void => {
    event?.preventDefault(); // no error of this Worker's
    stopped = true;
    worker?.terminate();
  };
  setTimeout(() => {
    const rehearse = (compiled: WebAssembly.Module): void => {
      if (stopped) return;
      worker = start();
      worker.onmessage = worker.onerror = stop;
      worker.postMessage(compiled);
    };
    module.then(rehearse).catch(() => undefined);
  }, REST);
  return stop;
}

/** Serves as that Worker: a module comes, and when it was used the answer is why that failed, or null. */
export function runRehearsal(scope: Port): void {
  scope.onmessage = async ({ data }: MessageEvent<WebAssembly.Module>) => {
    let failure: string | null = null;
    try {
      const storage = new Directory();
      Object.defineProperty(navigator, "storage", { value: storage });
      Object.defineProperty(navigator, "locks", { value: undefined });
      for (let i = 0; i < 2; i++) await rehearse(data);
    } catch (error) {
      failure = String(error);
    }
    scope.postMessage(failure);
  };
}

async function rehearse(module: WebAssembly.Module): Promise<void> {
  const instance = await Instance.open(module, { name: "rehearsal", backend: "opfs", config: ["appendfsync", "always"] }, listener);
  const batch = new TextEncoder().encode(COMMANDS.join("\r\n") + "\r\n");
  for (const session of [instance.openSession(), instance.openNumbered("0123456789abcdef", 1)]) instance.feed(session, batch);
}

/** A directory in memory, with what the engine uses of OPFS. */
class Directory {
  readonly #entries = new Map<string, Directory | File>();
  getDirectory = async (): Promise<Directory> => this;
  getDirectoryHandle = async (name: string): Promise<Directory> => this.#entry(name, Directory);
  getFileHandle = async (name: string): Promise<File> => this.#entry(name, File);
  estimate = async (): Promise<StorageEstimate> => ({ usage: 0, quota: 1e12 });
  keys = async function* (): AsyncGenerator<string> {
    // a store that begins finds no files
  };

  #entry<T extends Directory | File>(name: string, Kind: new () => T): T {
    if (!this.#entries.has(name)) this.#entries.set(name, new Kind());
    return this.#entries.get(name) as T;
  }
}

/** A file in memory, which is its own access handle. */
class File {
  readonly mode = "readwrite-unsafe";
  #bytes = new Uint8Array(0);
  createSyncAccessHandle = async (): Promise<File> => this;
  getSize = (): number => this.#bytes.length;
  flush = (): void => undefined;
  close = (): void => undefined;

  read(into: Uint8Array, { at }: { at: number }): number {
    const part = this.#bytes.subarray(at, at + into.length);
    into.set(part);
    return part.length;
  }

  write(from: Uint8Array, { at }: { at: number }): number {
    if (at + from.length > this.#bytes.length) this.truncate(at + from.length);
    this.#bytes.set(from, at);
    return from.length;
  }

  truncate(size: number): void {
    const before = this.#bytes;
    this.#bytes = new Uint8Array(size);
    this.#bytes.set(before.subarray(0, size));
  }
}
