// Runs against the server on 127.0.0.1 whose port is the first argument, in RESP2 or RESP3.
import { Redis } from "ioredis";
import { eventually, every, note, say } from "./report.mjs";

const [port, protocol] = process.argv.slice(2).map(Number);
const options = { host: "127.0.0.1", port, protocol };
const db = new Redis({ ...options, connectionName: "ioredis-test" });
note("mode", await db.info("server").then((info) => /redis_mode:(\w+)/.exec(info)[1]));
await db.flushall();

await every(db, [
  ["set", "s", "value", "EX", 100], ["get", "s"], ["get", "none"], ["set", "s", "x", "NX"], ["set", "s", "y", "XX", "GET"], ["getBuffer", "s"], ["set", "bin", Buffer.from([0, 255, 13, 10])],
  ["getBuffer", "bin"], ["mset", { a: 1, b: 2 }], ["mget", "a", "none", "b"], ["incrbyfloat", "a", 0.5], ["incr", "s"], ["append", "s", "!"], ["strlen", "s"], ["lcs", "a", "b", "LEN"],
  ["setbit", "bits", 9, 1], ["bitcount", "bits"], ["bitfield", "bits", "GET", "u4", 6], ["pfadd", "hll", "a", "b"], ["pfcount", "hll"], ["pfdebug", "encoding", "hll"],
  ["rpush", "l", "a", "b", "c"], ["lrange", "l", 0, -1], ["lpos", "l", "b"], ["lmpop", 1, "l", "LEFT", "COUNT", 2], ["blpop", "l", 1], ["blpop", "none", 0.01], ["lpop", "none"], ["lpush", "s", "x"],
  ["hset", "h", { f: "v", n: 1 }], ["hgetall", "h"], ["hgetall", "none"], ["hmget", "h", "f", "none"], ["hincrbyfloat", "h", "n", 1.25], ["hrandfield", "none", 2], ["hscan", "h", 0],
  ["sadd", "ints", 3, 1, 2], ["smembers", "ints"], ["smismember", "ints", 1, 9], ["sintercard", 1, "ints"], ["spop", "none"], ["srandmember", "none", 3],
  ["zadd", "z", 1, "a", 2.5, "b", "inf", "top"], ["zrange", "z", 0, -1, "WITHSCORES"], ["zrange", "z", "(1", "+inf", "BYSCORE", "LIMIT", 0, 1], ["zscore", "z", "b"], ["zmscore", "z", "a", "none"],
  ["zincrby", "z", 0.25, "a"], ["zpopmin", "z"], ["bzpopmax", "z", 1], ["zunion", 1, "z", "WITHSCORES"], ["zrank", "z", "none"], ["zrandmember", "z", 2, "WITHSCORES"], ["zadd", "z", "nan", "x"],
  ["geoadd", "g", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"], ["geodist", "g", "Palermo", "Catania", "km"],
  ["geosearch", "g", "FROMLONLAT", 15, 37, "BYRADIUS", 200, "km", "ASC", "WITHDIST", "WITHHASH"], ["geopos", "g", "none"],
  ["xadd", "x", "1-1", "f", "v"], ["xadd", "x", "2-1", "f", "w"], ["xadd", "x", "1-1", "f", "v"], ["xrange", "x", "-", "+"], ["xread", "COUNT", 1, "STREAMS", "x", 0], ["xread", "BLOCK", 10, "STREAMS", "x", "$"],
  ["xgroup", "CREATE", "x", "g", 0], ["xgroup", "CREATE", "x", "g", 0], ["xreadgroup", "GROUP", "g", "me", "COUNT", 1, "STREAMS", "x", ">"], ["xpending", "x", "g"], ["xack", "x", "g", "1-1"],
  ["xinfo", "GROUPS", "x"], ["xautoclaim", "x", "g", "other", 0, 0], ["xlen", "x"],
  ["expire", "s", 100, "NX"], ["expireat", "s", 4102444800], ["expiretime", "s"], ["persist", "s"], ["ttl", "s"], ["type", "h"], ["object", "ENCODING", "h"], ["copy", "s", "t"], ["rename", "none", "x"],
  ["move", "t", 1], ["exists", "s", "t"], ["del", "s", "none"], ["unlink", "a"], ["sort", "ints", "DESC", "LIMIT", 0, 2], ["dump", "none"], ["echo", "hi"],
  ["ping"], ["client", "GETNAME"], ["client", "ID", "x"], ["config", "GET", "appendfsync"], ["config", "SET", "nope", 1], ["command", "GETKEYS", "mset", "a", 1, "b", 2], ["command", "COUNT", "x"],
  ["command", "INFO", "get", "nosuch"], ["acl", "WHOAMI"], ["acl", "SETUSER", "eve", "on", ">pw", "~eve:*", "+get", "+ping", "+info", "+select", "+hello", "+client"], ["wait", 0, 10], ["call", "nosuch", "a"],
  ["call", "get"], ["role"], ["readonly"], ["memory", "USAGE", "none"], ["slowlog", "RESET"],
]);
await say("keys", db.keys("*"), true);

// Pipelines and transactions.
await say("pipeline", db.pipeline().set("p", 1).incr("p").lpush("p", "x").get("p").exec());
await say("multi", db.multi().incr("p").lpush("p", "x").hgetall("h").exec());
await say("multi, refused", db.multi().incr("p").call("get").exec());
await say("multi, unpipelined", db.multi({ pipeline: false }));
await say("queued", db.incr("p"));
await say("exec", db.exec());
const other = db.duplicate();
await db.watch("p");
await other.incr("p");
await say("watched", db.multi().set("p", "lost").exec());
await say("p", db.get("p"));
const many = await Promise.all(Array.from({ length: 2000 }, (_, i) => db.incr("many")));
note("in order", many.every((n, i) => n === i + 1));

// Iterating.
await db.mset(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`scan:${i}`, i])));
const seen = new Set();
for await (const keys of db.scanStream({ match: "scan:*", count: 40 })) keys.forEach((key) => seen.add(key));
note("scanned", seen.size);

