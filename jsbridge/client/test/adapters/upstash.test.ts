import { Redis } from "@upstash/redis";
import assert from "node:assert/strict";
import { after, before, beforeEach, describe } from "node:test";
import { tabdisRequester, type UpstashRequester } from "../../src/upstash.js";
import { it } from "../live/limited.js";
import { names, start, type Running } from "../live/servers.js";
import { TcpDatabase } from "../live/tcp.js";
import { until } from "../live/check.js";

for (const name of names) {
  describe(`@upstash/redis on ${name}`, () => {
    let server: Running;
    let db: TcpDatabase;
    let requester: UpstashRequester;
    let redis: Redis;
    before(async () => {
      server = await start(name);
      db = new TcpDatabase(server);
      requester = tabdisRequester(db);
      redis = new Redis(requester);
    });
    beforeEach(() => redis.flushall());
    after(async () => {
      await requester.close();
      assert.equal(db.sessions.size, 0);
      await server.stop();
    });

    it("sets and gets values of all kinds", async () => {
      assert.equal(await redis.set("s", "text"), "OK");
      await redis.set("o", { a: [1, "é"], b: null });
      await redis.set("n", 7, { ex: 100, nx: true });
      assert.equal(await redis.set("n", 8, { nx: true }), null);
      assert.deepEqual(await redis.mget("s", "o", "n", "none"), ["text", { a: [1, "é"], b: null }, 7, null]);
      assert.equal(await redis.incr("n"), 8);
      assert.equal(await redis.incrbyfloat("f", 1.5), 1.5);
      assert.equal(await redis.get("none"), null);
      assert.ok((await redis.ttl("n")) > 0);
      assert.equal(await redis.del("s", "o"), 2);
    });

    it("has hashes, lists, sets, sorted sets and streams in the shapes it expects", async () => {
      await redis.hset("h", { f: "x", g: 2, 10: "ten" });
      assert.deepEqual(await redis.hgetall("h"), { f: "x", g: 2, 10: "ten" });
      assert.deepEqual(await redis.hmget("h", "f", "none"), { f: "x", none: null });
      assert.equal(await redis.hgetall("none"), null);
      await redis.rpush("l", "a", 2, { c: 3 });
      assert.deepEqual(await redis.lrange("l", 0, -1), ["a", 2, { c: 3 }]);
      await redis.sadd("set", "m", "n");
      assert.deepEqual((await redis.smembers("set")).sort(), ["m", "n"]);
      await redis.zadd("z", { score: 1.5, member: "x" }, { score: 2, member: "y" }, { score: Infinity, member: "i" });
      assert.deepEqual(await redis.zrange("z", 0, 1), ["x", "y"]);
      assert.deepEqual(await redis.zrange("z", 0, 1, { withScores: true }), ["x", 1.5, "y", 2]);
      assert.deepEqual(await redis.zrange("z", 0, 10, { byScore: true, withScores: true }), ["x", 1.5, "y", 2]);
      assert.equal(await redis.zscore("z", "x"), 1.5);
      assert.deepEqual(await redis.zmscore("z", ["x", "none"]), [1.5, null]);
      assert.equal(await redis.zincrby("z", 1, "x"), 2.5);
      assert.equal(await redis.zadd("z", { incr: true }, { score: 1, member: "x" }), 3.5);
      assert.deepEqual(await redis.zpopmin("z"), ["y", 2]);
      await redis.xadd("x", "1-1", { f: "v" });
      assert.deepEqual(await redis.xrange("x", "-", "+"), { "1-1": { f: "v" } });
      assert.deepEqual(await redis.xread("x", "0"), [["x", [["1-1", ["f", "v"]]]]]);
      assert.deepEqual(await redis.scan(0, { match: "h*", count: 100 }), ["0", ["h"]]);
      await redis.geoadd("g", { longitude: 13.5, latitude: 52.5, member: "b" });
      const [at] = await redis.geopos("g", "b");
      assert.ok(Math.abs((at as { lng: number }).lng - 13.5) < 0.001);
    });

    it("gives the words of RESP2 when it leaves replies as they are", async () => {
      const plain = new Redis(requester, { automaticDeserialization: false });
      await plain.zadd("z", { score: 1, member: "x" }, { score: Infinity, member: "i" });
      assert.deepEqual(await requester.request({ body: ["zrange", "z", 0, -1, "withscores"] }), { result: ["x", "1", "i", "inf"] });
      assert.deepEqual(await requester.request({ body: ["ZSCORE", "z", "x"] }), { result: "1" });
      assert.deepEqual(await requester.request({ body: ["config", "get", "maxmemory-policy"] }), { result: ["maxmemory-policy", "noeviction"] });
    });

    it("rejects with the error of the reply", async () => {
      await redis.lpush("k", "1");
      await assert.rejects(redis.get("k"), { name: "UpstashError", message: /^WRONGTYPE/ });
      await assert.rejects(redis.pipeline().get("k").exec(), { name: "UpstashError", message: /Command 1 \[ get \] failed: WRONGTYPE/ });
      const kept = await redis.pipeline().get("k").set("s", 1).exec({ keepErrors: true });
      assert.match(String(kept[0].error), /^WRONGTYPE/);
      assert.equal(kept[1].result, "OK");
    });

    it("runs pipelines and transactions", async () => {
      assert.deepEqual(await redis.pipeline().set("a", 1).incr("a").get("a").zadd("z", { score: 1, member: "x" }).zscore("z", "x").exec(), ["OK", 2, 2, 1, 1]);
      const [one, other] = await Promise.all([redis.multi().incr("n").incr("n").hset("h", { f: 1 }).hgetall("h").exec(), redis.incr("n")]);
      assert.deepEqual(one, [1, 2, 1, { f: 1 }]);
      assert.equal(other, 3, "no other request comes into a transaction");
      await assert.rejects(requester.request({ path: ["multi-exec"], body: [["set", "only-a-key"]] }), { name: "UpstashError", message: /^EXECABORT.*command was/ });
      assert.equal(await redis.incr("n"), 4);
      const automatic = new Redis(requester, { enableAutoPipelining: true });
      assert.deepEqual(await Promise.all([automatic.get("n"), automatic.get("a")]), [4, 2]);
    });

    it("subscribes to channels and patterns, until it is told to end", async () => {
      const got: unknown[] = [];
      const subscriber = redis.subscribe<{ n: number }>("news");
      subscriber.on("subscribe", (count) => got.push(count));
      subscriber.on("message", ({ channel, message }) => got.push([channel, message]));
      const patterns = redis.psubscribe<string>(["new*"]);
      const matched: unknown[] = [];
      patterns.on("pmessage", ({ pattern, channel, message }) => matched.push([pattern, channel, message]));
      patterns.on("psubscribe", (count) => matched.push(count));
      await until(() => got.length === 1 && matched.length === 1);
      await redis.publish("news", { n: 1 });
      await until(() => got.length === 2 && matched.length === 2);
      assert.deepEqual(got, [1, ["news", { n: 1 }]]);
      assert.deepEqual(matched, [1, ["new*", "news", { n: 1 }]]);
      // A stream that ends is made anew.
      const [stream] = [...db.streams];
      stream?.end();
      await until(() => got.length === 3);
      assert.equal(got[2], 1);
      await subscriber.unsubscribe();
      await patterns.unsubscribe();
      await until(() => db.streams.size === 0);
      assert.equal(await redis.publish("news", "x"), 0);
    });

    it("encodes as the service does when it is asked to", async () => {
      await redis.set("k", "é");
      const headers = { "Upstash-Encoding": "base64" };
      assert.deepEqual(await requester.request({ body: ["GET", "k"], headers }), { result: "w6k=" });
      assert.deepEqual(await requester.request({ path: ["pipeline"], body: [["GET", "k"], ["SET", "k", "1"], ["INCR", "k"]], headers }), [
        { result: "w6k=" },
        { result: "OK" },
        { result: 2 },
      ]);
    });

    it("takes commands in the path too, and sends none that is aborted", async () => {
      assert.deepEqual(await requester.request({ path: ["set", "k", "v"] }), { result: "OK" });
      assert.deepEqual(await requester.request({ path: ["append", "k"], body: "w" }), { result: 2 });
      await assert.rejects(requester.request({ body: ["SET", "k", "x"], signal: AbortSignal.abort() }), { name: "AbortError" });
      assert.equal(await redis.get("k"), "vw");
    });
  });
}
