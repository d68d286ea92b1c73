// Made by `go generate ./tests/methods` from core/command's table and tests/methods/methods.txt. Not to be edited.
import type { Argument, Reply } from "../types.js";
import type {
  AggregateOptions,
  BitFieldGet,
  BitFieldOperation,
  BitRange,
  Bound,
  Claimed,
  ClientInfo,
  ClientKillFilter,
  ClientListFilter,
  ClientTrackingOptions,
  CommandInfo,
  Cursor,
  EvalOptions,
  GeoAddOptions,
  GeoBy,
  GeoCoordinates,
  GeoFrom,
  GeoMember,
  GeoReply,
  GeoReplyWith,
  GeoSearchOptions,
  GeoStoreOptions,
  GeoUnit,
  GetExOptions,
  HelloOptions,
  Integer,
  Key,
  LPosOptions,
  LcsMatches,
  LcsMatchesWithLength,
  LimitOptions,
  Many,
  MigrateOptions,
  Ok,
  Pairs,
  Role,
  ScanCommonOptions,
  ScanOptions,
  Scored,
  ScoredMember,
  SetOptions,
  SortOptions,
  StreamFrom,
  StreamMessage,
  StreamReply,
  Text,
  WeightedKeys,
  XAddOptions,
  XClaimOptions,
  XInfoConsumer,
  XInfoGroup,
  XInfoStream,
  XPending,
  XPendingEntry,
  XReadGroupOptions,
  XReadOptions,
  XTrimOptions,
  ZAddOptions,
  ZRangeOptions,
} from "./options.js";

/**
 * The commands as methods. `S` is what strings in replies come as: `string`, or `Uint8Array`.
 */
