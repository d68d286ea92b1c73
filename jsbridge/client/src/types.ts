/** One word of a command. Strings are sent as UTF-8, numbers and bigints as their decimal text, bytes as they are. */
export type Argument = string | number | bigint | Uint8Array;

/**
 * A RESP3 reply as a JavaScript value.
 *
 * | reply | value |
 * |---|---|
 * | simple, bulk and verbatim string | `string` (`Uint8Array` from `db.binary`) |
 * | integer | `number`, beyond 2^53 − 1 `bigint` |
 * | double | `number` |
 * | big number | `bigint` |
 * | boolean | `boolean` |
 * | null | `null` |
 * | array, set, push | `Array` |
 * | map | a plain object without prototype, its keys as strings |
 * | error inside another reply | {@link ReplyError} as a value |
 *
 * These are the defaults of node-redis under RESP3. An error that is the whole reply rejects the promise instead.
 */
export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | Error
  | Reply[]
  | { [key: string]: Reply };

/** Where a store keeps its log: in the browser's OPFS or IndexedDB, in files (`tabdis/node`), or nowhere. */
export type Backend = "opfs" | "idb" | "files" | "memory";

/** When the log is made durable: before each reply, once a second, or when the browser likes. */
export type SyncPolicy = "always" | "everysec" | "no";

/** What loading the log has to tell while it goes on. */
export interface LoadProgress {
  /** The file that is being read. */
  file: string;
  /** Bytes read so far, of all files. */
  bytes: number;
  /** Bytes that all files have. */
  totalBytes: number;
  /** Commands replayed so far. */
  commands: number;
}

/** What loading found. */
export interface LoadReport {
  /** There was no log: the store is new. */
  created: boolean;
  /** With `created`: the origin remembers a store of this name, so its data is lost. Absent when it does not, which proves nothing. */
  vanished?: true;
  /** Commands replayed. */
  commands: number;
  /** Bytes read. */
  bytes: number;
  /** A torn end that was cut off and set aside; absent when the end was clean. */
  truncated?: {
    /** The file that had it. */
    file: string;
    /** Where it began, in bytes: the file ends there now. */
    offset: number;
    /** How long it was, in bytes. */
    bytes: number;
    /** The file that keeps it. */
    kept: string;
  };
}

/** Options of {@link open}. */
export interface OpenOptions {
  /** The store's name: letters, digits, `.`, `-`, `_`. One store of a name exists for each origin and backend. */
  name: string;
  /** `auto` (the default) is OPFS where it works in Workers, else IndexedDB; never memory. */
  backend?: "auto" | Exclude<Backend, "files">;
  /** Default `everysec`. */
  appendfsync?: SyncPolicy;
  /** Bytes the data may take, as a number or in Redis's notation (`"512mb"`). Default 1 GiB; 0 is no limit. */
  maxmemory?: number | string;
  /** Further parameters under Redis's names. */
  config?: Record<string, string | number>;
  /** Ends opening; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /**
   * What calls do while the tab that runs the engine does not answer and cannot be replaced, its process being stopped: 0, the default:
   * they wait; else they are rejected with `LeaderUnresponsiveError` after so many ms, at least 3,000.
   */
  unresponsive?: number;
  /** Called while the log loads. */
  onProgress?: (progress: LoadProgress) => void;
  /** Called with the engine's log lines, in redis-server's wording. Level: 0 debug, 1 verbose, 2 notice, 3 warning. */
  onLog?: (level: number, line: string) => void;
  /** The store's storage fails when told to; `openLab` of `tabdis/lab` sets it, with the engine that it takes. */
  lab?: boolean;
  /** Where `tabdis.wasm` is, if not beside the module. */
  wasmUrl?: string | URL;
  /** Where `worker.js` is, if not beside the module; of the page's own origin. */
  workerUrl?: string | URL;
}

/** What an open store is. */
export interface StoreInfo {
  /** The store's name; in Node its directory. */
  readonly name: string;
  /** Where its log is. */
  readonly backend: Backend;
  /** Why this backend. */
  readonly why: string;
  /** What loading its log has found, the last time. */
  readonly load: LoadReport;
  /** Whether the engine runs in this page's Worker, or in another tab's. */
  readonly role: "leader" | "follower";
  /** How often the leading Worker has replaced its engine from the log. */
  readonly restarts: number;
}

/** Calls commands and gives their replies. */
export interface Caller {
  /** Runs one command, e.g. `call('SET', 'key', 'value')`. Rejects with a `ReplyError` when the reply is an error. */
  call(...args: Argument[]): Promise<Reply>;
}
