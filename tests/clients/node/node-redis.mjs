// Runs against the server on 127.0.0.1 whose port is the first argument, in RESP2 or RESP3; with a third argument, "tabdis", on the
// package's methods instead.
import { eventually, every, note, say } from "./report.mjs";

const [port, RESP] = process.argv.slice(2, 4).map(Number);
const { createClient, createClientPool, WatchError } = process.argv[4] === "tabdis" ? await (await import("./commands/build.mjs")).build("node-redis.ts") : await import("redis");
const options = { socket: { host: "127.0.0.1", port }, RESP, name: "node-redis-test" };
const db = await createClient(options).on("error", (err) => note("error", err)).connect();
await db.flushAll();

await every(db, [
  ["set", "s", "value", { expiration: { type: "EX", value: 100 } }], ["get", "s"], ["get", "none"], ["set", "s", "x", { condition: "NX" }], ["set", "s", "y", { condition: "XX", GET: true }],
  ["getDel", "s"], ["mSet", { a: "1", b: "2" }], ["mGet", ["a", "none", "b"]], ["incrByFloat", "a", 0.5], ["incr", "none2"], ["append", "s", "!"], ["strLen", "s"], ["lcsIdx", "a", "b"],
  ["setBit", "bits", 9, 1], ["getBit", "bits", 9], ["bitCount", "bits"], ["bitField", "bits", [{ operation: "GET", encoding: "u4", offset: 6 }]], ["pfAdd", "hll", ["a", "b"]], ["pfCount", "hll"],
  ["rPush", "l", ["a", "b", "c"]], ["lRange", "l", 0, -1], ["lPos", "l", "b"], ["lmPop", "l", "LEFT", { COUNT: 2 }], ["blPop", "l", 1], ["blPop", "none", 0.01], ["lPop", "none"], ["lPush", "s", "x"],
  ["hSet", "h", { f: "v", n: 1 }], ["hGetAll", "h"], ["hGetAll", "none"], ["hmGet", "h", ["f", "none"]], ["hIncrByFloat", "h", "n", 1.25], ["hRandFieldCountWithValues", "none", 2], ["hScan", "h", "0"], ["hExists", "h", "f"],
  ["sAdd", "ints", ["3", "1", "2"]], ["sMembers", "ints"], ["smIsMember", "ints", ["1", "9"]], ["sInterCard", ["ints"]], ["sPop", "none"], ["sRandMemberCount", "none", 3],
  ["zAdd", "z", [{ score: 1, value: "a" }, { score: 2.5, value: "b" }, { score: Infinity, value: "top" }]], ["zRangeWithScores", "z", 0, -1], ["zRange", "z", "(1", "+inf", { BY: "SCORE", LIMIT: { offset: 0, count: 1 } }],
  ["zScore", "z", "b"], ["zmScore", "z", ["a", "none"]], ["zIncrBy", "z", 0.25, "a"], ["zPopMin", "z"], ["bzPopMax", "z", 1], ["zUnionWithScores", ["z"]], ["zRank", "z", "none"], ["zRandMemberCountWithScores", "z", 2],
  ["zmPop", ["z"], "MIN"], ["zmPop", ["z"], "MIN"],
  ["geoAdd", "g", [{ longitude: 13.361389, latitude: 38.115556, member: "Palermo" }, { longitude: 15.087269, latitude: 37.502669, member: "Catania" }]], ["geoDist", "g", "Palermo", "Catania", "km"],
  ["geoSearchWith", "g", { longitude: 15, latitude: 37 }, { radius: 200, unit: "km" }, ["WITHDIST", "WITHHASH"], { SORT: "ASC" }], ["geoPos", "g", "none"],
  ["xAdd", "x", "1-1", { f: "v" }], ["xAdd", "x", "2-1", { f: "w" }], ["xAdd", "x", "1-1", { f: "v" }], ["xRange", "x", "-", "+"], ["xRead", { key: "x", id: "0" }, { COUNT: 1 }], ["xRead", { key: "x", id: "$" }, { BLOCK: 10 }],
  ["xGroupCreate", "x", "g", "0"], ["xGroupCreate", "x", "g", "0"], ["xReadGroup", "g", "me", { key: "x", id: ">" }, { COUNT: 1 }], ["xPending", "x", "g"], ["xAck", "x", "g", "1-1"], ["xInfoGroups", "x"],
  ["xAutoClaim", "x", "g", "other", 0, "0"], ["xLen", "x"], ["xInfoStream", "none"],
  ["expire", "s", 100, "NX"], ["expireAt", "s", 4102444800], ["expireTime", "s"], ["persist", "s"], ["ttl", "s"], ["type", "h"], ["objectEncoding", "h"], ["copy", "h", "t"], ["rename", "none", "x"], ["move", "t", 1],
  ["exists", ["s", "t"]], ["del", ["s", "none"]], ["unlink", "a"], ["sort", "ints", { DIRECTION: "DESC", LIMIT: { offset: 0, count: 2 } }], ["echo", "hi"], ["ping"], ["clientGetName"], ["configGet", "appendfsync"],
  ["configSet", "nope", "1"], ["commandGetKeys", ["mset", "a", "1", "b", "2"]], ["commandInfo", ["get"]], ["aclWhoAmI"],
  ["aclSetUser", "eve", ["on", ">pw", "~eve:*", "+get", "+ping", "+select", "+hello", "+client"]], ["wait", 0, 10], ["sendCommand", ["nosuch", "a"]], ["sendCommand", ["get"]], ["role"], ["memoryUsage", "none"],
  ["functionList"], ["scriptExists", ["00"]], ["latencyLatest"],
]);
await say("keys", db.keys("*"), true);
await say("commands", db.commandList({ FILTERBY: { type: "PATTERN", value: "incr*" } }), true);
await say("category", db.aclCat("pubsub"), true);

