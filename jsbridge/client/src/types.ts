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

/** Where a store keeps its log. */
export type Backend = "opfs" | "idb" | "memory";

/** When the log is made durable: before each reply, once a second, or when the browser likes. */
export type SyncPolicy = "always" | "everysec" | "no";

/** What loading the log has to tell while it goes on. */
export interface LoadProgress {
  file: string;
  bytes: number;
  totalBytes: number;
  commands: number;
}

/** What loading found. */
export interface LoadReport {
  /** There was no log: the store is new. */
  created: boolean;
  /** With `created`: the origin remembers a store of this name, so its data is lost. Absent when it does not, which proves nothing. */
  vanished?: true;
  /** Commands replayed and bytes read. */
  commands: number;
  bytes: number;
  /** A torn end that was cut off and set aside; absent when the end was clean. */
  truncated?: { file: string; offset: number; bytes: number; kept: string };
}

/** Options of {@link open}. */
export interface OpenOptions {
  /** The store's name: letters, digits, `.`, `-`, `_`. One store of a name exists for each origin and backend. */
  name: string;
  /** `auto` (the default) is OPFS where it works in Workers, else IndexedDB; never memory. */
  backend?: "auto" | Backend;
  /** Default `everysec`. */
  appendfsync?: SyncPolicy;
  /** Bytes the data may take, as a number or in Redis's notation (`"512mb"`). Default 1 GiB; 0 is no limit. */
  maxmemory?: number | string;
  /** Further parameters under Redis's names. */
  config?: Record<string, string | number>;
  /** Ends opening; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called while the log loads. */
  onProgress?: (progress: LoadProgress) => void;
  /** Called with the engine's log lines, in redis-server's wording. Level: 0 debug, 1 verbose, 2 notice, 3 warning. */
  onLog?: (level: number, line: string) => void;
  /** The store's storage fails when told to; `openLab` of `tabdis/lab` sets it, with the engine that it takes. */
  lab?: boolean;
  /** Where `tabdis.wasm` and `worker.js` are, if not beside the module. */
  wasmUrl?: string | URL;
  workerUrl?: string | URL;
}

/** What an open store is. */
export interface StoreInfo {
  readonly name: string;
  readonly backend: Backend;
  /** Why this backend. */
  readonly why: string;
  readonly load: LoadReport;
  /** How often the engine has been replaced from its log since the store was opened. */
  readonly restarts: number;
}