export interface Methods<in out S> {
  /** Adds text to the end of a string, or creates it. `APPEND`, O(1) amortised. */
  append(key: Key, value: Argument): Promise<number>;
  /** Subtracts one from an integer, which is 0 when missing. `DECR`, O(1). */
  decr(key: Key): Promise<number>;
  /** Subtracts a number from an integer, which is 0 when missing. `DECRBY`, O(1). */
  decrBy(key: Key, decrement: Integer): Promise<number>;
  /** Reads a string. `GET`, O(1). */
  get(key: Key): Promise<S | null>;
  /** Reads a string and removes its key. `GETDEL`, O(1). */
  getDel(key: Key): Promise<S | null>;
  /** Reads a string and changes when its key expires. `GETEX`, O(1). */
  getEx(key: Key, options: GetExOptions): Promise<S | null>;
  /** Reads a part of a string. `GETRANGE`, O(N), N bytes returned. */
  getRange(key: Key, start: Integer, end: Integer): Promise<S>;
  /** Sets a string and answers with the one before. `GETSET`, O(1). */
  getSet(key: Key, value: Argument): Promise<S | null>;
  /** Adds one to an integer, which is 0 when missing. `INCR`, O(1). */
  incr(key: Key): Promise<number>;
  /** Adds a number to an integer, which is 0 when missing. `INCRBY`, O(1). */
  incrBy(key: Key, increment: Integer): Promise<number>;
  /** Adds to a floating point number, which is 0 when missing. `INCRBYFLOAT`, O(1). */
  incrByFloat(key: Key, increment: number): Promise<S>;
  /** Finds the longest common subsequence of two strings. `LCS`, O(N*M), the two lengths. */
  lcs(key1: Key, key2: Key): Promise<S>;
  /** Finds the longest common subsequence of two strings. `LCS`, O(N*M), the two lengths. */
  lcsLen(key1: Key, key2: Key): Promise<number>;
  /** Finds the longest common subsequence of two strings. `LCS`, O(N*M), the two lengths. */
  lcsIdx(key1: Key, key2: Key, options?: { MINMATCHLEN?: Integer }): Promise<LcsMatches>;
  /** Finds the longest common subsequence of two strings. `LCS`, O(N*M), the two lengths. */
  lcsIdxWithMatchLen(key1: Key, key2: Key, options?: { MINMATCHLEN?: Integer }): Promise<LcsMatchesWithLength>;
  /** Reads the strings of several keys. `MGET`, O(N), N keys. */
  mGet(key: Many<Key>): Promise<(S | null)[]>;
  /** Sets several strings at once. `MSET`, O(N), N keys. */
  mSet(values: Pairs): Promise<Ok<S>>;
  /** Sets several strings at once, provided that none of the keys exists. `MSETNX`, O(N), N keys. */
  mSetNX(values: Pairs): Promise<number>;
  /** Sets a string that expires after some milliseconds. `PSETEX`, O(1). */
  pSetEx(key: Key, milliseconds: Integer, value: Argument): Promise<Ok<S>>;
  /** Sets a string, whatever the key held; options tell when, and for how long. `SET`, O(1). */
  set(key: Key, value: Argument, options?: SetOptions): Promise<S | null>;
  /** Sets a string that expires after some seconds. `SETEX`, O(1). */
  setEx(key: Key, seconds: Integer, value: Argument): Promise<Ok<S>>;
  /** Sets a string if the key does not exist. `SETNX`, O(1). */
  setNX(key: Key, value: Argument): Promise<number>;
  /** Overwrites a part of a string, which grows with zero bytes as needed. `SETRANGE`, O(M), M bytes written. */
  setRange(key: Key, offset: Integer, value: Argument): Promise<number>;
  /** Tells the length of a string. `STRLEN`, O(1). */
  strLen(key: Key): Promise<number>;
  /** Reads a part of a string. `SUBSTR`, O(N), N bytes returned. */
  subStr(key: Key, start: Integer, end: Integer): Promise<S>;
  /** Reads a string. `GET`, O(1). */
  getJSON<T = unknown>(key: Key): Promise<T | null>;
  /** Sets a string, whatever the key held; options tell when, and for how long. `SET`, O(1). */
  setJSON(key: Key, value: unknown, options?: SetOptions): Promise<S | null>;
  /** Counts the bits that are set in a string. `BITCOUNT`, O(N). */
  bitCount(key: Key, range?: BitRange): Promise<number>;
  /** Reads and changes integers of any width inside a string. `BITFIELD`, O(1) for each operation. */
  bitField(key: Key, operations: readonly BitFieldOperation[]): Promise<(number | null)[]>;
  /** Reads integers of any width inside a string. `BITFIELD_RO`, O(1) for each operation. */
  bitFieldRo(key: Key, operations: readonly BitFieldGet[]): Promise<number[]>;
  /** Stores the bitwise combination of strings. `BITOP`, O(N). */
  bitOp(operation: "AND" | "OR" | "XOR" | "NOT", destkey: Key, key: Many<Key>): Promise<number>;
  /** Finds the first bit that is set, or clear, in a string. `BITPOS`, O(N). */
  bitPos(key: Key, bit: 0 | 1, start?: Integer, end?: Integer, mode?: "BYTE" | "BIT"): Promise<number>;
  /** Reads a bit of a string. `GETBIT`, O(1). */
  getBit(key: Key, offset: Integer): Promise<number>;
  /** Sets or clears a bit of a string, which becomes as long as that takes. `SETBIT`, O(1). */
  setBit(key: Key, offset: Integer, value: Integer): Promise<number>;
  /** Copies a value to another key or database. `COPY`, O(N), N elements of a collection. */
  copy(source: Key, destination: Key, options?: { DB?: Integer; REPLACE?: boolean }): Promise<number>;
  /** Removes keys. `DEL`, O(N), N keys and the elements in them. */
  del(key: Many<Key>): Promise<number>;
  /** Gives a value in the bytes from which RESTORE makes it again. `DUMP`, O(1), O(N*M) for the N elements, of M bytes each, of a collection. */
  dump(key: Key): Promise<S | null>;
  /** Counts how many of the keys exist. `EXISTS`, O(N), N keys. */
  exists(key: Many<Key>): Promise<number>;
  /** Lets a key expire after some seconds. `EXPIRE`, O(1). */
  expire(key: Key, seconds: Integer, condition?: "NX" | "XX" | "GT" | "LT"): Promise<number>;
  /** Lets a key expire at a Unix time in seconds. `EXPIREAT`, O(1). */
  expireAt(key: Key, unixTimeSeconds: number | Date, condition?: "NX" | "XX" | "GT" | "LT"): Promise<number>;
  /** Tells the Unix time in seconds when a key expires. `EXPIRETIME`, O(1). */
  expireTime(key: Key): Promise<number>;
  /** Lists the keys that match a pattern. `KEYS`, O(N), N keys in the database. */
  keys(pattern: Text): Promise<S[]>;
  /** Would send keys to another server; here there is none to reach. `MIGRATE`, O(1). */
  migrate(host: Text, port: Integer, key: Many<Key>, destinationDb: Integer, timeout: Integer, options?: MigrateOptions): Promise<string>;
  /** Moves a key to another database. `MOVE`, O(1). */
  move(key: Key, db: Integer): Promise<number>;
  /** Tells how a value is stored. `OBJECT ENCODING`, O(1). */
  objectEncoding(key: Key): Promise<S | null>;
  /** Tells how often a key is used, under an LFU policy. `OBJECT FREQ`, O(1). */
  objectFreq(key: Key): Promise<number | null>;
  /** Tells the seconds since a key was last used. `OBJECT IDLETIME`, O(1). */
  objectIdleTime(key: Key): Promise<number | null>;
  /** Tells the number of references to a value. `OBJECT REFCOUNT`, O(1). */
  objectRefCount(key: Key): Promise<number | null>;
  /** Keeps a key from expiring. `PERSIST`, O(1). */
  persist(key: Key): Promise<number>;
  /** Lets a key expire after some milliseconds. `PEXPIRE`, O(1). */
  pExpire(key: Key, milliseconds: Integer, condition?: "NX" | "XX" | "GT" | "LT"): Promise<number>;
  /** Lets a key expire at a Unix time in milliseconds. `PEXPIREAT`, O(1). */
  pExpireAt(key: Key, unixTimeMilliseconds: number | Date, condition?: "NX" | "XX" | "GT" | "LT"): Promise<number>;
  /** Tells the Unix time in milliseconds when a key expires. `PEXPIRETIME`, O(1). */
  pExpireTime(key: Key): Promise<number>;
  /** Tells the milliseconds until a key expires. `PTTL`, O(1). */
  pTTL(key: Key): Promise<number>;
  /** Names a key chosen at random. `RANDOMKEY`, O(1). */
  randomKey(): Promise<S | null>;
  /** Gives a key a new name, replacing what has it. `RENAME`, O(1). */
  rename(key: Key, newkey: Key): Promise<Ok<S>>;
  /** Gives a key a new name if no key has it. `RENAMENX`, O(1). */
  renameNX(key: Key, newkey: Key): Promise<number>;
  /** Makes a value of the bytes that DUMP gave. `RESTORE`, O(N*M), N elements of M bytes each; O(N*M*log(N)) for a sorted set. */
  restore(key: Key, ttl: Integer, serializedValue: Argument, options?: { REPLACE?: boolean; ABSTTL?: boolean; IDLETIME?: Integer; FREQ?: Integer }): Promise<Ok<S>>;
  /** Walks through the keys of the database, a few a call. `SCAN`, O(1) a call, O(N) for all N keys. */
  scan(cursor: Cursor, options?: ScanOptions): Promise<{ cursor: S; keys: S[] }>;
  /** Sorts a list, set or sorted set, by itself or by other keys, and may store the result. `SORT`, O(N+M*log(M)), N elements, M returned; O(N) unsorted. */
  sort(key: Key, options?: SortOptions): Promise<(S | null)[]>;
  /** Sorts a list, set or sorted set, by itself or by other keys. `SORT_RO`, O(N+M*log(M)), N elements, M returned; O(N) unsorted. */
  sortRo(key: Key, options?: SortOptions): Promise<(S | null)[]>;
  /** Sorts a list, set or sorted set, by itself or by other keys, and may store the result. `SORT`, O(N+M*log(M)), N elements, M returned; O(N) unsorted. */
  sortStore(source: Key, destination: Key, options?: SortOptions): Promise<number>;
  /** Marks keys as used and counts those that exist. `TOUCH`, O(N), N keys. */
  touch(key: Many<Key>): Promise<number>;
  /** Tells the seconds until a key expires. `TTL`, O(1). */
  ttl(key: Key): Promise<number>;
  /** Tells the type of the value at a key. `TYPE`, O(1). */
  type(key: Key): Promise<S>;
  /** Removes keys; memory may return later. `UNLINK`, O(N), N keys. */
  unlink(key: Many<Key>): Promise<number>;
  /** Waits until so many replicas have what this connection wrote. There are none here. `WAIT`, O(1). */
  wait(numreplicas: Integer, timeout: Integer): Promise<number>;
  /** Waits until what this connection wrote is durable here and on so many replicas. There are none here. `WAITAOF`, O(1). */
  waitAof(numlocal: Integer, numreplicas: Integer, timeout: Integer): Promise<[number, number]>;
  /** Moves an element between two lists as LMOVE does, and waits for one if there is none. `BLMOVE`, O(1). */
  blMove(source: Key, destination: Key, wherefrom: "LEFT" | "RIGHT", whereto: "LEFT" | "RIGHT", timeout: number): Promise<S | null>;
  /** Takes elements from the first of several lists that is not empty, and waits for one if all are. `BLMPOP`, O(N+M), N keys, M elements returned. */
  blmPop(timeout: number, key: Many<Key>, where: "LEFT" | "RIGHT", options?: { COUNT?: Integer }): Promise<[S, S[]] | null>;
  /** Takes the head of the first of several lists that is not empty, and waits for one if all are. `BLPOP`, O(N), N keys. */
  blPop(key: Many<Key>, timeout: number): Promise<{ key: S; element: S } | null>;
  /** Takes the tail of the first of several lists that is not empty, and waits for one if all are. `BRPOP`, O(N), N keys. */
  brPop(key: Many<Key>, timeout: number): Promise<{ key: S; element: S } | null>;
  /** Takes the last element of a list and puts it first in another, and waits for one if there is none. `BRPOPLPUSH`, O(1). */
  brPopLPush(source: Key, destination: Key, timeout: number): Promise<S | null>;
  /** Reads the element of a list at an index. `LINDEX`, O(N), N elements on the way; O(1) at the ends. */
  lIndex(key: Key, index: Integer): Promise<S | null>;
  /** Puts an element before or after another one of a list. `LINSERT`, O(N), N elements before that one. */
  lInsert(key: Key, where: "BEFORE" | "AFTER", pivot: Argument, element: Argument): Promise<number>;
  /** Counts the elements of a list. `LLEN`, O(1). */
  lLen(key: Key): Promise<number>;
  /** Takes an element from one list and puts it into another, at the ends named. `LMOVE`, O(1). */
  lMove(source: Key, destination: Key, wherefrom: "LEFT" | "RIGHT", whereto: "LEFT" | "RIGHT"): Promise<S | null>;
  /** Takes elements from the first of several lists that is not empty. `LMPOP`, O(N+M), N keys, M elements returned. */
  lmPop(key: Many<Key>, where: "LEFT" | "RIGHT", options?: { COUNT?: Integer }): Promise<[S, S[]] | null>;
  /** Takes elements from the head of a list, which goes with its last. `LPOP`, O(N), N elements returned. */
  lPop(key: Key): Promise<S | null>;
  /** Takes elements from the head of a list, which goes with its last. `LPOP`, O(N), N elements returned. */
  lPopCount(key: Key, count: Integer): Promise<S[] | null>;
  /** Finds the indexes of equal elements in a list. `LPOS`, O(N), N elements looked at. */
  lPos(key: Key, element: Argument, options?: LPosOptions): Promise<number | null>;
  /** Finds the indexes of equal elements in a list. `LPOS`, O(N), N elements looked at. */
  lPosCount(key: Key, element: Argument, count: Integer, options?: LPosOptions): Promise<number[]>;
  /** Puts elements at the head of a list, which is created if missing. `LPUSH`, O(N), N elements named. */
  lPush(key: Key, element: Many<Argument>): Promise<number>;
  /** Puts elements at the head of a list that exists. `LPUSHX`, O(N), N elements named. */
  lPushX(key: Key, element: Many<Argument>): Promise<number>;
  /** Reads a range of a list. `LRANGE`, O(S+N), S elements on the way, N returned. */
  lRange(key: Key, start: Integer, stop: Integer): Promise<S[]>;
  /** Removes elements of a list that are equal to one. `LREM`, O(N+M), N elements, M removed. */
  lRem(key: Key, count: Integer, element: Argument): Promise<number>;
  /** Replaces the element of a list at an index. `LSET`, O(N), N elements on the way; O(1) at the ends. */
  lSet(key: Key, index: Integer, element: Argument): Promise<Ok<S>>;
  /** Removes all but a range of a list. `LTRIM`, O(N), N elements removed. */
  lTrim(key: Key, start: Integer, stop: Integer): Promise<Ok<S>>;
  /** Takes elements from the tail of a list, which goes with its last. `RPOP`, O(N), N elements returned. */
  rPop(key: Key): Promise<S | null>;
  /** Takes elements from the tail of a list, which goes with its last. `RPOP`, O(N), N elements returned. */
  rPopCount(key: Key, count: Integer): Promise<S[] | null>;
  /** Takes the last element of a list and puts it first in another. `RPOPLPUSH`, O(1). */
  rPopLPush(source: Key, destination: Key): Promise<S | null>;
  /** Puts elements at the tail of a list, which is created if missing. `RPUSH`, O(N), N elements named. */
  rPush(key: Key, element: Many<Argument>): Promise<number>;
  /** Puts elements at the tail of a list that exists. `RPUSHX`, O(N), N elements named. */
  rPushX(key: Key, element: Many<Argument>): Promise<number>;
  /** Adds members to a set, which is made if it is not there. `SADD`, O(N) for N members. */
  sAdd(key: Key, member: Many<Argument>): Promise<number>;
  /** Tells how many members a set has. `SCARD`, O(1). */
  sCard(key: Key): Promise<number>;
  /** Gives the members of the first set that no other has. `SDIFF`, O(N) over all members of all sets. */
  sDiff(key: Many<Key>): Promise<S[]>;
  /** Stores the members of the first set that no other has. `SDIFFSTORE`, O(N) over all members of all sets. */
  sDiffStore(destination: Key, key: Many<Key>): Promise<number>;
  /** Gives the members that all sets share. `SINTER`, O(N*M) at worst, for the smallest set of N members and M sets. */
  sInter(key: Many<Key>): Promise<S[]>;
  /** Counts the members that all sets share. `SINTERCARD`, O(N*M) at worst, for the smallest set of N members and M sets. */
  sInterCard(keys: Many<Key>, options?: number | { LIMIT?: Integer }): Promise<number>;
  /** Stores the members that all sets share. `SINTERSTORE`, O(N*M) at worst, for the smallest set of N members and M sets. */
  sInterStore(destination: Key, key: Many<Key>): Promise<number>;
  /** Tells whether a set has a member. `SISMEMBER`, O(1). */
  sIsMember(key: Key, member: Argument): Promise<number>;
  /** Gives all members of a set. `SMEMBERS`, O(N) for N members. */
  sMembers(key: Key): Promise<S[]>;
  /** Tells for each of several members whether a set has it. `SMISMEMBER`, O(N) for N members asked for. */
  smIsMember(key: Key, member: Many<Argument>): Promise<number[]>;
  /** Moves a member from one set to another. `SMOVE`, O(1). */
  sMove(source: Key, destination: Key, member: Argument): Promise<number>;
  /** Removes members chosen at random and gives them; the set goes with its last one. `SPOP`, O(1), with a count O(N) for N members. */
  sPop(key: Key): Promise<S | null>;
  /** Removes members chosen at random and gives them; the set goes with its last one. `SPOP`, O(1), with a count O(N) for N members. */
  sPopCount(key: Key, count: Integer): Promise<S[]>;
  /** Gives members chosen at random. `SRANDMEMBER`, O(1), with a count O(N) for N members. */
  sRandMember(key: Key): Promise<S | null>;
  /** Gives members chosen at random. `SRANDMEMBER`, O(1), with a count O(N) for N members. */
  sRandMemberCount(key: Key, count: Integer): Promise<S[]>;
  /** Removes members from a set, which goes with its last one. `SREM`, O(N) for N members. */
  sRem(key: Key, member: Many<Argument>): Promise<number>;
  /** Walks over the members of a set, some at each call. `SSCAN`, O(1) a call, O(N) for the whole walk. */
  sScan(key: Key, cursor: Cursor, options?: ScanCommonOptions): Promise<{ cursor: S; members: S[] }>;
  /** Gives the members that any of the sets has. `SUNION`, O(N) over all members of all sets. */
  sUnion(key: Many<Key>): Promise<S[]>;
  /** Stores the members that any of the sets has. `SUNIONSTORE`, O(N) over all members of all sets. */
  sUnionStore(destination: Key, key: Many<Key>): Promise<number>;
  /** Removes fields of a hash, and the hash with its last. `HDEL`, O(N), N fields named. */
  hDel(key: Key, field: Many<Argument>): Promise<number>;
  /** Tells whether a hash has a field. `HEXISTS`, O(1). */
  hExists(key: Key, field: Argument): Promise<number>;
  /** Reads a field of a hash. `HGET`, O(1). */
  hGet(key: Key, field: Argument): Promise<S | null>;
  /** Reads all fields of a hash with their values. `HGETALL`, O(N), N fields. */
  hGetAll(key: Key): Promise<Record<string, S>>;
  /** Adds to the integer in a field of a hash, which is 0 when missing. `HINCRBY`, O(1). */
  hIncrBy(key: Key, field: Argument, increment: Integer): Promise<number>;
  /** Adds to the floating point number in a field of a hash, which is 0 when missing. `HINCRBYFLOAT`, O(1). */
  hIncrByFloat(key: Key, field: Argument, increment: number): Promise<S>;
  /** Lists the fields of a hash. `HKEYS`, O(N), N fields. */
  hKeys(key: Key): Promise<S[]>;
  /** Counts the fields of a hash. `HLEN`, O(1). */
  hLen(key: Key): Promise<number>;
  /** Reads several fields of a hash. `HMGET`, O(N), N fields named. */
  hmGet(key: Key, field: Many<Argument>): Promise<(S | null)[]>;
  /** Sets several fields of a hash. `HMSET`, O(N), N fields named. */
  hmSet(key: Key, fields: Pairs): Promise<Ok<S>>;
  /** Picks fields of a hash at random. `HRANDFIELD`, O(N), N fields returned. */
  hRandField(key: Key): Promise<S | null>;
  /** Picks fields of a hash at random. `HRANDFIELD`, O(N), N fields returned. */
  hRandFieldCount(key: Key, count: Integer): Promise<S[]>;
  /** Picks fields of a hash at random. `HRANDFIELD`, O(N), N fields returned. */
  hRandFieldCountWithValues(key: Key, count: Integer): Promise<{ field: S; value: S }[]>;
  /** Walks through a hash, a few fields a call. `HSCAN`, O(1) a call, O(N) for all N fields. */
  hScan(key: Key, cursor: Cursor, options?: ScanCommonOptions): Promise<{ cursor: S; entries: { field: S; value: S }[] }>;
  /** Sets fields of a hash, which is created if missing. `HSET`, O(N), N fields named. */
  hSet(key: Key, field: Argument | Pairs, value?: Argument): Promise<number>;
  /** Sets a field of a hash if it does not exist. `HSETNX`, O(1). */
  hSetNX(key: Key, field: Argument, value: Argument): Promise<number>;
  /** Tells the length of the value in a field of a hash. `HSTRLEN`, O(1). */
  hStrLen(key: Key, field: Argument): Promise<number>;
  /** Lists the values of a hash. `HVALS`, O(N), N fields. */
  hVals(key: Key): Promise<S[]>;
  /** Takes elements from the first of several sorted sets that is not empty, and waits for one if all are. `BZMPOP`, O(K) + O(M*log(N)), K keys, M elements returned of N. */
  bzmPop(timeout: number, key: Many<Key>, where: "MIN" | "MAX", options?: { COUNT?: Integer }): Promise<{ key: S; members: Scored<S>[] } | null>;
  /** Takes the highest element of the first of several sorted sets that is not empty, and waits for one if all are. `BZPOPMAX`, O(log(N)), N elements. */
  bzPopMax(key: Many<Key>, timeout: number): Promise<{ key: S; value: S; score: number } | null>;
  /** Takes the lowest element of the first of several sorted sets that is not empty, and waits for one if all are. `BZPOPMIN`, O(log(N)), N elements. */
  bzPopMin(key: Many<Key>, timeout: number): Promise<{ key: S; value: S; score: number } | null>;
  /** Adds members with scores to a sorted set, or changes their scores. `ZADD`, O(log N) for each member. */
  zAdd(key: Key, members: Many<ScoredMember>, options?: ZAddOptions): Promise<number>;
  /** Adds members with scores to a sorted set, or changes their scores. `ZADD`, O(log N) for each member. */
  zAddIncr(key: Key, member: Many<ScoredMember>, options?: ZAddOptions): Promise<number | null>;
  /** Tells how many members a sorted set has. `ZCARD`, O(1). */
  zCard(key: Key): Promise<number>;
  /** Counts the members whose scores lie in a range. `ZCOUNT`, O(log N). */
  zCount(key: Key, min: Bound, max: Bound): Promise<number>;
  /** Gives the members of the first sorted set that no other has. `ZDIFF`, O(L + (N-K) log N) at worst: L members in all inputs, N in the first, K in the result. */
  zDiff(keys: Many<Key>): Promise<S[]>;
  /** Stores the members of the first sorted set that no other has. `ZDIFFSTORE`, O(L + (N-K) log N) at worst: L members in all inputs, N in the first, K in the result. */
  zDiffStore(destination: Key, key: Many<Key>): Promise<number>;
  /** Gives the members of the first sorted set that no other has. `ZDIFF`, O(L + (N-K) log N) at worst: L members in all inputs, N in the first, K in the result. */
  zDiffWithScores(keys: Many<Key>): Promise<Scored<S>[]>;
  /** Adds to the score of a member. `ZINCRBY`, O(log N). */
  zIncrBy(key: Key, increment: number, member: Argument): Promise<number>;
  /** Gives the members that all sorted sets share, their scores combined. `ZINTER`, O(N*K + M log M) at worst: N members in the smallest of K inputs, M in the result. */
  zInter(keys: WeightedKeys, options?: AggregateOptions): Promise<S[]>;
  /** Counts the members that all sorted sets share. `ZINTERCARD`, O(N*K) at worst, for the smallest of K inputs with N members. */
  zInterCard(keys: Many<Key>, options?: number | { LIMIT?: Integer }): Promise<number>;
  /** Stores the members that all sorted sets share, their scores combined. `ZINTERSTORE`, O(N*K + M log M) at worst: N members in the smallest of K inputs, M in the result. */
  zInterStore(destination: Key, keys: WeightedKeys, options?: AggregateOptions): Promise<number>;
  /** Gives the members that all sorted sets share, their scores combined. `ZINTER`, O(N*K + M log M) at worst: N members in the smallest of K inputs, M in the result. */
  zInterWithScores(keys: WeightedKeys, options?: AggregateOptions): Promise<Scored<S>[]>;
  /** Counts the members in a range of names, all scores being equal. `ZLEXCOUNT`, O(log N). */
  zLexCount(key: Key, min: Text, max: Text): Promise<number>;
  /** Removes and gives the lowest or highest members of the first sorted set that is not empty. `ZMPOP`, O(K + M log N) for K keys and M members. */
  zmPop(key: Many<Key>, where: "MIN" | "MAX", options?: { COUNT?: Integer }): Promise<{ key: S; members: Scored<S>[] } | null>;
  /** Gives the scores of several members. `ZMSCORE`, O(N) for N members. */
  zmScore(key: Key, member: Many<Argument>): Promise<(number | null)[]>;
  /** Removes and gives the members with the highest scores. `ZPOPMAX`, O(M log N) for M members. */
  zPopMax(key: Key): Promise<Scored<S> | null>;
  /** Removes and gives the members with the highest scores. `ZPOPMAX`, O(M log N) for M members. */
  zPopMaxCount(key: Key, count: Integer): Promise<Scored<S>[]>;
  /** Removes and gives the members with the lowest scores. `ZPOPMIN`, O(M log N) for M members. */
  zPopMin(key: Key): Promise<Scored<S> | null>;
  /** Removes and gives the members with the lowest scores. `ZPOPMIN`, O(M log N) for M members. */
  zPopMinCount(key: Key, count: Integer): Promise<Scored<S>[]>;
  /** Gives members chosen at random, with their scores if asked. `ZRANDMEMBER`, O(N) for N members given. */
  zRandMember(key: Key): Promise<S | null>;
  /** Gives members chosen at random, with their scores if asked. `ZRANDMEMBER`, O(N) for N members given. */
  zRandMemberCount(key: Key, count: Integer): Promise<S[]>;
  /** Gives members chosen at random, with their scores if asked. `ZRANDMEMBER`, O(N) for N members given. */
  zRandMemberCountWithScores(key: Key, count: Integer): Promise<Scored<S>[]>;
  /** Gives the members in a range of ranks, scores or names. `ZRANGE`, O(log N + M) for M members given. */
  zRange(key: Key, min: Bound, max: Bound, options?: ZRangeOptions): Promise<S[]>;
  /** Gives the members in a range of names, all scores being equal. `ZRANGEBYLEX`, O(log N + M) for M members given. */
  zRangeByLex(key: Key, min: Text, max: Text, options?: LimitOptions): Promise<S[]>;
  /** Gives the members in a range of scores. `ZRANGEBYSCORE`, O(log N + M) for M members given. */
  zRangeByScore(key: Key, min: Bound, max: Bound, options?: LimitOptions): Promise<S[]>;
  /** Gives the members in a range of scores. `ZRANGEBYSCORE`, O(log N + M) for M members given. */
  zRangeByScoreWithScores(key: Key, min: Bound, max: Bound, options?: LimitOptions): Promise<Scored<S>[]>;
  /** Stores the members in a range of ranks, scores or names. `ZRANGESTORE`, O(log N + M) for M members stored. */
  zRangeStore(destination: Key, source: Key, min: Bound, max: Bound, options?: ZRangeOptions): Promise<number>;
  /** Gives the members in a range of ranks, scores or names. `ZRANGE`, O(log N + M) for M members given. */
  zRangeWithScores(key: Key, min: Bound, max: Bound, options?: ZRangeOptions): Promise<Scored<S>[]>;
  /** Tells how many members stand below one. `ZRANK`, O(log N). */
  zRank(key: Key, member: Argument): Promise<number | null>;
  /** Tells how many members stand below one. `ZRANK`, O(log N). */
  zRankWithScore(key: Key, member: Argument): Promise<{ rank: number; score: number } | null>;
  /** Removes members from a sorted set, which goes with its last one. `ZREM`, O(M log N) for M members. */
  zRem(key: Key, member: Many<Argument>): Promise<number>;
  /** Removes the members in a range of names, all scores being equal. `ZREMRANGEBYLEX`, O(log N + M) for M members removed. */
  zRemRangeByLex(key: Key, min: Text, max: Text): Promise<number>;
  /** Removes the members in a range of ranks. `ZREMRANGEBYRANK`, O(log N + M) for M members removed. */
  zRemRangeByRank(key: Key, start: Integer, stop: Integer): Promise<number>;
  /** Removes the members in a range of scores. `ZREMRANGEBYSCORE`, O(log N + M) for M members removed. */
  zRemRangeByScore(key: Key, min: Bound, max: Bound): Promise<number>;
  /** Gives the members in a range of ranks, counted from the highest. `ZREVRANGE`, O(log N + M) for M members given. */
  zRevRange(key: Key, start: Integer, stop: Integer): Promise<S[]>;
  /** Gives the members in a range of names from its end down, all scores being equal. `ZREVRANGEBYLEX`, O(log N + M) for M members given. */
  zRevRangeByLex(key: Key, max: Text, min: Text, options?: LimitOptions): Promise<S[]>;
  /** Gives the members in a range of scores from the highest down. `ZREVRANGEBYSCORE`, O(log N + M) for M members given. */
  zRevRangeByScore(key: Key, max: Bound, min: Bound, options?: LimitOptions): Promise<S[]>;
  /** Tells how many members stand above one. `ZREVRANK`, O(log N). */
  zRevRank(key: Key, member: Argument): Promise<number | null>;
  /** Tells how many members stand above one. `ZREVRANK`, O(log N). */
  zRevRankWithScore(key: Key, member: Argument): Promise<{ rank: number; score: number } | null>;
  /** Walks over a sorted set, some members with their scores at each call. `ZSCAN`, O(1) a call, O(N) for the whole walk. */
  zScan(key: Key, cursor: Cursor, options?: ScanCommonOptions): Promise<{ cursor: S; members: Scored<S>[] }>;
  /** Gives the score of a member. `ZSCORE`, O(1). */
  zScore(key: Key, member: Argument): Promise<number | null>;
  /** Gives the members of all sorted sets, their scores combined. `ZUNION`, O(N + M log M): N members in all inputs, M in the result. */
  zUnion(keys: WeightedKeys, options?: AggregateOptions): Promise<S[]>;
  /** Stores the members of all sorted sets, their scores combined. `ZUNIONSTORE`, O(N + M log M): N members in all inputs, M in the result. */
  zUnionStore(destination: Key, keys: WeightedKeys, options?: AggregateOptions): Promise<number>;
  /** Gives the members of all sorted sets, their scores combined. `ZUNION`, O(N + M log M): N members in all inputs, M in the result. */
  zUnionWithScores(keys: WeightedKeys, options?: AggregateOptions): Promise<Scored<S>[]>;
  /** Adds members at places on the map to a sorted set, or moves them. `GEOADD`, O(log N) for each place. */
  geoAdd(key: Key, members: Many<GeoMember>, options?: GeoAddOptions): Promise<number>;
  /** Tells how far two members are from each other. `GEODIST`, O(1). */
  geoDist(key: Key, member1: Argument, member2: Argument, unit?: GeoUnit): Promise<number | null>;
  /** Gives the places of members as geohashes of 11 letters. `GEOHASH`, O(1) for each member. */
  geoHash(key: Key, member?: Many<Argument>): Promise<(S | null)[]>;
  /** Gives the longitudes and latitudes of members. `GEOPOS`, O(1) for each member. */
  geoPos(key: Key, member?: Many<Argument>): Promise<(GeoCoordinates | null)[]>;
  /** Finds the members in a circle around a place, and may store them. `GEORADIUS`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadius(key: Key, from: GeoCoordinates, radius: number, unit: GeoUnit, options?: GeoSearchOptions): Promise<S[]>;
  /** Finds the members in a circle around a place. `GEORADIUS_RO`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadiusRo(key: Key, from: GeoCoordinates, radius: number, unit: GeoUnit, options?: GeoSearchOptions): Promise<S[]>;
  /** Finds the members in a circle around a place, and may store them. `GEORADIUS`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadiusWith(key: Key, from: GeoCoordinates, radius: number, unit: GeoUnit, replyWith: readonly GeoReplyWith[], options?: GeoSearchOptions): Promise<GeoReply<S>[]>;
  /** Finds the members in a circle around a place. `GEORADIUS_RO`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadiusRoWith(key: Key, from: GeoCoordinates, radius: number, unit: GeoUnit, replyWith: readonly GeoReplyWith[], options?: GeoSearchOptions): Promise<GeoReply<S>[]>;
  /** Finds the members in a circle around a place, and may store them. `GEORADIUS`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadiusStore(key: Key, from: GeoCoordinates, radius: number, unit: GeoUnit, destination: Key, options?: GeoStoreOptions): Promise<number>;
  /** Finds the members in a circle around one of them, and may store them. `GEORADIUSBYMEMBER`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadiusByMember(key: Key, from: Argument, radius: number, unit: GeoUnit, options?: GeoSearchOptions): Promise<S[]>;
  /** Finds the members in a circle around one of them. `GEORADIUSBYMEMBER_RO`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadiusByMemberRo(key: Key, from: Argument, radius: number, unit: GeoUnit, options?: GeoSearchOptions): Promise<S[]>;
  /** Finds the members in a circle around one of them, and may store them. `GEORADIUSBYMEMBER`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadiusByMemberWith(key: Key, from: Argument, radius: number, unit: GeoUnit, replyWith: readonly GeoReplyWith[], options?: GeoSearchOptions): Promise<GeoReply<S>[]>;
  /** Finds the members in a circle around one of them. `GEORADIUSBYMEMBER_RO`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadiusByMemberRoWith(key: Key, from: Argument, radius: number, unit: GeoUnit, replyWith: readonly GeoReplyWith[], options?: GeoSearchOptions): Promise<GeoReply<S>[]>;
  /** Finds the members in a circle around one of them, and may store them. `GEORADIUSBYMEMBER`, O(N+log(M)), N elements in the cells around the circle, M in the sorted set. */
  geoRadiusByMemberStore(key: Key, from: Argument, radius: number, unit: GeoUnit, destination: Key, options?: GeoStoreOptions): Promise<number>;
  /** Finds the members in a circle or a box. `GEOSEARCH`, O(N+log(M)), N elements in the cells around the shape, M inside the shape. */
  geoSearch(key: Key, from: GeoFrom, by: GeoBy, options?: GeoSearchOptions): Promise<S[]>;
  /** Stores the members in a circle or a box as a sorted set. `GEOSEARCHSTORE`, O(N+log(M)), N elements in the cells around the shape, M inside the shape. */
  geoSearchStore(destination: Key, source: Key, from: GeoFrom, by: GeoBy, options?: GeoStoreOptions): Promise<number>;
  /** Finds the members in a circle or a box. `GEOSEARCH`, O(N+log(M)), N elements in the cells around the shape, M inside the shape. */
  geoSearchWith(key: Key, from: GeoFrom, by: GeoBy, replyWith: readonly GeoReplyWith[], options?: GeoSearchOptions): Promise<GeoReply<S>[]>;
  /** Takes entries that a group has dealt with off its pending ones, and tells how many it had. `XACK`, O(1) for each ID. */
  xAck(key: Key, group: Argument, id: Many<Argument>): Promise<number>;
  /** Adds an entry to a stream, which is made if it is not there. `XADD`, O(1), and O(N) for N entries that are trimmed. */
  xAdd(key: Key, id: Text, message: Pairs, options?: XAddOptions): Promise<S>;
  /** Adds an entry to a stream, which is made if it is not there. `XADD`, O(1), and O(N) for N entries that are trimmed. */
  xAddNoMkStream(key: Key, id: Text, message: Pairs, options?: XAddOptions): Promise<S | null>;
  /** Gives a consumer what has been pending with others for long, some at each call. `XAUTOCLAIM`, O(1) for a small COUNT. */
  xAutoClaim(key: Key, group: Text, consumer: Text, minIdleTime: Integer, start: Text, options?: { COUNT?: Integer }): Promise<Claimed<S, StreamMessage<S> | null>>;
  /** Gives a consumer what has been pending with others for long, some at each call. `XAUTOCLAIM`, O(1) for a small COUNT. */
  xAutoClaimJustId(key: Key, group: Text, consumer: Text, minIdleTime: Integer, start: Text, options?: { COUNT?: Integer }): Promise<Claimed<S, S>>;
  /** Gives a consumer entries that are pending with others. `XCLAIM`, O(log N) for each ID, with N pending entries. */
  xClaim(key: Key, group: Text, consumer: Text, minIdleTime: Integer, id: Many<Text>, options?: XClaimOptions): Promise<(StreamMessage<S> | null)[]>;
  /** Gives a consumer entries that are pending with others. `XCLAIM`, O(log N) for each ID, with N pending entries. */
  xClaimJustId(key: Key, group: Text, consumer: Text, minIdleTime: Integer, id: Many<Text>, options?: XClaimOptions): Promise<S[]>;
  /** Deletes entries, and tells how many were there. `XDEL`, O(1) for each ID. */
  xDel(key: Key, id: Many<Argument>): Promise<number>;
  /** Makes a group. `XGROUP CREATE`, O(1). */
  xGroupCreate(key: Key, group: Text, id: Text, options?: { MKSTREAM?: boolean; ENTRIESREAD?: Integer }): Promise<Ok<S>>;
  /** Makes a consumer of a group. `XGROUP CREATECONSUMER`, O(1). */
  xGroupCreateConsumer(key: Key, group: Argument, consumer: Argument): Promise<number>;
  /** Removes a consumer with what it has pending, and tells how much that was. `XGROUP DELCONSUMER`, O(N) for N entries it has pending. */
  xGroupDelConsumer(key: Key, group: Argument, consumer: Argument): Promise<number>;
  /** Removes a group. `XGROUP DESTROY`, O(N) for N entries it has pending. */
  xGroupDestroy(key: Key, group: Argument): Promise<number>;
  /** Sets the ID behind which a group goes on. `XGROUP SETID`, O(1). */
  xGroupSetId(key: Key, group: Text, id: Text, options?: { ENTRIESREAD?: Integer }): Promise<Ok<S>>;
  /** Tells of the consumers of a group. `XINFO CONSUMERS`, O(N) for N consumers. */
  xInfoConsumers(key: Key, group: Argument): Promise<XInfoConsumer<S>[]>;
  /** Tells of the groups of a stream. `XINFO GROUPS`, O(N) for N groups. */
  xInfoGroups(key: Key): Promise<XInfoGroup<S>[]>;
  /** Tells what a stream is made of. `XINFO STREAM`, O(N) for N nodes of entries. */
  xInfoStream(key: Key): Promise<XInfoStream<S>>;
  /** Tells how many entries a stream has. `XLEN`, O(1). */
  xLen(key: Key): Promise<number>;
  /** Tells what a group was given and has not acknowledged. `XPENDING`, O(N) for N entries looked at, or, for the summary, N consumers. */
  xPending(key: Key, group: Text): Promise<XPending<S>>;
  /** Tells what a group was given and has not acknowledged. `XPENDING`, O(N) for N entries looked at, or, for the summary, N consumers. */
  xPendingRange(key: Key, group: Text, start: Text, end: Text, count: Integer, options?: { IDLE?: Integer; consumer?: Text }): Promise<XPendingEntry<S>[]>;
  /** Gives the entries between two IDs. `XRANGE`, O(N) for N entries given. */
  xRange(key: Key, start: Text, end: Text, options?: { COUNT?: Integer }): Promise<StreamMessage<S>[]>;
  /** Gives the entries of several streams that come behind an ID each; waits for one if told to. `XREAD`, O(N) for N entries given. */
  xRead(streams: Many<StreamFrom>, options?: XReadOptions): Promise<StreamReply<S>[] | null>;
  /** Gives a consumer entries that its group has not been given, or those that it has pending; waits for one if told to. `XREADGROUP`, O(N) for N entries given. */
  xReadGroup(group: Text, consumer: Text, streams: Many<StreamFrom>, options?: XReadGroupOptions): Promise<StreamReply<S>[] | null>;
  /** Gives the entries between two IDs, the last one first. `XREVRANGE`, O(N) for N entries given. */
  xRevRange(key: Key, start: Text, end: Text, options?: { COUNT?: Integer }): Promise<StreamMessage<S>[]>;
  /** Sets a stream's last ID and its counters; the log needs it. `XSETID`, O(1). */
  xSetId(key: Key, lastId: Text, options?: { ENTRIESADDED?: Integer; MAXDELETEDID?: Text }): Promise<Ok<S>>;
  /** Removes entries from the first on, down to a length or up to an ID. `XTRIM`, O(N) for N entries removed. */
  xTrim(key: Key, strategy: "MAXLEN" | "MINID", threshold: Text | Integer, options?: XTrimOptions): Promise<number>;
  /** Adds elements to a HyperLogLog, which is made if it is not there. `PFADD`, O(1) for each element. */
  pfAdd(key: Key, element?: Many<Argument>): Promise<number>;
  /** Estimates how many different elements were added to HyperLogLogs. `PFCOUNT`, O(1) for one key, whose count is kept until it changes; O(N) for N keys. */
  pfCount(key: Many<Key>): Promise<number>;
  /** Stores the union of HyperLogLogs. `PFMERGE`, O(N) for N HyperLogLogs. */
  pfMerge(destkey: Key, sourcekey?: Many<Key>): Promise<Ok<S>>;
  /** Drops the commands queued since MULTI. `DISCARD`, O(N) for N commands. */
  discard(): Promise<Ok<S>>;
  /** Forgets all watched keys. `UNWATCH`, O(1). */
  unwatch(): Promise<Ok<S>>;
  /** Makes the next EXEC fail if one of the keys changes before. `WATCH`, O(1) for each key. */
  watch(key: Many<Key>): Promise<Ok<S>>;
  /** Sends a message to all who listen to a channel. `PUBLISH`, O(N+M) for N subscribers of the channel and M patterns. */
  publish(channel: Argument, message: Argument): Promise<number>;
  /** Lists the channels that have subscribers. `PUBSUB CHANNELS`, O(N) for N channels. */
  pubSubChannels(pattern?: Text): Promise<S[]>;
  /** Tells how many patterns have subscribers. `PUBSUB NUMPAT`, O(1). */
  pubSubNumPat(): Promise<number>;
  /** Tells how many subscribers channels have, those by pattern not among them. `PUBSUB NUMSUB`, O(N) for N channels asked for. */
  pubSubNumSub(channel?: Many<Argument>): Promise<Record<string, number>>;
  /** Lists the shard channels that have subscribers. `PUBSUB SHARDCHANNELS`, O(N) for N shard channels. */
  pubSubShardChannels(pattern?: Text): Promise<S[]>;
  /** Tells how many subscribers shard channels have. `PUBSUB SHARDNUMSUB`, O(N) for N shard channels asked for. */
  pubSubShardNumSub(shardchannel?: Many<Argument>): Promise<Record<string, number>>;
  /** Sends a message to all who listen to a shard channel. `SPUBLISH`, O(N) for N subscribers of the shard channel. */
  sPublish(shardchannel: Argument, message: Argument): Promise<number>;
  /** Tells who this connection is, with a password. `AUTH`, O(N) for N passwords of the user. */
  auth(credentials: { username?: Text; password: Text }): Promise<Ok<S>>;
  /** Tells whether the keys that the next command reads are tracked. `CLIENT CACHING`, O(1). */
  clientCaching(value: boolean): Promise<Ok<S>>;
  /** Gives the name of this connection. `CLIENT GETNAME`, O(1). */
  clientGetName(): Promise<S | null>;
  /** Gives the number of the connection that is told of the keys that this one tracks. `CLIENT GETREDIR`, O(1). */
  clientGetRedir(): Promise<number>;
  /** Gives the number of this connection. `CLIENT ID`, O(1). */
  clientId(): Promise<number>;
  /** Describes this connection. `CLIENT INFO`, O(1). */
  clientInfo(): Promise<ClientInfo>;
  /** Ends connections. `CLIENT KILL`, O(N) for N connections. */
  clientKill(filters: Many<ClientKillFilter>): Promise<number>;
  /** Describes all connections, or some. `CLIENT LIST`, O(N) for N connections. */
  clientList(filter?: ClientListFilter): Promise<ClientInfo[]>;
  /** Keeps this connection when memory is short. `CLIENT NO-EVICT`, O(1). */
  clientNoEvict(value: boolean): Promise<Ok<S>>;
  /** Makes this connection leave the access times of keys alone. `CLIENT NO-TOUCH`, O(1). */
  clientNoTouch(value: boolean): Promise<Ok<S>>;
  /** Holds back the commands of all connections for some milliseconds. `CLIENT PAUSE`, O(1). */
  clientPause(timeout: Integer, mode?: "WRITE" | "ALL"): Promise<Ok<S>>;
  /** Tells which library the client uses. `CLIENT SETINFO`, O(1). */
  clientSetInfo(attribute: "LIB-NAME" | "LIB-VER", value: Text): Promise<Ok<S>>;
  /** Names this connection. `CLIENT SETNAME`, O(1). */
  clientSetName(name: Text): Promise<Ok<S>>;
  /** Makes this connection be told when keys change that it has read, or all that begin alike. `CLIENT TRACKING`, O(1); with prefixes O(N) for N of them. */
  clientTracking(mode: boolean, options?: ClientTrackingOptions): Promise<Ok<S>>;
  /** Tells how this connection tracks keys. `CLIENT TRACKINGINFO`, O(1). */
  clientTrackingInfo(): Promise<{ flags: S[]; redirect: number; prefixes: S[] }>;
  /** Ends the waiting of another connection in a blocking command. `CLIENT UNBLOCK`, O(log N), N connections. */
  clientUnblock(clientId: Integer, unblockType?: "TIMEOUT" | "ERROR"): Promise<number>;
  /** Ends what CLIENT PAUSE began. `CLIENT UNPAUSE`, O(N), N connections that wait. */
  clientUnpause(): Promise<Ok<S>>;
  /** Gives its argument back. `ECHO`, O(1). */
  echo(message: Argument): Promise<S>;
  /** Chooses the protocol and tells about the server. `HELLO`, O(1). */
  hello(protover?: 3, options?: HelloOptions): Promise<Record<string, Reply>>;
  /** Answers PONG, or its argument. `PING`, O(1). */
  ping(message?: Argument): Promise<S>;
  /** Chooses the database. `SELECT`, O(1). */
  select(index: Integer): Promise<Ok<S>>;
  /** Names the ACL categories, or the commands of one. `ACL CAT`, O(1): there are so many categories and commands.. */
  aclCat(category?: Argument): Promise<S[]>;
  /** Removes users and ends their connections. `ACL DELUSER`, O(N) for N connections. */
  aclDelUser(username: Many<Argument>): Promise<number>;
  /** Tells whether a user may call a command, without calling it. `ACL DRYRUN`, O(1). */
  aclDryRun(username: Text, command: readonly Argument[]): Promise<S>;
  /** Makes a password that nobody can guess. `ACL GENPASS`, O(1). */
  aclGenPass(bits?: Integer): Promise<S>;
  /** Tells what a user may do. `ACL GETUSER`, O(N) for N rules of the user. */
  aclGetUser(username: Argument): Promise<Record<string, Reply> | null>;
  /** Gives a line of rules for each user. `ACL LIST`, O(N) for N users. */
  aclList(): Promise<S[]>;
  /** Reads the users from the ACL file. `ACL LOAD`, O(N) for N users. */
  aclLoad(): Promise<Ok<S>>;
  /** Tells what was refused to users lately, or forgets it. `ACL LOG`, O(N) for N entries told. */
  aclLog(count?: Integer): Promise<Record<string, Reply>[]>;
  /** Tells what was refused to users lately, or forgets it. `ACL LOG`, O(N) for N entries told. */
  aclLogReset(): Promise<Ok<S>>;
  /** Writes the users to the ACL file. `ACL SAVE`, O(N) for N users. */
  aclSave(): Promise<Ok<S>>;
  /** Changes what a user may do, or makes a user. `ACL SETUSER`, O(N) for N rules. */
  aclSetUser(username: Argument, rule?: Many<Argument>): Promise<Ok<S>>;
  /** Names all users. `ACL USERS`, O(N) for N users. */
  aclUsers(): Promise<S[]>;
  /** Names the user of this connection. `ACL WHOAMI`, O(1). */
  aclWhoAmI(): Promise<S>;
  /** Writes the append-only file anew, as short as the data allow, while commands go on. `BGREWRITEAOF`, O(1). */
  bgRewriteAof(): Promise<string>;
  /** Writes the data into an RDB file, while commands go on. `BGSAVE`, O(1). */
  bgSave(options?: { SCHEDULE?: boolean }): Promise<string>;
  /** Tells all there is to know of every command. `COMMAND`, O(N) for N commands. */
  command(): Promise<CommandInfo[]>;
  /** Counts the commands. `COMMAND COUNT`, O(1). */
  commandCount(): Promise<number>;
  /** Gives summary, arguments and history of commands. `COMMAND DOCS`, O(N) for N commands. */
  commandDocs(commandName?: Many<Argument>): Promise<Record<string, Reply>>;
  /** Picks the keys out of the words of a command. `COMMAND GETKEYS`, O(N) for N words. */
  commandGetKeys(args: readonly Argument[]): Promise<S[]>;
  /** Picks the keys out of the words of a command, with what happens to each. `COMMAND GETKEYSANDFLAGS`, O(N) for N words. */
  commandGetKeysAndFlags(args: readonly Argument[]): Promise<{ key: S; flags: S[] }[]>;
  /** Gives arity, flags, keys and categories of commands. `COMMAND INFO`, O(N) for N commands. */
  commandInfo(commands: Many<Text>): Promise<(CommandInfo | null)[]>;
  /** Gives the names of commands. `COMMAND LIST`, O(N) for N commands. */
  commandList(options?: { FILTERBY?: { type: "MODULE" | "ACLCAT" | "PATTERN"; value: Text } }): Promise<S[]>;
  /** Gives the parameters whose names match. `CONFIG GET`, O(N) for N patterns. */
  configGet(parameters: Many<Text>): Promise<Record<string, S>>;
  /** Sets the counters of INFO to zero. `CONFIG RESETSTAT`, O(1). */
  configResetStat(): Promise<Ok<S>>;
  /** Writes the parameters in force into the configuration file. `CONFIG REWRITE`, O(1). */
  configRewrite(): Promise<Ok<S>>;
  /** Changes parameters: all that are named, or none. `CONFIG SET`, O(N) for N parameters. */
  configSet(parameter: Text | Pairs, value?: Argument): Promise<Ok<S>>;
  /** Tells how many keys the database has. `DBSIZE`, O(1). */
  dbSize(): Promise<number>;
  /** Looks inside the engine, for tests. `DEBUG`, By subcommand. */
  debug(...args: Argument[]): Promise<Reply>;
  /** Removes all keys of all databases. `FLUSHALL`, O(N) for N keys. */
  flushAll(flushType?: "ASYNC" | "SYNC"): Promise<Ok<S>>;
  /** Removes all keys of the database. `FLUSHDB`, O(N) for N keys. */
  flushDb(flushType?: "ASYNC" | "SYNC"): Promise<Ok<S>>;
  /** Tells the state of the engine, section by section. `INFO`, O(1). */
  info(section?: Many<Text>): Promise<S>;
  /** Tells when the data were last saved as a whole, in Unix seconds. `LASTSAVE`, O(1). */
  lastSave(): Promise<number>;
  /** Explains the spikes in words. `LATENCY DOCTOR`, O(1). */
  latencyDoctor(): Promise<S>;
  /** Draws the spikes of an event. `LATENCY GRAPH`, O(1). */
  latencyGraph(event: Argument): Promise<S>;
  /** Tells how the times of commands are spread. `LATENCY HISTOGRAM`, O(N) for N commands told of. */
  latencyHistogram(...commands: Text[]): Promise<Record<string, Reply>>;
  /** Gives the spikes of an event with their times. `LATENCY HISTORY`, O(1). */
  latencyHistory(event: Argument): Promise<[number, number][]>;
  /** Gives the latest spike of each event. `LATENCY LATEST`, O(1). */
  latencyLatest(): Promise<[S, number, number, number][]>;
  /** Forgets the spikes of events. `LATENCY RESET`, O(1). */
  latencyReset(...events: Text[]): Promise<number>;
  /** Paints a picture and names the version. `LOLWUT`, . */
  lolwut(version?: Integer, ...args: Integer[]): Promise<S>;
  /** Explains in words what is wrong with memory. `MEMORY DOCTOR`, O(1). */
  memoryDoctor(): Promise<S>;
  /** Gives the report of the allocator. `MEMORY MALLOC-STATS`, O(1). */
  memoryMallocStats(): Promise<S>;
  /** Asks the allocator to give memory back. `MEMORY PURGE`, O(N) for N bytes in use. */
  memoryPurge(): Promise<Ok<S>>;
  /** Tells what memory is used for. `MEMORY STATS`, O(1). */
  memoryStats(): Promise<Record<string, Reply>>;
  /** Tells how many bytes a key and its value take. `MEMORY USAGE`, O(1). */
  memoryUsage(key: Key, options?: { SAMPLES?: Integer }): Promise<number | null>;
  /** Lists the modules. `MODULE LIST`, O(N) for N modules. */
  moduleList(): Promise<Reply[]>;
  /** Loads a module. `MODULE LOAD`, O(1). */
  moduleLoad(path: Argument, arg?: Many<Argument>): Promise<Ok<S>>;
  /** Loads a module with parameters. `MODULE LOADEX`, O(1). */
  moduleLoadEx(...args: Argument[]): Promise<Ok<S>>;
  /** Unloads a module. `MODULE UNLOAD`, O(1). */
  moduleUnload(name: Argument): Promise<Ok<S>>;
  /** Allows this connection to read from a replica in a cluster. `READONLY`, O(1). */
  readonly(): Promise<Ok<S>>;
  /** Takes READONLY back. `READWRITE`, O(1). */
  readwrite(): Promise<Ok<S>>;
  /** Makes the server a replica of another, or a master. `REPLICAOF`, O(1). */
  replicaOf(host: Text, port: Text | Integer): Promise<Ok<S>>;
  /** Tells this server's part in replication. `ROLE`, O(1). */
  role(): Promise<Role<S>>;
  /** Writes the data into an RDB file; all else waits. `SAVE`, O(N) for N keys of all databases. */
  save(): Promise<Ok<S>>;
  /** Ends the server, once the log is closed. `SHUTDOWN`, O(1). */
  shutdown(options?: { mode?: "SAVE" | "NOSAVE"; NOW?: boolean; FORCE?: boolean; ABORT?: boolean }): Promise<Reply>;
  /** Makes the server a replica of another, or a master. `SLAVEOF`, O(1). */
  slaveOf(host: Text, port: Text | Integer): Promise<Ok<S>>;
  /** Gives entries of the log, the latest first. `SLOWLOG GET`, O(N) for N entries given. */
  slowLogGet(count?: Integer): Promise<Reply[]>;
  /** Counts the entries of the log. `SLOWLOG LEN`, O(1). */
  slowLogLen(): Promise<number>;
  /** Empties the log. `SLOWLOG RESET`, O(N) for N entries. */
  slowLogReset(): Promise<Ok<S>>;
  /** Exchanges the contents of two databases. `SWAPDB`, O(N) for N clients that watch keys there. */
  swapDb(index1: Integer, index2: Integer): Promise<Ok<S>>;
  /** Tells the time in seconds and microseconds. `TIME`, O(1). */
  time(): Promise<[S, S]>;
  /** Runs a Lua script. `EVAL`, By what the script does. */
  eval(script: Text, options?: EvalOptions): Promise<Reply>;
  /** Runs a Lua script that only reads. `EVAL_RO`, By what the script does. */
  evalRo(script: Text, options?: EvalOptions): Promise<Reply>;
  /** Runs a cached Lua script, named by its digest. `EVALSHA`, By what the script does. */
  evalSha(sha1: Text, options?: EvalOptions): Promise<Reply>;
  /** Runs a cached Lua script that only reads, named by its digest. `EVALSHA_RO`, By what the script does. */
  evalShaRo(sha1: Text, options?: EvalOptions): Promise<Reply>;
  /** Calls a function. `FCALL`, By what the function does. */
  fCall(name: Text, options?: EvalOptions): Promise<Reply>;
  /** Calls a function that only reads. `FCALL_RO`, By what the function does. */
  fCallRo(name: Text, options?: EvalOptions): Promise<Reply>;
  /** Removes a library. `FUNCTION DELETE`, O(1). */
  functionDelete(libraryName: Argument): Promise<Ok<S>>;
  /** Gives all libraries as one string. `FUNCTION DUMP`, O(N) for N functions. */
  functionDump(): Promise<S>;
  /** Removes all libraries. `FUNCTION FLUSH`, O(N) for N functions. */
  functionFlush(async?: "ASYNC" | "SYNC"): Promise<Ok<S>>;
  /** Ends the function that runs. `FUNCTION KILL`, O(1). */
  functionKill(): Promise<Ok<S>>;
  /** Tells of the libraries. `FUNCTION LIST`, O(N) for N functions. */
  functionList(options?: { LIBRARYNAME?: Text }): Promise<Record<string, Reply>[]>;
  /** Tells of the libraries. `FUNCTION LIST`, O(N) for N functions. */
  functionListWithCode(options?: { LIBRARYNAME?: Text }): Promise<Record<string, Reply>[]>;
  /** Adds a library. `FUNCTION LOAD`, O(1), but for compiling. */
  functionLoad(code: Text, options?: { REPLACE?: boolean }): Promise<S>;
  /** Brings back the libraries of a dump. `FUNCTION RESTORE`, O(N) for N functions. */
  functionRestore(dump: Text, options?: { mode?: "FLUSH" | "APPEND" | "REPLACE" }): Promise<Ok<S>>;
  /** Tells which function runs, and what engines hold. `FUNCTION STATS`, O(1). */
  functionStats(): Promise<Record<string, Reply>>;
  /** Says whether the scripts of this connection run in the debugger. `SCRIPT DEBUG`, O(1). */
  scriptDebug(mode: "YES" | "SYNC" | "NO"): Promise<Ok<S>>;
  /** Tells of each digest whether its script is cached. `SCRIPT EXISTS`, O(N) for N digests. */
  scriptExists(sha1: Many<Argument>): Promise<number[]>;
  /** Empties the cache of scripts. `SCRIPT FLUSH`, O(N) for N scripts. */
  scriptFlush(async?: "ASYNC" | "SYNC"): Promise<Ok<S>>;
  /** Ends the script that runs. `SCRIPT KILL`, O(1). */
  scriptKill(): Promise<Ok<S>>;
  /** Caches a script without running it. `SCRIPT LOAD`, O(N) for N bytes of script. */
  scriptLoad(script: Argument): Promise<S>;
  /** Lists the subcommands. `ACL HELP`, O(1). */
  aclHelp(): Promise<S[]>;
  /** Lists the subcommands. `CLIENT HELP`, O(1). */
  clientHelp(): Promise<S[]>;
  /** Lists the subcommands. `COMMAND HELP`, O(1). */
  commandHelp(): Promise<S[]>;
  /** Lists the subcommands. `CONFIG HELP`, O(1). */
  configHelp(): Promise<S[]>;
  /** Lists the subcommands. `FUNCTION HELP`, O(1). */
  functionHelp(): Promise<S[]>;
  /** Lists the subcommands. `LATENCY HELP`, O(1). */
  latencyHelp(): Promise<S[]>;
  /** Lists the subcommands. `MEMORY HELP`, O(1). */
  memoryHelp(): Promise<S[]>;
  /** Lists the subcommands. `MODULE HELP`, O(1). */
  moduleHelp(): Promise<S[]>;
  /** Lists the subcommands. `OBJECT HELP`, O(1). */
  objectHelp(): Promise<S[]>;
  /** Lists the subcommands. `PUBSUB HELP`, O(1). */
  pubsubHelp(): Promise<S[]>;
  /** Lists the subcommands. `SCRIPT HELP`, O(1). */
  scriptHelp(): Promise<S[]>;
  /** Lists the subcommands. `SLOWLOG HELP`, O(1). */
  slowlogHelp(): Promise<S[]>;
  /** Lists the subcommands. `XGROUP HELP`, O(1). */
  xgroupHelp(): Promise<S[]>;
  /** Lists the subcommands. `XINFO HELP`, O(1). */
  xinfoHelp(): Promise<S[]>;
}

