import { StoreError } from "../errors.js";
import type { Control } from "./control.js";
import { unless } from "./pause.js";
import { tarEnd, tarHeader, tarPadding } from "./tar.js";
import type { Caller } from "../types.js";

/** How a store is exported. */
export interface ExportOptions {
  /**
   * `aof` (the default): Redis's append-only directory, `appendonlydir`. Into a directory it goes as that, so that
   * `redis-server --dir <directory> --appendonly yes` starts on it; into a stream as a tar archive of it.
   * `rdb`: an RDB file, `dump.rdb` in a directory. Both load in Redis 7.0 and later.
   */
  format?: "aof" | "rdb";
  /** Gives the export up; it rejects with the signal's reason. What it has made in a directory is removed. */
  signal?: AbortSignal;
  /** Called while it goes on. */
  onProgress?: (progress: ExportProgress) => void;
}

/** How far an export is. */
export interface ExportProgress {
  /** Bytes that were written. */
  bytes: number;
  /** The share of the keys that are in them, from 0 to 1. */
  fraction: number;
}

/** What was exported. */
export interface ExportReport {
  /** Bytes of data, without what an archive or the file system adds. */
  bytes: number;
  /** Paths from the directory, or in the archive; empty for a stream of an RDB file. */
  files: string[];
}

/** Where an export goes. Its methods are called one after another. */
interface Output {
  /** Takes bytes; with `whole` a command ends behind them. */
  write(bytes: Uint8Array<ArrayBuffer>, whole: boolean): Promise<void>;
  finish(): Promise<string[]>;
  /** Removes what was made. */
  abandon(reason: unknown): Promise<void>;
}

const DIRECTORY = "appendonlydir";
const NAME = "appendonly.aof";
const DUMP = "dump.rdb";

/** A file of an archive ends behind this many bytes: its size stands before it, so it is gathered first. */
const MEMBER = 4 << 20;

const baseName = `${NAME}.1.base.aof`;
const incrName = (n: number): string => `${NAME}.${n}.incr.aof`;

const manifest = (incrs: number): Uint8Array<ArrayBuffer> => {
  let text = `file ${baseName} seq 1 type b\n`;
  for (let n = 1; n <= incrs; n++) text += `file ${incrName(n)} seq ${n} type i\n`;
  return new TextEncoder().encode(text);
};

/**
 * Writes what the store holds at one moment, behind all that was called before, while it goes on serving. No more is on its way than a few chunks, at the pace of the target;
 * what commands change meanwhile is sent first. It ends with the store and with the engine, however slow the target is, which is aborted then. Rejects with
 * a `ClosedError` when the store is closed meanwhile, a `StoreError` of code `LEADER` when the tab that runs the engine is gone, `STOPPED` when its log
 * cannot wait any longer, `EXISTS` when the directory holds such an export already, or with the error of the target.
 */
