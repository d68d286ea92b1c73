import { after, before, describe } from "node:test";
import { until } from "../live/check.js";
import { it } from "../live/limited.js";
import { names, start, type Running } from "../live/servers.js";
import { TcpDatabase } from "../live/tcp.js";
import { runInPage } from "./page.js";

/** What both clients are asked for in a page; their further ways are tested in Node. */
const check = `
  const equal = (a: unknown, b: unknown) => { if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(JSON.stringify(a) + " is not " + JSON.stringify(b)); };
`;

for (const name of names) {
  describe(`other clients in a page, on ${name}`, () => {
    let server: Running;
    before(async () => (server = await start(name)));
    after(() => server.stop());

    for (const ioredis of ["ioredis", "ioredis5"]) {
      it(`${ioredis}, of which nothing is changed`, async () => {
        const db = new TcpDatabase(server);
        const source = `
          import { Redis } from ${JSON.stringify(ioredis)};
          import { Buffer } from "buffer";
          import { tabdisConnector } from "../../src/ioredis.js";
          ${check}
          export default async function (db) {
            const redis = new Redis({ Connector: tabdisConnector(db, { Buffer }) });
            const failed = new Promise((_, reject) => redis.on("error", reject));
            await Promise.race([failed, use(redis)]);
          }
          async function use(redis) {
            await redis.flushall();
            equal(await redis.set("k", "é"), "OK");
            equal(await redis.get("k"), "é");
            await redis.set("b", Buffer.from([0, 255]));
            equal([...(await redis.getBuffer("b"))], [0, 255]);
            equal(await redis.pipeline().incr("n").incr("n").exec(), [[null, 1], [null, 2]]);
            equal(await redis.multi().incr("n").hset("h", "f", 1).exec(), [[null, 3], [null, 1]]);
            const other = redis.duplicate();
            const message = new Promise((resolve) => other.on("message", (channel, text) => resolve([channel, text])));
            await other.subscribe("news");
            await redis.publish("news", "hello");
            equal(await message, ["news", "hello"]);
            other.disconnect();
            const popper = redis.duplicate();
            const popped = popper.blpop("queue", 0);
            await redis.rpush("queue", "job");
            equal(await popped, ["queue", "job"]);
            const keys = [];
            for await (const page of redis.scanStream()) keys.push(...page);
            equal(keys.sort(), ["b", "h", "k", "n"]);
            await popper.quit();
            redis.disconnect();
          }`;
        await runInPage(source, db);
        await until(() => db.streams.size === 0);
      });
    }

    it("node-redis, with this module in the place of node:net", async () => {
      const db = new TcpDatabase(server);
      const source = `
        import { createClient } from "redis";
        import { listen } from "../../src/node-redis.js";
        ${check}
        export default async function (db) {
          const end = listen("app", db);
          const client = createClient({ socket: { host: "app" }, maintNotifications: "disabled" });
          const failed = new Promise((_, reject) => client.on("error", reject));
          await Promise.race([failed, use(client)]);
          end();
          const refused = createClient({ socket: { host: "app", reconnectStrategy: false }, maintNotifications: "disabled" });
          refused.on("error", () => {});
          const error = await refused.connect().then(() => undefined, (error) => error);
          equal(error?.code, "ECONNREFUSED");
        }
        async function use(client) {
          await client.connect();
          await client.flushAll();
          equal(await client.set("k", "é"), "OK");
          equal(await client.get("k"), "é");
          equal(await client.set("big", "x".repeat(1000000)), "OK");
          equal((await client.get("big")).length, 1000000);
          await client.del("big");
          equal(await client.hSet("h", { f: "1", g: "2" }), 2);
          equal(await client.hGetAll("h"), { f: "1", g: "2" });
          equal(await client.multi().incr("n").incr("n").exec(), [1, 2]);
          equal(await Promise.all([client.incr("n"), client.incr("n")]), [3, 4]);
          const other = await client.duplicate().connect();
          let heard;
          const message = new Promise((resolve) => (heard = resolve));
          await other.subscribe("news", (text, channel) => heard([channel, text]));
          await client.publish("news", "hello");
          equal(await message, ["news", "hello"]);
          await other.close();
          const popper = await client.duplicate().connect();
          const popped = popper.blPop("queue", 0);
          await client.rPush("queue", "job");
          equal(await popped, { key: "queue", element: "job" });
          await popper.close();
          const keys = [];
          for await (const page of client.scanIterator()) keys.push(...page);
          equal(keys.sort(), ["h", "k", "n"]);
          await client.close();
        }`;
      const net = `module.exports = require("./src/node-redis.ts");`;
      await runInPage(source, db, { net, tls: net });
      await until(() => db.streams.size === 0);
    });
  });
}