/** The same methods under the names of the commands, as node-redis has them too. */
export interface Aliases<in out S> {
  /** @hidden */ APPEND: Methods<S>["append"];
  /** @hidden */ DECR: Methods<S>["decr"];
  /** @hidden */ DECRBY: Methods<S>["decrBy"];
  /** @hidden */ GET: Methods<S>["get"];
  /** @hidden */ GETDEL: Methods<S>["getDel"];
  /** @hidden */ GETEX: Methods<S>["getEx"];
  /** @hidden */ GETRANGE: Methods<S>["getRange"];
  /** @hidden */ GETSET: Methods<S>["getSet"];
  /** @hidden */ INCR: Methods<S>["incr"];
  /** @hidden */ INCRBY: Methods<S>["incrBy"];
  /** @hidden */ INCRBYFLOAT: Methods<S>["incrByFloat"];
  /** @hidden */ LCS: Methods<S>["lcs"];
  /** @hidden */ LCS_LEN: Methods<S>["lcsLen"];
  /** @hidden */ LCS_IDX: Methods<S>["lcsIdx"];
  /** @hidden */ LCS_IDX_WITHMATCHLEN: Methods<S>["lcsIdxWithMatchLen"];
  /** @hidden */ MGET: Methods<S>["mGet"];
  /** @hidden */ MSET: Methods<S>["mSet"];
  /** @hidden */ MSETNX: Methods<S>["mSetNX"];
  /** @hidden */ PSETEX: Methods<S>["pSetEx"];
  /** @hidden */ SET: Methods<S>["set"];
  /** @hidden */ SETEX: Methods<S>["setEx"];
  /** @hidden */ SETNX: Methods<S>["setNX"];
  /** @hidden */ SETRANGE: Methods<S>["setRange"];
  /** @hidden */ STRLEN: Methods<S>["strLen"];
  /** @hidden */ SUBSTR: Methods<S>["subStr"];
  /** @hidden */ GET_JSON: Methods<S>["getJSON"];
  /** @hidden */ SET_JSON: Methods<S>["setJSON"];
  /** @hidden */ BITCOUNT: Methods<S>["bitCount"];
  /** @hidden */ BITFIELD: Methods<S>["bitField"];
  /** @hidden */ BITFIELD_RO: Methods<S>["bitFieldRo"];
  /** @hidden */ BITOP: Methods<S>["bitOp"];
  /** @hidden */ BITPOS: Methods<S>["bitPos"];
  /** @hidden */ GETBIT: Methods<S>["getBit"];
  /** @hidden */ SETBIT: Methods<S>["setBit"];
  /** @hidden */ COPY: Methods<S>["copy"];
  /** @hidden */ DEL: Methods<S>["del"];
  /** @hidden */ DUMP: Methods<S>["dump"];
  /** @hidden */ EXISTS: Methods<S>["exists"];
  /** @hidden */ EXPIRE: Methods<S>["expire"];
  /** @hidden */ EXPIREAT: Methods<S>["expireAt"];
  /** @hidden */ EXPIRETIME: Methods<S>["expireTime"];
  /** @hidden */ KEYS: Methods<S>["keys"];
  /** @hidden */ MIGRATE: Methods<S>["migrate"];
  /** @hidden */ MOVE: Methods<S>["move"];
  /** @hidden */ OBJECT_ENCODING: Methods<S>["objectEncoding"];
  /** @hidden */ OBJECT_FREQ: Methods<S>["objectFreq"];
  /** @hidden */ OBJECT_IDLETIME: Methods<S>["objectIdleTime"];
  /** @hidden */ OBJECT_REFCOUNT: Methods<S>["objectRefCount"];
  /** @hidden */ PERSIST: Methods<S>["persist"];
  /** @hidden */ PEXPIRE: Methods<S>["pExpire"];
  /** @hidden */ PEXPIREAT: Methods<S>["pExpireAt"];
  /** @hidden */ PEXPIRETIME: Methods<S>["pExpireTime"];
  /** @hidden */ PTTL: Methods<S>["pTTL"];
  /** @hidden */ RANDOMKEY: Methods<S>["randomKey"];
  /** @hidden */ RENAME: Methods<S>["rename"];
  /** @hidden */ RENAMENX: Methods<S>["renameNX"];
  /** @hidden */ RESTORE: Methods<S>["restore"];
  /** @hidden */ SCAN: Methods<S>["scan"];
  /** @hidden */ SORT: Methods<S>["sort"];
  /** @hidden */ SORT_RO: Methods<S>["sortRo"];
  /** @hidden */ SORT_STORE: Methods<S>["sortStore"];
  /** @hidden */ TOUCH: Methods<S>["touch"];
  /** @hidden */ TTL: Methods<S>["ttl"];
  /** @hidden */ TYPE: Methods<S>["type"];
  /** @hidden */ UNLINK: Methods<S>["unlink"];
  /** @hidden */ WAIT: Methods<S>["wait"];
  /** @hidden */ WAITAOF: Methods<S>["waitAof"];
  /** @hidden */ BLMOVE: Methods<S>["blMove"];
  /** @hidden */ BLMPOP: Methods<S>["blmPop"];
  /** @hidden */ BLPOP: Methods<S>["blPop"];
  /** @hidden */ BRPOP: Methods<S>["brPop"];
  /** @hidden */ BRPOPLPUSH: Methods<S>["brPopLPush"];
  /** @hidden */ LINDEX: Methods<S>["lIndex"];
  /** @hidden */ LINSERT: Methods<S>["lInsert"];
  /** @hidden */ LLEN: Methods<S>["lLen"];
  /** @hidden */ LMOVE: Methods<S>["lMove"];
  /** @hidden */ LMPOP: Methods<S>["lmPop"];
  /** @hidden */ LPOP: Methods<S>["lPop"];
  /** @hidden */ LPOP_COUNT: Methods<S>["lPopCount"];
  /** @hidden */ LPOS: Methods<S>["lPos"];
  /** @hidden */ LPOS_COUNT: Methods<S>["lPosCount"];
  /** @hidden */ LPUSH: Methods<S>["lPush"];
  /** @hidden */ LPUSHX: Methods<S>["lPushX"];
  /** @hidden */ LRANGE: Methods<S>["lRange"];
  /** @hidden */ LREM: Methods<S>["lRem"];
  /** @hidden */ LSET: Methods<S>["lSet"];
  /** @hidden */ LTRIM: Methods<S>["lTrim"];
  /** @hidden */ RPOP: Methods<S>["rPop"];
  /** @hidden */ RPOP_COUNT: Methods<S>["rPopCount"];
  /** @hidden */ RPOPLPUSH: Methods<S>["rPopLPush"];
  /** @hidden */ RPUSH: Methods<S>["rPush"];
  /** @hidden */ RPUSHX: Methods<S>["rPushX"];
  /** @hidden */ SADD: Methods<S>["sAdd"];
  /** @hidden */ SCARD: Methods<S>["sCard"];
  /** @hidden */ SDIFF: Methods<S>["sDiff"];
  /** @hidden */ SDIFFSTORE: Methods<S>["sDiffStore"];
  /** @hidden */ SINTER: Methods<S>["sInter"];
  /** @hidden */ SINTERCARD: Methods<S>["sInterCard"];
  /** @hidden */ SINTERSTORE: Methods<S>["sInterStore"];
  /** @hidden */ SISMEMBER: Methods<S>["sIsMember"];
  /** @hidden */ SMEMBERS: Methods<S>["sMembers"];
  /** @hidden */ SMISMEMBER: Methods<S>["smIsMember"];
  /** @hidden */ SMOVE: Methods<S>["sMove"];
  /** @hidden */ SPOP: Methods<S>["sPop"];
  /** @hidden */ SPOP_COUNT: Methods<S>["sPopCount"];
  /** @hidden */ SRANDMEMBER: Methods<S>["sRandMember"];
  /** @hidden */ SRANDMEMBER_COUNT: Methods<S>["sRandMemberCount"];
  /** @hidden */ SREM: Methods<S>["sRem"];
  /** @hidden */ SSCAN: Methods<S>["sScan"];
  /** @hidden */ SUNION: Methods<S>["sUnion"];
  /** @hidden */ SUNIONSTORE: Methods<S>["sUnionStore"];
  /** @hidden */ HDEL: Methods<S>["hDel"];
  /** @hidden */ HEXISTS: Methods<S>["hExists"];
  /** @hidden */ HGET: Methods<S>["hGet"];
  /** @hidden */ HGETALL: Methods<S>["hGetAll"];
  /** @hidden */ HINCRBY: Methods<S>["hIncrBy"];
  /** @hidden */ HINCRBYFLOAT: Methods<S>["hIncrByFloat"];
  /** @hidden */ HKEYS: Methods<S>["hKeys"];
  /** @hidden */ HLEN: Methods<S>["hLen"];
  /** @hidden */ HMGET: Methods<S>["hmGet"];
  /** @hidden */ HMSET: Methods<S>["hmSet"];
  /** @hidden */ HRANDFIELD: Methods<S>["hRandField"];
  /** @hidden */ HRANDFIELD_COUNT: Methods<S>["hRandFieldCount"];
  /** @hidden */ HRANDFIELD_COUNT_WITHVALUES: Methods<S>["hRandFieldCountWithValues"];
  /** @hidden */ HSCAN: Methods<S>["hScan"];
  /** @hidden */ HSET: Methods<S>["hSet"];
  /** @hidden */ HSETNX: Methods<S>["hSetNX"];
  /** @hidden */ HSTRLEN: Methods<S>["hStrLen"];
  /** @hidden */ HVALS: Methods<S>["hVals"];
  /** @hidden */ BZMPOP: Methods<S>["bzmPop"];
  /** @hidden */ BZPOPMAX: Methods<S>["bzPopMax"];
  /** @hidden */ BZPOPMIN: Methods<S>["bzPopMin"];
  /** @hidden */ ZADD: Methods<S>["zAdd"];
  /** @hidden */ ZADD_INCR: Methods<S>["zAddIncr"];
  /** @hidden */ ZCARD: Methods<S>["zCard"];
  /** @hidden */ ZCOUNT: Methods<S>["zCount"];
  /** @hidden */ ZDIFF: Methods<S>["zDiff"];
  /** @hidden */ ZDIFFSTORE: Methods<S>["zDiffStore"];
  /** @hidden */ ZDIFF_WITHSCORES: Methods<S>["zDiffWithScores"];
  /** @hidden */ ZINCRBY: Methods<S>["zIncrBy"];
  /** @hidden */ ZINTER: Methods<S>["zInter"];
  /** @hidden */ ZINTERCARD: Methods<S>["zInterCard"];
  /** @hidden */ ZINTERSTORE: Methods<S>["zInterStore"];
  /** @hidden */ ZINTER_WITHSCORES: Methods<S>["zInterWithScores"];
  /** @hidden */ ZLEXCOUNT: Methods<S>["zLexCount"];
  /** @hidden */ ZMPOP: Methods<S>["zmPop"];
  /** @hidden */ ZMSCORE: Methods<S>["zmScore"];
  /** @hidden */ ZPOPMAX: Methods<S>["zPopMax"];
  /** @hidden */ ZPOPMAX_COUNT: Methods<S>["zPopMaxCount"];
  /** @hidden */ ZPOPMIN: Methods<S>["zPopMin"];
  /** @hidden */ ZPOPMIN_COUNT: Methods<S>["zPopMinCount"];
  /** @hidden */ ZRANDMEMBER: Methods<S>["zRandMember"];
  /** @hidden */ ZRANDMEMBER_COUNT: Methods<S>["zRandMemberCount"];
  /** @hidden */ ZRANDMEMBER_COUNT_WITHSCORES: Methods<S>["zRandMemberCountWithScores"];
  /** @hidden */ ZRANGE: Methods<S>["zRange"];
  /** @hidden */ ZRANGEBYLEX: Methods<S>["zRangeByLex"];
  /** @hidden */ ZRANGEBYSCORE: Methods<S>["zRangeByScore"];
  /** @hidden */ ZRANGEBYSCORE_WITHSCORES: Methods<S>["zRangeByScoreWithScores"];
  /** @hidden */ ZRANGESTORE: Methods<S>["zRangeStore"];
  /** @hidden */ ZRANGE_WITHSCORES: Methods<S>["zRangeWithScores"];
  /** @hidden */ ZRANK: Methods<S>["zRank"];
  /** @hidden */ ZRANK_WITHSCORE: Methods<S>["zRankWithScore"];
  /** @hidden */ ZREM: Methods<S>["zRem"];
  /** @hidden */ ZREMRANGEBYLEX: Methods<S>["zRemRangeByLex"];
  /** @hidden */ ZREMRANGEBYRANK: Methods<S>["zRemRangeByRank"];
  /** @hidden */ ZREMRANGEBYSCORE: Methods<S>["zRemRangeByScore"];
  /** @hidden */ ZREVRANGE: Methods<S>["zRevRange"];
  /** @hidden */ ZREVRANGEBYLEX: Methods<S>["zRevRangeByLex"];
  /** @hidden */ ZREVRANGEBYSCORE: Methods<S>["zRevRangeByScore"];
  /** @hidden */ ZREVRANK: Methods<S>["zRevRank"];
  /** @hidden */ ZREVRANK_WITHSCORE: Methods<S>["zRevRankWithScore"];
  /** @hidden */ ZSCAN: Methods<S>["zScan"];
  /** @hidden */ ZSCORE: Methods<S>["zScore"];
  /** @hidden */ ZUNION: Methods<S>["zUnion"];
  /** @hidden */ ZUNIONSTORE: Methods<S>["zUnionStore"];
  /** @hidden */ ZUNION_WITHSCORES: Methods<S>["zUnionWithScores"];
  /** @hidden */ GEOADD: Methods<S>["geoAdd"];
  /** @hidden */ GEODIST: Methods<S>["geoDist"];
  /** @hidden */ GEOHASH: Methods<S>["geoHash"];
  /** @hidden */ GEOPOS: Methods<S>["geoPos"];
  /** @hidden */ GEORADIUS: Methods<S>["geoRadius"];
  /** @hidden */ GEORADIUS_RO: Methods<S>["geoRadiusRo"];
  /** @hidden */ GEORADIUS_WITH: Methods<S>["geoRadiusWith"];
  /** @hidden */ GEORADIUS_RO_WITH: Methods<S>["geoRadiusRoWith"];
  /** @hidden */ GEORADIUS_STORE: Methods<S>["geoRadiusStore"];
  /** @hidden */ GEORADIUSBYMEMBER: Methods<S>["geoRadiusByMember"];
  /** @hidden */ GEORADIUSBYMEMBER_RO: Methods<S>["geoRadiusByMemberRo"];
  /** @hidden */ GEORADIUSBYMEMBER_WITH: Methods<S>["geoRadiusByMemberWith"];
  /** @hidden */ GEORADIUSBYMEMBER_RO_WITH: Methods<S>["geoRadiusByMemberRoWith"];
  /** @hidden */ GEORADIUSBYMEMBER_STORE: Methods<S>["geoRadiusByMemberStore"];
  /** @hidden */ GEOSEARCH: Methods<S>["geoSearch"];
  /** @hidden */ GEOSEARCHSTORE: Methods<S>["geoSearchStore"];
  /** @hidden */ GEOSEARCH_WITH: Methods<S>["geoSearchWith"];
  /** @hidden */ XACK: Methods<S>["xAck"];
  /** @hidden */ XADD: Methods<S>["xAdd"];
  /** @hidden */ XADD_NOMKSTREAM: Methods<S>["xAddNoMkStream"];
  /** @hidden */ XAUTOCLAIM: Methods<S>["xAutoClaim"];
  /** @hidden */ XAUTOCLAIM_JUSTID: Methods<S>["xAutoClaimJustId"];
  /** @hidden */ XCLAIM: Methods<S>["xClaim"];
  /** @hidden */ XCLAIM_JUSTID: Methods<S>["xClaimJustId"];
  /** @hidden */ XDEL: Methods<S>["xDel"];
  /** @hidden */ XGROUP_CREATE: Methods<S>["xGroupCreate"];
  /** @hidden */ XGROUP_CREATECONSUMER: Methods<S>["xGroupCreateConsumer"];
  /** @hidden */ XGROUP_DELCONSUMER: Methods<S>["xGroupDelConsumer"];
  /** @hidden */ XGROUP_DESTROY: Methods<S>["xGroupDestroy"];
  /** @hidden */ XGROUP_SETID: Methods<S>["xGroupSetId"];
  /** @hidden */ XINFO_CONSUMERS: Methods<S>["xInfoConsumers"];
  /** @hidden */ XINFO_GROUPS: Methods<S>["xInfoGroups"];
  /** @hidden */ XINFO_STREAM: Methods<S>["xInfoStream"];
  /** @hidden */ XLEN: Methods<S>["xLen"];
  /** @hidden */ XPENDING: Methods<S>["xPending"];
  /** @hidden */ XPENDING_RANGE: Methods<S>["xPendingRange"];
  /** @hidden */ XRANGE: Methods<S>["xRange"];
  /** @hidden */ XREAD: Methods<S>["xRead"];
  /** @hidden */ XREADGROUP: Methods<S>["xReadGroup"];
  /** @hidden */ XREVRANGE: Methods<S>["xRevRange"];
  /** @hidden */ XSETID: Methods<S>["xSetId"];
  /** @hidden */ XTRIM: Methods<S>["xTrim"];
  /** @hidden */ PFADD: Methods<S>["pfAdd"];
  /** @hidden */ PFCOUNT: Methods<S>["pfCount"];
  /** @hidden */ PFMERGE: Methods<S>["pfMerge"];
  /** @hidden */ DISCARD: Methods<S>["discard"];
  /** @hidden */ UNWATCH: Methods<S>["unwatch"];
  /** @hidden */ WATCH: Methods<S>["watch"];
  /** @hidden */ PUBLISH: Methods<S>["publish"];
  /** @hidden */ PUBSUB_CHANNELS: Methods<S>["pubSubChannels"];
  /** @hidden */ PUBSUB_NUMPAT: Methods<S>["pubSubNumPat"];
  /** @hidden */ PUBSUB_NUMSUB: Methods<S>["pubSubNumSub"];
  /** @hidden */ PUBSUB_SHARDCHANNELS: Methods<S>["pubSubShardChannels"];
  /** @hidden */ PUBSUB_SHARDNUMSUB: Methods<S>["pubSubShardNumSub"];
  /** @hidden */ SPUBLISH: Methods<S>["sPublish"];
  /** @hidden */ AUTH: Methods<S>["auth"];
  /** @hidden */ CLIENT_CACHING: Methods<S>["clientCaching"];
  /** @hidden */ CLIENT_GETNAME: Methods<S>["clientGetName"];
  /** @hidden */ CLIENT_GETREDIR: Methods<S>["clientGetRedir"];
  /** @hidden */ CLIENT_ID: Methods<S>["clientId"];
  /** @hidden */ CLIENT_INFO: Methods<S>["clientInfo"];
  /** @hidden */ CLIENT_KILL: Methods<S>["clientKill"];
  /** @hidden */ CLIENT_LIST: Methods<S>["clientList"];
  /** @hidden */ "CLIENT_NO-EVICT": Methods<S>["clientNoEvict"];
  /** @hidden */ "CLIENT_NO-TOUCH": Methods<S>["clientNoTouch"];
  /** @hidden */ CLIENT_PAUSE: Methods<S>["clientPause"];
  /** @hidden */ CLIENT_SETINFO: Methods<S>["clientSetInfo"];
  /** @hidden */ CLIENT_SETNAME: Methods<S>["clientSetName"];
  /** @hidden */ CLIENT_TRACKING: Methods<S>["clientTracking"];
  /** @hidden */ CLIENT_TRACKINGINFO: Methods<S>["clientTrackingInfo"];
  /** @hidden */ CLIENT_UNBLOCK: Methods<S>["clientUnblock"];
  /** @hidden */ CLIENT_UNPAUSE: Methods<S>["clientUnpause"];
  /** @hidden */ ECHO: Methods<S>["echo"];
  /** @hidden */ HELLO: Methods<S>["hello"];
  /** @hidden */ PING: Methods<S>["ping"];
  /** @hidden */ SELECT: Methods<S>["select"];
  /** @hidden */ ACL_CAT: Methods<S>["aclCat"];
  /** @hidden */ ACL_DELUSER: Methods<S>["aclDelUser"];
  /** @hidden */ ACL_DRYRUN: Methods<S>["aclDryRun"];
  /** @hidden */ ACL_GENPASS: Methods<S>["aclGenPass"];
  /** @hidden */ ACL_GETUSER: Methods<S>["aclGetUser"];
  /** @hidden */ ACL_LIST: Methods<S>["aclList"];
  /** @hidden */ ACL_LOAD: Methods<S>["aclLoad"];
  /** @hidden */ ACL_LOG: Methods<S>["aclLog"];
  /** @hidden */ ACL_LOG_RESET: Methods<S>["aclLogReset"];
  /** @hidden */ ACL_SAVE: Methods<S>["aclSave"];
  /** @hidden */ ACL_SETUSER: Methods<S>["aclSetUser"];
  /** @hidden */ ACL_USERS: Methods<S>["aclUsers"];
  /** @hidden */ ACL_WHOAMI: Methods<S>["aclWhoAmI"];
  /** @hidden */ BGREWRITEAOF: Methods<S>["bgRewriteAof"];
  /** @hidden */ BGSAVE: Methods<S>["bgSave"];
  /** @hidden */ COMMAND: Methods<S>["command"];
  /** @hidden */ COMMAND_COUNT: Methods<S>["commandCount"];
  /** @hidden */ COMMAND_DOCS: Methods<S>["commandDocs"];
  /** @hidden */ COMMAND_GETKEYS: Methods<S>["commandGetKeys"];
  /** @hidden */ COMMAND_GETKEYSANDFLAGS: Methods<S>["commandGetKeysAndFlags"];
  /** @hidden */ COMMAND_INFO: Methods<S>["commandInfo"];
  /** @hidden */ COMMAND_LIST: Methods<S>["commandList"];
  /** @hidden */ CONFIG_GET: Methods<S>["configGet"];
  /** @hidden */ CONFIG_RESETSTAT: Methods<S>["configResetStat"];
  /** @hidden */ CONFIG_REWRITE: Methods<S>["configRewrite"];
  /** @hidden */ CONFIG_SET: Methods<S>["configSet"];
  /** @hidden */ DBSIZE: Methods<S>["dbSize"];
  /** @hidden */ DEBUG: Methods<S>["debug"];
  /** @hidden */ FLUSHALL: Methods<S>["flushAll"];
  /** @hidden */ FLUSHDB: Methods<S>["flushDb"];
  /** @hidden */ INFO: Methods<S>["info"];
  /** @hidden */ LASTSAVE: Methods<S>["lastSave"];
  /** @hidden */ LATENCY_DOCTOR: Methods<S>["latencyDoctor"];
  /** @hidden */ LATENCY_GRAPH: Methods<S>["latencyGraph"];
  /** @hidden */ LATENCY_HISTOGRAM: Methods<S>["latencyHistogram"];
  /** @hidden */ LATENCY_HISTORY: Methods<S>["latencyHistory"];
  /** @hidden */ LATENCY_LATEST: Methods<S>["latencyLatest"];
  /** @hidden */ LATENCY_RESET: Methods<S>["latencyReset"];
  /** @hidden */ LOLWUT: Methods<S>["lolwut"];
  /** @hidden */ MEMORY_DOCTOR: Methods<S>["memoryDoctor"];
  /** @hidden */ "MEMORY_MALLOC-STATS": Methods<S>["memoryMallocStats"];
  /** @hidden */ MEMORY_PURGE: Methods<S>["memoryPurge"];
  /** @hidden */ MEMORY_STATS: Methods<S>["memoryStats"];
  /** @hidden */ MEMORY_USAGE: Methods<S>["memoryUsage"];
  /** @hidden */ MODULE_LIST: Methods<S>["moduleList"];
  /** @hidden */ MODULE_LOAD: Methods<S>["moduleLoad"];
  /** @hidden */ MODULE_LOADEX: Methods<S>["moduleLoadEx"];
  /** @hidden */ MODULE_UNLOAD: Methods<S>["moduleUnload"];
  /** @hidden */ READONLY: Methods<S>["readonly"];
  /** @hidden */ READWRITE: Methods<S>["readwrite"];
  /** @hidden */ REPLICAOF: Methods<S>["replicaOf"];
  /** @hidden */ ROLE: Methods<S>["role"];
  /** @hidden */ SAVE: Methods<S>["save"];
  /** @hidden */ SHUTDOWN: Methods<S>["shutdown"];
  /** @hidden */ SLAVEOF: Methods<S>["slaveOf"];
  /** @hidden */ SLOWLOG_GET: Methods<S>["slowLogGet"];
  /** @hidden */ SLOWLOG_LEN: Methods<S>["slowLogLen"];
  /** @hidden */ SLOWLOG_RESET: Methods<S>["slowLogReset"];
  /** @hidden */ SWAPDB: Methods<S>["swapDb"];
  /** @hidden */ TIME: Methods<S>["time"];
  /** @hidden */ EVAL: Methods<S>["eval"];
  /** @hidden */ EVAL_RO: Methods<S>["evalRo"];
  /** @hidden */ EVALSHA: Methods<S>["evalSha"];
  /** @hidden */ EVALSHA_RO: Methods<S>["evalShaRo"];
  /** @hidden */ FCALL: Methods<S>["fCall"];
  /** @hidden */ FCALL_RO: Methods<S>["fCallRo"];
  /** @hidden */ FUNCTION_DELETE: Methods<S>["functionDelete"];
  /** @hidden */ FUNCTION_DUMP: Methods<S>["functionDump"];
  /** @hidden */ FUNCTION_FLUSH: Methods<S>["functionFlush"];
  /** @hidden */ FUNCTION_KILL: Methods<S>["functionKill"];
  /** @hidden */ FUNCTION_LIST: Methods<S>["functionList"];
  /** @hidden */ FUNCTION_LIST_WITHCODE: Methods<S>["functionListWithCode"];
  /** @hidden */ FUNCTION_LOAD: Methods<S>["functionLoad"];
  /** @hidden */ FUNCTION_RESTORE: Methods<S>["functionRestore"];
  /** @hidden */ FUNCTION_STATS: Methods<S>["functionStats"];
  /** @hidden */ SCRIPT_DEBUG: Methods<S>["scriptDebug"];
  /** @hidden */ SCRIPT_EXISTS: Methods<S>["scriptExists"];
  /** @hidden */ SCRIPT_FLUSH: Methods<S>["scriptFlush"];
  /** @hidden */ SCRIPT_KILL: Methods<S>["scriptKill"];
  /** @hidden */ SCRIPT_LOAD: Methods<S>["scriptLoad"];
  /** @hidden */ ACL_HELP: Methods<S>["aclHelp"];
  /** @hidden */ CLIENT_HELP: Methods<S>["clientHelp"];
  /** @hidden */ COMMAND_HELP: Methods<S>["commandHelp"];
  /** @hidden */ CONFIG_HELP: Methods<S>["configHelp"];
  /** @hidden */ FUNCTION_HELP: Methods<S>["functionHelp"];
  /** @hidden */ LATENCY_HELP: Methods<S>["latencyHelp"];
  /** @hidden */ MEMORY_HELP: Methods<S>["memoryHelp"];
  /** @hidden */ MODULE_HELP: Methods<S>["moduleHelp"];
  /** @hidden */ OBJECT_HELP: Methods<S>["objectHelp"];
  /** @hidden */ PUBSUB_HELP: Methods<S>["pubsubHelp"];
  /** @hidden */ SCRIPT_HELP: Methods<S>["scriptHelp"];
  /** @hidden */ SLOWLOG_HELP: Methods<S>["slowlogHelp"];
  /** @hidden */ XGROUP_HELP: Methods<S>["xgroupHelp"];
  /** @hidden */ XINFO_HELP: Methods<S>["xinfoHelp"];
}
