import type { Argument, Reply } from "../types.js";

/** A key, a name or another word: a string, sent as UTF-8, or bytes. */
export type Text = string | Uint8Array;

/** The name of a key. */
export type Key = Text;

/** An integer. Beyond 2^53 − 1 a bigint says what is meant. */
export type Integer = number | bigint;

/** One, or several. */
export type Many<T> = T | readonly T[];

/** Keys or fields with their values: an object, a Map, or an array, flat or of pairs. */
export type Pairs =
  | { readonly [name: string]: Argument }
  | ReadonlyMap<Argument, Argument>
  | readonly Argument[]
  | readonly (readonly [Argument, Argument])[];

/** What a command answers that has done it: `"OK"`, or its bytes. */
export type Ok<S> = S extends Uint8Array ? S : "OK";

/** Where a scan goes on: `"0"` at first, and again when it is through. */
export type Cursor = Text | Integer;

/** A score or a rank, or in Redis's notation a bound such as `"(1"`, `"+inf"`, `"[a"`. */
export type Bound = number | Text;

/** When a value ends: in seconds or milliseconds from now, or at a Unix time (a number in that unit, or a Date). */
export interface ExpiryOptions {
  EX?: Integer;
  PX?: Integer;
  EXAT?: Integer | Date;
  PXAT?: Integer | Date;
}

/** The same as one value. */
export type Expiration =
  | { type: "EX" | "PX"; value: Integer }
  | { type: "EXAT" | "PXAT"; value: Integer | Date };

/** Options of `set`. */
export interface SetOptions extends ExpiryOptions {
  /** Until when the value lives; `EX`, `PX`, `EXAT`, `PXAT` and `KEEPTTL` say the same in short. */
  expiration?: Expiration | { type: "KEEPTTL" } | "KEEPTTL";
  KEEPTTL?: boolean;
  /** `NX`: only if there is no value; `XX`: only if there is one. */
  condition?: "NX" | "XX";
  NX?: boolean;
  XX?: boolean;
  /** Answers what was there before. */
  GET?: boolean;
}

/** Options of `getEx`, one of them. */
export type GetExOptions = Expiration | { type: "PERSIST" } | ExpiryOptions | { PERSIST: true };

/** A common subsequence: where it stands in both strings. */
export interface LcsMatches {
  matches: [[number, number], [number, number]][];
  len: number;
}

/** The same with the length of each match. */
export interface LcsMatchesWithLength {
  matches: [[number, number], [number, number], number][];
  len: number;
}

/** A range of bytes, or of bits. */
export interface BitRange {
  start: Integer;
  end: Integer;
  mode?: "BYTE" | "BIT";
}

/** Reads an integer among bits: `encoding` is `"u8"`, `"i16"` …, `offset` counts bits, or with `"#"` integers. */
export interface BitFieldGet {
  encoding: string;
  offset: Integer | string;
}

/** A step of `bitField`. */
export type BitFieldOperation =
  | ({ operation: "GET" } & BitFieldGet)
  | ({ operation: "SET"; value: Integer | string } & BitFieldGet)
  | ({ operation: "INCRBY"; increment: Integer } & BitFieldGet)
  | { operation: "OVERFLOW"; behavior: "WRAP" | "SAT" | "FAIL" };

/** Options of `migrate`. */
export interface MigrateOptions {
  COPY?: boolean;
  REPLACE?: boolean;
  AUTH?: { username?: Text; password: Text };
}

/** What a scan of a collection gives: all, or what fits a pattern; about how many at a time. */
export interface ScanCommonOptions {
  MATCH?: Text;
  COUNT?: Integer;
}

/** Options of `scan`. */
export interface ScanOptions extends ScanCommonOptions {
  /** Only keys of this type: `"string"`, `"list"`, `"set"`, `"zset"`, `"hash"`, `"stream"`. */
  TYPE?: Text;
}

