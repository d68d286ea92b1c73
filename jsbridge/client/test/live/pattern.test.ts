import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { parsePattern } from "../../src/live/pattern.js";
import { readId, sentKey } from "../../src/live/reads.js";
import { Link, Recency } from "../../src/live/lru.js";
import { it } from "./limited.js";
import { start, type Running } from "./servers.js";
import { TcpDatabase } from "./tcp.js";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("a pattern's prefix is what it says literally before the first wildcard", () => {
  for (const [pattern, prefix] of [
    ["*", ""],
    ["cart:*", "cart:"],
    ["cart:1", "cart:1"],
    ["a\\*b*", "a*b"],
    ["a?b", "a"],
    ["a[bc]d", "a"],
    ["é*", "é"],
    ["a\\", "a\\"],
    ["", ""],
  ] as const) {
    it(JSON.stringify(pattern), () => assert.equal(text(parsePattern(pattern).prefix), prefix));
  }

  it("a key that was not UTF-8 matches, whatever it was", () => assert.ok(parsePattern("a").matches("b\ufffd")));
});

describe("patterns match as a real redis-server's KEYS does", () => {
  let server: Running;
  before(async () => (server = await start("redis-server")));
  after(() => server.stop());

  it("all patterns up to a length of an awkward alphabet, and random ones", async () => {
    const db = new TcpDatabase(server);
    const session = db.session();
    // Not the empty key, which Redis finds by `*` and not by `**`.
    const keys = ["a", "b", "ab", "ba", "aa", "abc", "a*b", "a]b", "[a]", "a-b", "-", "]", "^", "^a", "\\", "a\\", "é", "aéb", "a\nb", "*", "?", "abab", "A"];
    for (const key of keys) await session.call("SET", key, "1");
    const alphabet = ["a", "b", "*", "?", "[", "]", "^", "-", "\\"];
    const patterns: string[] = [];
    const grow = (pattern: string, left: number): void => {
      patterns.push(pattern);
      if (left > 0) for (const c of alphabet) grow(pattern + c, left - 1);
    };
    grow("", 3);
    let seed = Number(process.env["TABDIS_SEED"] ?? Date.now() % 2 ** 31);
    console.log(`seed ${seed}`);
    const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
    for (let i = 0; i < 5000; i++) {
      patterns.push(Array.from({ length: 4 + random(5) }, () => [...alphabet, "é", "\n"][random(alphabet.length + 2)]).join(""));
    }
    const replies = await Promise.all(patterns.map((pattern) => session.call("KEYS", pattern)));
    patterns.forEach((pattern, i) => {
      const { prefix, matches } = parsePattern(pattern);
      const matched = keys.filter(matches);
      const reply = replies[i] as string[];
      if (/\[.*é/s.test(pattern)) return assert.ok(reply.every((key) => matched.includes(key)), `pattern ${JSON.stringify(pattern)}`); // may match more
      assert.deepEqual(matched.sort(), reply.sort(), `pattern ${JSON.stringify(pattern)}`);
      for (const key of matched) assert.ok(key.startsWith(text(prefix)), `prefix of ${JSON.stringify(pattern)}`);
    });
    await db.close();
  });
});

describe("reads of a cache", () => {
  it("are told apart by all of their words, and names are not by their case", () => {
    assert.equal(readId(["hget", "k", "f"]), readId(["HGET", "other", "f"]));
    assert.notEqual(readId(["HMGET", "k", "a b"]), readId(["HMGET", "k", "a", "b"]));
    assert.notEqual(readId(["HMGET", "k", "a 1:b"]), readId(["HMGET", "k", "a", "b"]));
  });

  it("are those of one key, with one answer", () => {
    for (const name of ["SINTER", "MGET", "EXISTS", "TTL", "SRANDMEMBER", "SET", "BLPOP"]) assert.throws(() => readId([name, "k"]), TypeError);
    assert.throws(() => readId(["GET"] as unknown as ["GET", string]), TypeError);
  });

  it("name keys as they are sent", () => {
    assert.equal(sentKey("a\ud800b😀"), "a\ufffdb😀");
  });
});

describe("the order of use", () => {
  it("gives the oldest, and counts what it holds", () => {
    const all = new Recency();
    const links = Array.from({ length: 4 }, (_, i) => Object.assign(new Link(), { bytes: 10 ** i }));
    const [a, b, c, d] = links as [Link, Link, Link, Link];
    for (const link of [a, b, c]) all.add(link);
    all.use(a);
    all.use(d); // is not in
    assert.equal(all.oldest, b);
    all.remove(b);
    all.remove(b);
    all.add(c);
    assert.equal(all.oldest, a);
    assert.deepEqual([all.count, all.bytes], [2, 101]);
    all.remove(a);
    all.remove(c);
    assert.deepEqual([all.count, all.bytes, all.oldest], [0, 0, undefined]);
  });
});
