import { StoreError } from "../errors.js";
import { knownBackends, noteStore } from "../known.js";
import type { Backend } from "../types.js";
import { destroy, storesOf } from "./storage.js";
import { isTar, type Member, readTar } from "./tar.js";
import { runTool, type ToolOptions } from "./tools.js";

/** How something is imported. */
export interface ImportOptions extends ToolOptions {
  /** Take the place of a store of this name, if there is one. Without it that is refused with the code `EXISTS`. */
  replace?: boolean;
  /** Leave out functions and what modules keep, which are refused otherwise. */
  skipFunctions?: boolean;
  /** Called while it goes on. */
  onProgress?: (progress: ImportProgress) => void;
}

/** How far an import is. */
export interface ImportProgress {
  /** The source comes in, is read, is written as a store. */
  phase: "receive" | "read" | "write";
  /** The file that is read. */
  file?: string;
  /** Bytes so far. */
  bytes: number;
  /** Of so many, if that is known. */
  totalBytes?: number;
  /** Commands that were read. */
  commands?: number;
}

/** What was imported. */
export interface ImportReport {
  backend: Backend;
  keys: number;
  commands: number;
  /** Keys of an RDB file that were left out, past their time. */
  expired: number;
  /** As many databases as the store needs: with more than 16, open it with `config: { databases }`. */
  databases: number;
  /** An incomplete write at the end of the log that is not part of it. */
  truncated?: { file: string; offset: number; bytes: number };
  /** What was left out. */
  skipped?: string[];
}

/** What can be imported. A directory is a Redis's `dir` or its `appendonlydir`; a Blob or stream a tar archive of one (gzip too), or one file of it. */
export type ImportSource = FileSystemDirectoryHandle | Blob | ReadableStream<Uint8Array>;

/**
 * Makes a store of what a Redis left, or a tabdis: an append-only directory, a single append-only file, or an RDB file. It is a new store, or with
 * `replace` takes the place of one, which nobody may have open: at once when all is written and durable. A crash or an error before that leaves
 * the old store as it was. Rejects with code `SOURCE` when the source is damaged or holds nothing of the kind, `EXISTS`, `LOCKED`, `QUOTA`.
 */
export async function importFrom(name: string, source: ImportSource, options: ImportOptions = {}): Promise<ImportReport> {
  const { signal, onProgress, replace = false, skipFunctions = false } = options;
  signal?.throwIfAborted();
  const before = await storesOf(name); // first: a wrong name, too, is told before much is read
  const found = locate(await gather(source, options));
  const args = { ...found, name, backend: options.backend ?? "auto", known: knownBackends(name), replace, skipFunctions };
  let report: ImportReport;
  try {
    report = (await runTool("import", args, options, ([, phase, file, bytes, totalBytes, commands]) => {
      const progress = { phase, bytes, commands } as ImportProgress;
      onProgress?.(phase === "read" ? { ...progress, file: file as string, totalBytes: totalBytes as number } : progress);
    })) as ImportReport;
  } catch (error) {
    // What it has begun is no store yet. One that could not be removed is empty.
    if (before.length === 0 && !(error instanceof StoreError && error.code === "EXISTS")) await destroy(name).catch(() => undefined);
    throw error;
  }
  noteStore(name, report.backend, report.backend, false);
  return report;
}

/** Gives the files of a source: those of a directory and of the directories in it. */
async function gather(source: ImportSource, { signal, onProgress }: ImportOptions): Promise<Member[]> {
  if (source instanceof ReadableStream) {
    let bytes = 0;
    const counted = source.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.length;
          onProgress?.({ phase: "receive", bytes });
          controller.enqueue(chunk);
        },
      }),
      signal === undefined ? {} : { signal },
    );
    return unpack(await new Response(counted as ReadableStream<Uint8Array<ArrayBuffer>>).blob());
  }
  if (source instanceof Blob) return unpack(source);
  if (typeof source?.getDirectoryHandle !== "function") throw new TypeError("importFrom() takes a Blob, a ReadableStream or a directory's handle");
  const members: Member[] = [];
  const visit = async (directory: FileSystemDirectoryHandle, path: string, depth: number): Promise<void> => {
    for await (const [name, handle] of directory) {
      if (handle.kind === "file") members.push({ path: path + name, content: await (handle as FileSystemFileHandle).getFile() });
      else if (depth > 0) await visit(handle as FileSystemDirectoryHandle, `${path}${name}/`, depth - 1);
    }
  };
  await visit(source, "", 1);
  return members;
}

const startOf = async (blob: Blob, length: number): Promise<Uint8Array> => new Uint8Array(await blob.slice(0, length).arrayBuffer());

/** The files in an archive, or the one file that this is. */
async function unpack(blob: Blob): Promise<Member[]> {
  const head = await startOf(blob, 512);
  if (head[0] === 0x1f && head[1] === 0x8b) {
    return unpack(await new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).blob());
  }
  if (isTar(head)) return readTar(blob);
  const start = new TextDecoder().decode(head.subarray(0, 5));
  if (start === "REDIS") return [{ path: DUMP, content: blob }];
  if (start.startsWith("*") || start.startsWith("#")) return [{ path: LOG, content: blob }];
  throw new StoreError("SOURCE", "this is no tar archive, RDB file or append-only file");
}

const LOG = "appendonly.aof";
const DUMP = "dump.rdb";
const MANIFEST = ".manifest";

/** What the engine is to read: the files of one directory, those beside it, and how a server would call them. */
interface Found {
  files: Record<string, Blob>;
  beside: Record<string, Blob>;
  filename: string;
  dump: string;
}

// As a Redis would: the directory of the log, else a single log, else a dump.
function locate(members: Member[]): Found {
  const only = (what: string, found: Member[]): Member | undefined => {
    if (found.length > 1) throw new StoreError("SOURCE", `there are several ${what}, and only one can be imported: ${found.map((m) => m.path).join(", ")}`);
    return found[0];
  };
  const manifest = only("logs", members.filter(({ path }) => path.endsWith(MANIFEST)));
  if (manifest !== undefined) {
    const directory = manifest.path.slice(0, manifest.path.lastIndexOf("/") + 1);
    const parent = directory.slice(0, directory.lastIndexOf("/", directory.length - 2) + 1);
    const filename = manifest.path.slice(directory.length, -MANIFEST.length);
    return { files: filesIn(members, directory), beside: directory === "" ? {} : filesIn(members, parent), filename, dump: DUMP };
  }
  const log = only("append-only files", members.filter(({ path }) => path.endsWith(".aof")));
  const dump = log ?? only("RDB files", members.filter(({ path }) => path.endsWith(".rdb")));
  if (dump === undefined) throw new StoreError("SOURCE", "there is no append-only log and no RDB file in it");
  const name = dump.path.slice(dump.path.lastIndexOf("/") + 1);
  return { files: { [name]: dump.content }, beside: {}, filename: log === undefined ? LOG : name, dump: log === undefined ? name : DUMP };
}

// A directory's own files, by their names.
function filesIn(members: Member[], directory: string): Record<string, Blob> {
  const files: Record<string, Blob> = {};
  for (const { path, content } of members) {
    const name = path.slice(directory.length);
    if (path.startsWith(directory) && !name.includes("/")) files[name] = content;
  }
  return files;
}