/** A part of what was found. */
export interface LimitOptions {
  LIMIT?: { offset: Integer; count: Integer };
}

/** Options of `sort`. */
export interface SortOptions extends LimitOptions {
  BY?: Text;
  GET?: Many<Text>;
  DIRECTION?: "ASC" | "DESC";
  ALPHA?: boolean;
}

/** Options of `lPos`. */
export interface LPosOptions {
  RANK?: Integer;
  MAXLEN?: Integer;
}

/** A member of a sorted set, as commands give it. */
export interface Scored<S> {
  value: S;
  score: number;
}

/** A member of a sorted set, as commands take it. */
export interface ScoredMember {
  score: number;
  value: Argument;
}

/** Options of `zAdd`. */
export interface ZAddOptions {
  condition?: "NX" | "XX";
  NX?: boolean;
  XX?: boolean;
  comparison?: "LT" | "GT";
  LT?: boolean;
  GT?: boolean;
  /** Counts what changed, not only what is new. */
  CH?: boolean;
}

/** Options of `zRange`. */
export interface ZRangeOptions extends LimitOptions {
  BY?: "SCORE" | "LEX";
  REV?: boolean;
}

/** A sorted set and what its scores are multiplied with. */
export interface WeightedKey {
  key: Key;
  weight: number;
}

/** Sorted sets, all with a weight or none. */
export type WeightedKeys = Many<Key> | Many<WeightedKey>;

/** What becomes of the scores of a member of several sets. */
export interface AggregateOptions {
  AGGREGATE?: "SUM" | "MIN" | "MAX";
}

/** A unit of lengths. */
export type GeoUnit = "m" | "km" | "ft" | "mi";

/** A place, in degrees. */
export interface GeoCoordinates {
  longitude: number;
  latitude: number;
}

/** A place with its name. */
export interface GeoMember extends GeoCoordinates {
  member: Argument;
}

/** Options of `geoAdd`. */
export interface GeoAddOptions {
  condition?: "NX" | "XX";
  NX?: boolean;
  XX?: boolean;
  CH?: boolean;
}

/** Where a search starts: at a member, or a place. */
export type GeoFrom = Text | GeoCoordinates;

/** How far a search goes: a circle or a box. */
export type GeoBy = { radius: number; unit: GeoUnit } | { width: number; height: number; unit: GeoUnit };

/** Options of `geoSearch`. */
export interface GeoSearchOptions {
  SORT?: "ASC" | "DESC";
  COUNT?: number | { value: number; ANY?: boolean };
}

/** Options of `geoSearchStore`. */
export interface GeoStoreOptions extends GeoSearchOptions {
  /** Stores the distances as scores. */
  STOREDIST?: boolean;
}

/** What a search tells of each place. */
export type GeoReplyWith = "WITHDIST" | "WITHHASH" | "WITHCOORD";

/** What a search with that tells. */
export interface GeoReply<S> {
  member: S;
  distance?: number;
  hash?: number;
  coordinates?: GeoCoordinates;
}

/** An entry of a stream. */
export interface StreamMessage<S> {
  id: S;
  message: { [field: string]: S };
}

/** What was read of a stream. */
export interface StreamReply<S> {
  name: string;
  messages: StreamMessage<S>[];
}

/** A stream, and behind which entry to read. */
export interface StreamFrom {
  key: Key;
  id: Text;
}

/** Options of `xAdd`. */
export interface XAddOptions {
  TRIM?: { strategy: "MAXLEN" | "MINID"; strategyModifier?: "=" | "~"; threshold: Integer | Text; limit?: Integer };
}

/** Options of `xTrim`. */
export interface XTrimOptions {
  strategyModifier?: "=" | "~";
  /** With `~`: no more entries than this. */
  LIMIT?: Integer;
}

/** Options of `xClaim`. */
export interface XClaimOptions {
  IDLE?: Integer;
  TIME?: Integer | Date;
  RETRYCOUNT?: Integer;
  FORCE?: boolean;
  LASTID?: Text;
}