// Commands of one turn are one pipeline; transactions; optimistic locking.
const many = await Promise.all(Array.from({ length: 2000 }, () => db.incr("many")));
note("in order", many.every((n, i) => n === i + 1));
await say("multi", db.multi().incr("p").lPush("p", "x").hGetAll("h").exec());
await say("multi, refused", db.multi().incr("p").addCommand(["get"]).exec());
await say("multi, pipeline", db.multi().incr("p").get("p").execAsPipeline());
const other = await db.duplicate().connect();
await db.watch("p");
await other.incr("p");
await say("watched", db.multi().set("p", "lost").exec().catch((err) => err instanceof WatchError && "a WatchError"));
await say("p", db.get("p"));

// Iterating.
await db.mSet(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`scan:${i}`, String(i)])));
const seen = new Set();
for await (const keys of db.scanIterator({ MATCH: "scan:*", COUNT: 40 })) keys.forEach((key) => seen.add(key));
note("scanned", seen.size);
const fields = [];
for await (const entries of db.hScanIterator("h")) fields.push(...entries.map(({ field, value }) => `${field} ${value}`));
note("fields", fields.sort());
const found = [];
for await (const values of db.hScanValuesIterator("h", { COUNT: 10 })) found.push(...values);
for await (const members of db.sScanIterator("ints", { MATCH: "[12]" })) found.push(...members);
for await (const members of db.zScanIterator("g", { cursor: "0" })) found.push(...members.map(({ value, score }) => `${value} ${score}`));
note("found", found.sort());

// Messages.
const sub = await db.duplicate().connect();
const heard = [];
const hear = (...m) => heard.push(m);
await say("subscribe", sub.subscribe(["news", "weather"], hear));
await say("psubscribe", sub.pSubscribe("n*", hear));
await say("ssubscribe", sub.sSubscribe("shard", hear));
await say("publish", db.publish("news", "hello"));
await say("publish", db.publish("weather", "rain"));
await say("spublish", db.sPublish("shard", "s"));
await eventually(() => heard.length === 4);
note("heard", heard);
await say("while subscribed", sub.ping());
await say("channels", db.pubSubChannels(), true);
await say("unsubscribe", sub.unsubscribe());
await say("punsubscribe", sub.pUnsubscribe());
await say("sunsubscribe", sub.sUnsubscribe());
await say("after", sub.get("p"));
await sub.close();

// A blocking client is served by another.
const waiting = other.brPop("queue", 10);
await eventually(async () => (await db.info("clients")).includes("blocked_clients:1"));
await say("rpush", db.rPush("queue", "job"));
await say("brpop", waiting);
const shown = [];
if (other.monitor) {
  await other.monitor((line) => shown.push(line.toString().replace(/^\S+ \[\S+ \S+\] /, "")));
  await db.set("monitored", "a \"quoted\" word\n");
  await eventually(() => shown.length > 0);
  note("monitor", shown);
}
other.destroy();

// Users, a pool, and a connection that is killed and comes back.
for (const as of [{ username: "eve", password: "pw" }, { username: "eve", password: "no" }, { password: "pw" }]) {
  const c = createClient({ ...options, ...as, socket: { ...options.socket, reconnectStrategy: false } }).on("error", () => {}); // the step reports it
  await say("connect", c.connect().then(() => "connected"));
  if (c.isReady) {
    await say("as eve", c.get("eve:k"));
    await say("as eve", c.get("k"));
    c.destroy();
  }
}
const pool = await createClientPool(options, { maximum: 5 }).connect();
await Promise.all(Array.from({ length: 200 }, (_, i) => pool.rPush("pooled", String(i))));
await say("pooled", pool.lLen("pooled"));
await pool.close();
const third = await createClient({ ...options, database: 3, socket: { ...options.socket, reconnectStrategy: () => 5 } }).on("error", () => {}).connect();
await say("db 3", third.set("k", "in 3"));
await say("killed", db.sendCommand(["CLIENT", "KILL", "ID", String(await third.clientId())]));
await eventually(() => third.get("k").then(() => true, () => false)); // what is on its way then is refused
await say("again", third.get("k"));
await third.close();
await db.close();
