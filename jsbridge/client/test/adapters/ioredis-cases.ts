import type { Redis as Client, RedisOptions } from "ioredis";
import assert from "node:assert/strict";

/** What an unmodified ioredis has to do over a connector. */
export async function useIoredis(Redis: new (options: RedisOptions) => Client, options: RedisOptions): Promise<void> {
  const redis = new Redis(options);
  const errors: Error[] = [];
  redis.on("error", (error) => errors.push(error));
  await redis.flushall();

  assert.equal(await redis.set("k", "v"), "OK");
  assert.equal(await redis.get("k"), "v");
  assert.deepEqual(await redis.getBuffer("k"), Buffer.from("v"));
  const binary = Buffer.from([0, 255, 13, 10, 128]);
  await redis.set("b", binary);
  assert.deepEqual(await redis.getBuffer("b"), binary);
  await redis.hset("h", { f: "é", g: 2 });
  assert.deepEqual(await redis.hgetall("h"), { f: "é", g: "2" });
  await redis.zadd("z", 1.5, "x");
  assert.equal(await redis.zscore("z", "x"), "1.5");
  await assert.rejects(redis.lpush("k", "x"), /WRONGTYPE/);
  const big = "x".repeat(1_000_000);
  await redis.set("big", big);
  assert.equal(await redis.get("big"), big);

  const piped = await redis.pipeline().set("a", 1).incr("a").lpush("a", 1).get("a").exec();
  assert.deepEqual(piped?.map(([error, value]) => error?.message.split(" ")[0] ?? value), ["OK", 2, "WRONGTYPE", "2"]);
  assert.deepEqual(await redis.multi().incr("n").incr("n").exec(), [
    [null, 1],
    [null, 2],
  ]);
  await redis.watch("n");
  const writer = redis.duplicate();
  await writer.incr("n");
  assert.equal(await redis.multi().incr("n").exec(), null, "a WATCH stops a transaction");
  const all = await Promise.all(Array.from({ length: 1000 }, (_, i) => redis.set(`many:${i}`, i)));
  assert.equal(all.length, 1000);

  const subscriber = redis.duplicate();
  const messages: string[][] = [];
  subscriber.on("message", (...message: string[]) => messages.push(message));
  subscriber.on("pmessage", (...message: string[]) => messages.push(message));
  assert.equal(await subscriber.subscribe("news"), 1);
  assert.equal(await subscriber.psubscribe("ne*"), 2);
  assert.equal(await redis.publish("news", "hello"), 2);
  while (messages.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(messages, [
    ["news", "hello"],
    ["ne*", "news", "hello"],
  ]);
  assert.equal(await subscriber.unsubscribe("news"), 1);

  const popped = writer.blpop("queue", 0);
  await redis.rpush("queue", "job");
  assert.deepEqual(await popped, ["queue", "job"]);

  const keys: string[] = [];
  for await (const page of redis.scanStream({ match: "many:*", count: 100 }) as AsyncIterable<string[]>) keys.push(...page);
  assert.equal(new Set(keys).size, 1000);

  subscriber.disconnect();
  assert.equal(await writer.quit(), "OK");
  redis.disconnect();
  for (const client of [redis, writer, subscriber]) {
    while (client.status !== "end") await new Promise((resolve) => setTimeout(resolve, 1));
    await assert.rejects(client.get("k"), /closed/);
  }
  assert.deepEqual(errors, []);
}
