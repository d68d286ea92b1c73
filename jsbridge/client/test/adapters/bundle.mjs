/** Bundles of other Redis clients for a page, with what the usual polyfills give, and what the clients are asked for there. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const { build } = require("esbuild");

/** The package's folder, from here or from dist/test/adapters. */
const client = join(dirname(require.resolve("esbuild/package.json")), "../..");

const empty = "module.exports = {};";

/** What a polyfill makes global, before all other modules. */
const globals = `globalThis.Buffer = require("buffer/").Buffer;
globalThis.setImmediate = (f, ...args) => setTimeout(f, 0, ...args);
globalThis.process = { env: {}, version: "", nextTick: (f, ...args) => queueMicrotask(() => f(...args)) };`;

/** What stands in a bundle for Node's modules. */
const shims = {
  events: `module.exports = require("events/");`,
  buffer: `module.exports = { ...require("buffer/"), constants: { MAX_STRING_LENGTH: 2 ** 29 - 24 } };`,
  stream: `module.exports = require("readable-stream");`,
  util: `exports.deprecate = (f) => f; exports.inspect = String;`,
  assert: `module.exports = (condition) => { if (!condition) throw new Error("assertion"); };`,
  crypto: `exports.randomBytes = (n) => require("buffer/").Buffer.alloc(n, 7);`,
  url: `exports.URL = URL;`,
  "timers/promises": `exports.setTimeout = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`,
  diagnostics_channel: empty,
  perf_hooks: `exports.performance = performance;`,
  dns: empty,
  "dns/promises": empty,
  fs: empty,
  path: empty,
  net: empty,
  tls: empty,
};

/** Bundles a module, for its default export to be called with a database. */
export async function bundleForPage({ source, instead = {} }, format, globalName) {
  const modules = { globals, ...shims, ...instead };
  const polyfills = {
    name: "polyfills",
    setup(build) {
      const filter = new RegExp(`^(node:)?(${Object.keys(modules).join("|")})$`);
      build.onResolve({ filter }, ({ path }) => ({ path: path.replace(/^node:/, ""), namespace: "shim" }));
      build.onLoad({ filter: /./, namespace: "shim" }, ({ path }) => ({ contents: modules[path], resolveDir: client }));
    },
  };
  const { outputFiles } = await build({
    absWorkingDir: client,
    stdin: { contents: `import "globals";\n${source}`, resolveDir: join(client, "test/adapters"), loader: "ts" },
    bundle: true,
    write: false,
    format,
    ...(globalName === undefined ? {} : { globalName }),
    platform: "browser",
    target: "es2022",
    define: { global: "globalThis" },
    logLevel: "error",
    plugins: [polyfills],
  });
  return outputFiles[0].text;
}

/** What all clients are asked for in a page; their further ways are tested in Node. */
const check = `
  const equal = (a: unknown, b: unknown) => { if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(JSON.stringify(a) + " is not " + JSON.stringify(b)); };
`;

const ioredis = (name) => ({
  name: `${name}, of which nothing is changed`,
  source: `
          import { Redis } from ${JSON.stringify(name)};
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
          }`,
});

/** The clients, and what each is asked for. */
export const clients = [
  ioredis("ioredis"),
  ioredis("ioredis5"),
  {
    name: "node-redis, with this package in the place of node:net",
    source: `
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
        }`,
    instead: { net: `module.exports = require("./src/node-redis.ts");`, tls: `module.exports = require("./src/node-redis.ts");` },
  },
  {
    name: "@upstash/redis",
    source: `
      import { Redis } from "@upstash/redis";
      import { tabdisRequester } from "../../src/upstash.js";
      ${check}
      export default async function (db) {
        const requester = tabdisRequester(db);
        const redis = new Redis(requester);
        await redis.flushall();
        equal(await redis.set("o", { a: [1, "é"] }), "OK");
        equal(await redis.get("o"), { a: [1, "é"] });
        equal(await redis.pipeline().incr("n").incr("n").exec(), [1, 2]);
        equal(await redis.multi().incr("n").hset("h", { f: 1 }).hgetall("h").exec(), [3, 1, { f: 1 }]);
        await redis.zadd("z", { score: 1.5, member: "x" });
        equal(await redis.zrange("z", 0, -1, { withScores: true }), ["x", 1.5]);
        const subscriber = redis.subscribe("news");
        const subscribed = new Promise((resolve) => subscriber.on("subscribe", resolve));
        const message = new Promise((resolve) => subscriber.on("message", resolve));
        await subscribed;
        await redis.publish("news", { n: 1 });
        equal(await message, { channel: "news", message: { n: 1 } });
        await subscriber.unsubscribe();
        await requester.close();
      }`,
  },
];
