import type { Case } from "./check.js";
import { equal, newSeed, ok, rejects, seeded, throws, turn, until } from "./check.js";

/** How many changes the long case makes. */
const CHANGES = Number((globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env["TABDIS_LIVE"] ?? 2000);

export const cacheCases: Case[] = [
  [
    "gives undefined at first, then what is there, and null for nothing",
    async (db, other) => {
      await other.call("SET", "k", "v");
      const cache = db.cache();
      equal([cache.get("k"), cache.get("none"), cache.peek("other")], [undefined, undefined, undefined]);
      await until(() => cache.get("k") !== undefined && cache.get("none") !== undefined);
      equal([cache.get("k"), cache.get("none"), cache.peek("k"), cache.peek("other")], ["v", null, "v", undefined]);
      cache.close();
    },
  ],
  [
    "loads what is not there, and gives all",
    async (db, other) => {
      await other.call("MSET", "a", "1", "b", "2");
      const cache = db.cache();
      equal(await cache.load(["a", "b", "c"]), ["1", "2", null]);
      equal([cache.get("a"), cache.get("b"), cache.get("c")], ["1", "2", null]);
      equal(await cache.load(["a", ["STRLEN", "a"]]), ["1", 1]);
      cache.close();
    },
  ],
  [
    "drops what has changed, and reads again what somebody has subscribed to",
    async (db, other) => {
      await other.call("MSET", "a", "1", "b", "1");
      const cache = db.cache();
      await cache.load(["a", "b"]);
      let told = 0;
      const end = cache.subscribe("a", () => told++);
      await other.call("MSET", "a", "2", "b", "2");
      await until(() => cache.peek("a") === "2");
      equal(told, 1, "calls of the listener");
      await until(() => cache.peek("b") === undefined); // nobody asked for it
      end();
      end();
      await other.call("SET", "a", "3");
      await until(() => cache.peek("a") === undefined);
      equal(told, 1, "calls of the listener");
      cache.close();
    },
  ],
  [
    "tells when the first value of a key has come, and a listener may ask for more",
    async (db, other) => {
      await other.call("MSET", "a", "b", "b", "end");
      const cache = db.cache();
      const seen: unknown[] = [];
      cache.subscribe("a", () => seen.push(cache.get("a"), cache.get("b")));
      cache.subscribe("b", () => seen.push(cache.get("b")));
      cache.get("a");
      await until(() => seen.length === 3);
      equal(seen, ["b", undefined, "end"]);
      cache.close();
    },
  ],
  [
    "reads every kind of value, the same object until it changes",
    async (db, other) => {
      await other.call("HSET", "h", "f", "1", "g", "2");
      await other.call("RPUSH", "l", "a", "b", "c");
      await other.call("SADD", "s", "m");
      await other.call("ZADD", "z", 1.5, "x", 2, "y");
      await other.call("XADD", "x", "1-1", "f", "v");
      const cache = db.cache();
      const all = (): unknown[] => [
        cache.hGetAll("h"),
        cache.hGet("h", "f"),
        cache.hGet("h", "none"),
        cache.lRange("l", 0, -1),
        cache.lRange("l", 1, 1),
        cache.sMembers("s"),
        cache.zRange("z", 0, -1),
        cache.zRangeWithScores("z", 0, 0),
        cache.zScore("z", "y"),
        cache.read(["XRANGE", "x", "-", "+"]),
        cache.read(["type", "z"]),
      ];
      await until(() => all().every((value) => value !== undefined));
      equal(all(), [
        { f: "1", g: "2" },
        "1",
        null,
        ["a", "b", "c"],
        ["b"],
        ["m"],
        ["x", "y"],
        [{ value: "x", score: 1.5 }],
        2,
        [["1-1", ["f", "v"]]],
        "zset",
      ]);
      ok(cache.hGetAll("h") === cache.hGetAll("h") && cache.zRangeWithScores("z", 0, 0) === cache.zRangeWithScores("z", 0, 0), "the same object");
      await other.call("HSET", "h", "f", "3");
      await until(() => cache.hGet("h", "f") === "3" && cache.hGetAll("h")?.["f"] === "3");
      await until(() => cache.hGet("h", "none") === null);
      cache.close();
    },
  ],
  [
    "throws what the engine says of a key of another type, until it changes",
    async (db, other) => {
      await other.call("LPUSH", "k", "1");
      const cache = db.cache();
      await rejects(cache.load(["k"]), "WRONGTYPE");
      throws(() => cache.get("k"), "WRONGTYPE");
      throws(() => cache.peek("k"), "WRONGTYPE");
      await rejects(cache.load(["k"]), "WRONGTYPE");
      let told = 0;
      cache.subscribe("k", () => told++);
      await other.call("SET", "k", "v");
      await until(() => told === 1);
      equal(cache.get("k"), "v");
      throws(() => cache.read(["MGET", "k", "l"]), "TypeError");
      cache.close();
    },
  ],
  [
    "keeps as many values as it may, those used last, and all that somebody has subscribed to",
    async (db, other) => {
      const cache = db.cache({ maxEntries: 3 });
      for (const key of ["a", "b", "c"]) await cache.load([key]);
      cache.get("a");
      await cache.load(["d"]);
      equal([cache.peek("a"), cache.peek("b"), cache.peek("c"), cache.peek("d"), cache.size], [null, undefined, null, null, 3]);
      const end = cache.subscribe("a", () => undefined);
      for (const key of ["e", "f", "g"]) await cache.load([key]);
      equal([cache.peek("a"), cache.peek("d"), cache.size], [null, undefined, 4]);
      end();
      equal([cache.peek("a"), cache.peek("e"), cache.size], [null, undefined, 3]);
      await other.call("SET", "a", "x");
      await until(() => cache.peek("a") === undefined);
      equal(cache.size, 2);
      cache.close();
    },
  ],
  [
    "keeps as many bytes as it may, but the newest value whatever it weighs",
    async (db, other) => {
      await other.call("MSET", "a", "x".repeat(1000), "b", "x".repeat(1000), "c", "x".repeat(100_000));
      const cache = db.cache({ maxBytes: 6000 });
      await cache.load(["a"]);
      await cache.load(["b"]);
      equal(cache.size, 2);
      await cache.load([["LRANGE", "none", 0, -1]]);
      equal(cache.size, 3);
      await cache.load(["c"]);
      equal([cache.size, (cache.get("c") as string).length], [1, 100_000]);
      await cache.load(["a"]);
      equal([cache.size, cache.peek("c")], [1, undefined]);
      cache.close();
    },
  ],
  [
    "drops all by FLUSHALL, and what has expired",
    async (db, other) => {
      await other.call("MSET", "a", "1", "b", "1");
      const cache = db.cache();
      cache.subscribe("a", () => undefined);
      await cache.load(["a", "b"]);
      await other.call("FLUSHALL");
      await until(() => cache.peek("a") === null && cache.peek("b") === undefined);
      await other.call("SET", "a", "1", "PX", 20);
      await until(() => cache.peek("a") === "1");
      await until(() => cache.peek("a") === null);
      cache.close();
    },
  ],
  [
    "takes a key with half a surrogate pair for the one that is sent",
    async (db, other) => {
      const cache = db.cache();
      let told = 0;
      cache.subscribe("k\ud800", () => told++);
      await cache.load(["k\ud800"]);
      await other.call("SET", "k\ud800", "v");
      await until(() => cache.get("k\ud800") === "v" && cache.get("k\ufffd") === "v");
      equal(told, 2, "calls of the listener");
      cache.close();
    },
  ],
  [
    "ends, and reads nothing more",
    async (db) => {
      const controller = new AbortController();
      const cache = db.cache({ signal: controller.signal });
      await cache.load(["a"]);
      controller.abort();
      equal([cache.get("a"), cache.peek("a"), cache.size], [undefined, undefined, 0]);
      await rejects(cache.load(["a"]), "CLOSED");
      cache.subscribe("a", () => undefined)();
    },
  ],
  [
    "never goes back, and ends at what is true, however it is hammered",
    async (db, other) => {
      const random = seeded(newSeed());
      const names = Array.from({ length: 30 }, (_, i) => `n:${i}`);
      const cache = db.cache({ maxEntries: 20 }); // some are evicted and read anew all the time
      const seen = new Map<string, number>();
      let wrong = "";
      let held = 0;
      const look = (key: string, value: number): void => {
        if (value < (seen.get(key) ?? 0)) wrong = `${key} is ${value} after ${seen.get(key)}`;
        seen.set(key, value);
      };
      const read = (name: string): void => {
        const value = cache.get(name);
        if (value !== undefined) held++;
        if (value !== undefined) look(name, Number(value));
        const hash = cache.hGetAll(`h${name}`);
        if (hash !== undefined) look(`h${name}`, Number(hash["f"] ?? 0));
      };
      for (const name of names.slice(0, 5)) cache.subscribe(name, () => read(name));
      for (let done = 0; done < CHANGES; ) {
        const burst: Promise<unknown>[] = [];
        for (let n = 1 + random(20); n > 0; n--, done++) {
          const name = names[random(names.length)] as string;
          burst.push(random(2) === 0 ? other.call("INCR", name) : other.call("HINCRBY", `h${name}`, "f", 1));
          read(names[random(names.length)] as string);
        }
        if (random(4) === 0) await Promise.all(burst);
        else await turn();
        for (let n = random(40); n > 0; n--) read(names[random(names.length)] as string);
      }
      const truth = await Promise.all(names.map(async (name) => [Number(await other.call("GET", name)), Number(await other.call("HGET", `h${name}`, "f"))]));
      for (const [i, name] of names.entries()) {
        await until(() => Number(cache.get(name) ?? -1) === truth[i]?.[0] || truth[i]?.[0] === 0);
        await until(() => Number(cache.hGetAll(`h${name}`)?.["f"] ?? -1) === truth[i]?.[1] || truth[i]?.[1] === 0);
      }
      equal(wrong, "");
      ok(held > 0, "there were values to see");
      cache.close();
    },
  ],
];