/** Options of `xRead`. */
export interface XReadOptions {
  COUNT?: Integer;
  /** Milliseconds to wait for entries, 0: without end. Such a call has a session of its own. */
  BLOCK?: Integer;
}

/** Options of `xReadGroup`. */
export interface XReadGroupOptions extends XReadOptions {
  NOACK?: boolean;
}

/** What `xAutoClaim` found. */
export interface Claimed<S, M> {
  nextId: S;
  messages: M[];
  deletedMessages: S[];
}

/** A consumer of a group. Times in milliseconds. */
export interface XInfoConsumer<S> {
  name: S;
  pending: number;
  idle: number;
  inactive: number;
}

/** A group of a stream. */
export interface XInfoGroup<S> {
  name: S;
  consumers: number;
  pending: number;
  "last-delivered-id": S;
  "entries-read": number | null;
  lag: number | null;
}

/** A stream. */
export interface XInfoStream<S> {
  length: number;
  "radix-tree-keys": number;
  "radix-tree-nodes": number;
  "last-generated-id": S;
  "max-deleted-entry-id": S;
  "entries-added": number;
  "recorded-first-entry-id": S;
  groups: number;
  "first-entry": StreamMessage<S> | null;
  "last-entry": StreamMessage<S> | null;
}

/** What a group has pending. */
export interface XPending<S> {
  pending: number;
  firstId: S | null;
  lastId: S | null;
  consumers: { name: S; deliveriesCounter: number }[] | null;
}

/** An entry that is pending. */
export interface XPendingEntry<S> {
  id: S;
  consumer: S;
  millisecondsSinceLastDelivery: number;
  deliveriesCounter: number;
}

/** A session, as `CLIENT LIST` tells of it: Redis's names in camel case. */
export interface ClientInfo {
  id: number;
  addr: string;
  name: string;
  age: number;
  idle: number;
  flags: string;
  db: number;
  sub: number;
  psub: number;
  multi: number;
  cmd: string;
  user: string;
  [name: string]: string | number | undefined;
}

/** Which sessions to end. */
export type ClientKillFilter =
  | "SKIPME"
  | { filter: "ADDR"; address: string }
  | { filter: "LADDR"; localAddress: string }
  | { filter: "ID"; id: number | `${number}` }
  | { filter: "TYPE"; type: "normal" | "master" | "replica" | "pubsub" }
  | { filter: "USER"; username: string }
  | { filter: "SKIPME"; skipMe: boolean };

/** Which sessions to list. */
export type ClientListFilter = { TYPE: "NORMAL" | "MASTER" | "REPLICA" | "PUBSUB" } | { ID: Many<Integer | string> };

/** Options of `clientTracking`. */
export interface ClientTrackingOptions {
  REDIRECT?: Integer;
  BCAST?: boolean;
  PREFIX?: Many<Text>;
  OPTIN?: boolean;
  OPTOUT?: boolean;
  NOLOOP?: boolean;
}

/** Options of `hello`. */
export interface HelloOptions {
  AUTH?: { username: Text; password: Text };
  SETNAME?: Text;
}

/** A command, as `COMMAND` tells of it. */
export interface CommandInfo {
  name: string;
  arity: number;
  flags: Set<string>;
  firstKeyIndex: number;
  lastKeyIndex: number;
  step: number;
  categories: Set<string>;
  tips: string[];
  keySpecs: Reply[];
  subcommands: CommandInfo[];
}

/** What `ROLE` tells: the engine is a master without replicas. */
export interface Role<S> {
  role: S;
  replicationOffest: number;
  replicas: { host: S; port: number; replicationOffest: number }[];
}

/** The keys and other words of a script. */
export interface EvalOptions {
  keys?: readonly Key[];
  arguments?: readonly Argument[];
}