// Messages.
const sub = new Redis(options);
const heard = [];
sub.on("message", (...m) => heard.push(["message", ...m]));
sub.on("pmessage", (...m) => heard.push(["pmessage", ...m]));
sub.on("smessage", (...m) => heard.push(["smessage", ...m]));
await say("subscribe", sub.subscribe("news", "weather"));
await say("psubscribe", sub.psubscribe("n*"));
await say("ssubscribe", sub.ssubscribe("shard"));
await say("publish", db.publish("news", "hello"));
await say("publish", db.publish("weather", "rain"));
await say("spublish", db.spublish("shard", "s"));
await eventually(() => heard.length === 4);
note("heard", heard);
await say("while subscribed", sub.get("s"));
await say("unsubscribe", sub.unsubscribe("news", "weather"));
await say("punsubscribe", sub.punsubscribe("n*"));
await say("sunsubscribe", sub.sunsubscribe("shard"));
await say("quit", sub.quit());

// A blocking client is served by another; MONITOR shows both.
const monitor = await db.monitor();
const shown = [];
monitor.on("monitor", (time, args) => shown.push(args.join(" ")));
const waiting = other.brpop("queue", 10);
await eventually(async () => (await db.info("clients")).includes("blocked_clients:1"));
await say("rpush", db.rpush("queue", "job"));
await say("brpop", waiting);
await eventually(() => shown.includes("rpush queue job"));
note("monitor", shown.filter((line) => line.includes("queue")));
monitor.disconnect();

// Users, databases, and a connection that is killed and comes back.
for (const as of [{ username: "eve", password: "pw" }, { username: "eve", password: "no" }, { password: "pw" }]) {
  const c = new Redis({ ...options, ...as, lazyConnect: true, retryStrategy: null, enableReadyCheck: false });
  c.on("error", () => {}); // the step reports it
  await say("connect", c.connect());
  await say("as eve", c.get("eve:k"));
  await say("as eve", c.get("k"));
  c.disconnect();
}
const third = new Redis({ ...options, db: 3, retryStrategy: () => 5 });
await say("db 3", third.set("k", "in 3"));
await say("killed", db.client("KILL", "ID", await third.client("ID")));
await say("again", third.get("k"));
for (const c of [db, other, third]) await c.quit();