export async function exportTo(
  caller: Caller,
  control: Control,
  target: FileSystemDirectoryHandle | WritableStream<Uint8Array>,
  options: ExportOptions = {},
): Promise<ExportReport> {
  const { format = "aof", signal, onProgress } = options;
  signal?.throwIfAborted();
  const output = await openOutput(target, format);
  let bytes = 0;
  let writing = Promise.resolve();
  const failed = new AbortController();
  const stop = (): void => failed.abort(signal?.reason);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted === true) stop(); // while the output was opened
  try {
    await unless(failed.signal, caller.call("ECHO", "")); // what was called before has been executed now
    const report = await control.control("export", { form: format === "rdb" ? "rdb" : "commands" }, {
      signal: failed.signal,
      onTold([, chunk, whole, fraction], tell) {
        const piece = chunk as Uint8Array<ArrayBuffer>;
        const { length } = piece;
        writing = writing.then(async () => {
          if (failed.signal.aborted) return;
          await output.write(piece, whole as boolean);
          bytes += length;
          onProgress?.({ bytes, fraction: fraction as number });
          tell("more", length);
        });
        writing.catch((error: unknown) => failed.abort(error));
      },
      async finish() {
        await writing;
        failed.signal.throwIfAborted();
        return { bytes, files: await output.finish() };
      },
    });
    return report as ExportReport;
  } catch (error) {
    failed.abort(error);
    await output.abandon(error).catch(() => undefined); // the error that matters is the first
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

async function openOutput(target: FileSystemDirectoryHandle | WritableStream<Uint8Array>, format: "aof" | "rdb"): Promise<Output> {
  if (target instanceof WritableStream) return format === "rdb" ? rdbToStream(target.getWriter()) : tarToStream(target.getWriter());
  if (typeof target?.getDirectoryHandle !== "function") throw new TypeError("exportTo() takes a WritableStream or a directory's handle");
  return format === "rdb" ? rdbToDirectory(target) : aofToDirectory(target);
}

type Writer = WritableStreamDefaultWriter<Uint8Array>;

// A stream may be stuck: it is not waited for.
async function giveUp(writer: Writer, reason: unknown): Promise<void> {
  writer.abort(reason).catch(() => undefined);
}

function rdbToStream(writer: Writer): Output {
  return {
    write: (bytes) => writer.write(bytes),
    async finish() {
      await writer.close();
      return [];
    },
    abandon: (reason) => giveUp(writer, reason),
  };
}

// The base, and behind it incr files, each of whole commands.
function tarToStream(writer: Writer): Output {
  const files: string[] = [];
  const time = Math.floor(Date.now() / 1000);
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const member = async (name: string, parts: Uint8Array<ArrayBuffer>[]): Promise<void> => {
    const path = `${DIRECTORY}/${name}`;
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    await writer.write(tarHeader(path, length, time));
    for (const part of parts) await writer.write(part);
    await writer.write(tarPadding(length));
    files.push(path);
  };
  const flush = async (): Promise<void> => {
    const gathered = parts;
    [parts, size] = [[], 0];
    await member(files.length === 0 ? baseName : incrName(files.length), gathered);
  };
  return {
    async write(bytes, whole) {
      parts.push(bytes);
      size += bytes.length;
      if (whole && size >= MEMBER) await flush();
    },
    async finish() {
      if (size > 0 || files.length === 0) await flush();
      if (files.length === 1) await flush(); // a Redis appends to an incr file
      await member(`${NAME}.manifest`, [manifest(files.length - 1)]);
      await writer.write(tarEnd());
      await writer.close();
      return files;
    },
    abandon: (reason) => giveUp(writer, reason),
  };
}

async function rdbToDirectory(directory: FileSystemDirectoryHandle): Promise<Output> {
  const file = await (await directory.getFileHandle(DUMP, { create: true })).createWritable();
  return {
    write: (bytes) => file.write(bytes),
    async finish() {
      await file.close(); // only now it takes the place of an older one
      return [DUMP];
    },
    abandon: (reason) => file.abort(reason),
  };
}

// The manifest comes last: what a crash leaves before that, no server loads.
async function aofToDirectory(parent: FileSystemDirectoryHandle): Promise<Output> {
  const directory = await parent.getDirectoryHandle(DIRECTORY, { create: true });
  for await (const name of directory.keys()) {
    throw new StoreError("EXISTS", `${DIRECTORY} is there already and not empty (${name} …): choose another directory, or remove it`);
  }
  const create = async (name: string): Promise<FileSystemWritableFileStream> =>
    (await directory.getFileHandle(name, { create: true })).createWritable();
  const base = await create(baseName);
  return {
    write: (bytes) => base.write(bytes),
    async finish() {
      await base.close();
      await (await create(incrName(1))).close();
      const last = await create(`${NAME}.manifest`);
      await last.write(manifest(1));
      await last.close();
      return [baseName, incrName(1), `${NAME}.manifest`].map((name) => `${DIRECTORY}/${name}`);
    },
    async abandon(reason) {
      await base.abort(reason);
      await parent.removeEntry(DIRECTORY, { recursive: true });
    },
  };
}
