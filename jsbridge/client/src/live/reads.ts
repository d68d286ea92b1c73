import type { Reply } from "../types.js";

/**
 * Commands that a cache may answer: they read one key, their first word, and what they give changes with that key alone. (SRANDMEMBER and
 * TTL give something else each time; SINTER and EXISTS may read several keys.)
 */
const readable = new Set(
  (
    "GET STRLEN GETRANGE SUBSTR GETBIT BITCOUNT BITPOS TYPE " +
    "HGET HGETALL HMGET HKEYS HVALS HLEN HEXISTS HSTRLEN LRANGE LINDEX LLEN LPOS SMEMBERS SISMEMBER SMISMEMBER SCARD " +
    "ZRANGE ZRANGEBYSCORE ZRANGEBYLEX ZREVRANGE ZREVRANGEBYSCORE ZREVRANGEBYLEX ZSCORE ZMSCORE ZCARD ZCOUNT ZLEXCOUNT ZRANK ZREVRANK " +
    "XRANGE XREVRANGE XLEN GEOPOS GEODIST GEOHASH GEOSEARCH"
  ).split(" "),
);

/** A command that a cache answers: its name, its key, and its further words. */
export type ReadCommand = readonly [name: string, key: string, ...words: (string | number)[]];

/** What tells the reads of one key apart. Throws a TypeError for a command that cannot be cached. */
export function readId(command: ReadCommand): string {
  const name = String(command[0]).toUpperCase();
  if (!readable.has(name) || typeof command[1] !== "string") {
    throw new TypeError(`tabdis: a cache answers reads of one key, given as a string, and ${name} is no such command`);
  }
  let id = name;
  for (let i = 2; i < command.length; i++) {
    const word = String(command[i]);
    id += ` ${word.length}:${word}`;
  }
  return id;
}

/** Lone halves of surrogate pairs cannot be sent as UTF-8: what stands for them is what the engine will say in their place. */
export function sentKey(key: string): string {
  return key.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** What a value weighs in bytes, about: two for each character, and something for each object. */
export function weigh(value: Reply): number {
  if (typeof value === "string") return 24 + 2 * value.length;
  if (value === null || typeof value !== "object") return 8;
  let bytes = 32;
  if (Array.isArray(value)) for (const item of value) bytes += 8 + weigh(item);
  else for (const [key, item] of Object.entries(value)) bytes += 32 + 2 * key.length + weigh(item as Reply);
  return bytes;
}
