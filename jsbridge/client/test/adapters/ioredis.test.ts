import type { Redis as Client, RedisOptions } from "ioredis";
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe } from "node:test";
import { tabdisConnector } from "../../src/ioredis.js";
import { until } from "../live/check.js";
import { it } from "../live/limited.js";
import { names, start, type Running } from "../live/servers.js";
import { TcpDatabase } from "../live/tcp.js";
import { useIoredis } from "./ioredis-cases.js";

const require = createRequire(import.meta.url);

for (const name of names) {
  describe(`a connector for ioredis on ${name}`, () => {
    let server: Running;
    before(async () => (server = await start(name)));
    after(() => server.stop());

    for (const version of ["ioredis", "ioredis5"]) {
      const Redis = require(version) as new (options: RedisOptions) => Client;
      const released = (require(`${version}/package.json`) as { version: string }).version;

      it(`carries an unmodified ioredis ${released}`, async () => {
        const db = new TcpDatabase(server);
        await useIoredis(Redis, { Connector: tabdisConnector(db) });
        await until(() => db.streams.size === 0);
      });

      it(`ioredis ${released} connects again when its stream ends, and sends again what was under way`, async () => {
        const db = new TcpDatabase(server);
        const redis = new Redis({ Connector: tabdisConnector(db), retryStrategy: () => 1 });
        await redis.set("k", "v");
        const waiting = redis.blpop("list", 0);
        const pusher = db.session();
        await until(() => db.streams.size === 1);
        const [stream] = [...db.streams];
        while (!/cmd=blpop/.test(String(await pusher.call("CLIENT", "LIST")))) await pusher.call("PING");
        stream?.end();
        await until(() => ![...db.streams].includes(stream as never));
        while (!/cmd=blpop/.test(String(await pusher.call("CLIENT", "LIST")))) await pusher.call("PING");
        await pusher.call("RPUSH", "list", "x");
        assert.deepEqual(await waiting, ["list", "x"]);
        await pusher.close();
        redis.disconnect();
      });

      it(`ioredis ${released} hears that there is no connection to be had`, async () => {
        const refusing = {
          stream(): never {
            throw new Error("the database was closed");
          },
        };
        const redis = new Redis({ Connector: tabdisConnector(refusing), retryStrategy: () => null, lazyConnect: true });
        const errors: string[] = [];
        redis.on("error", (error: Error) => errors.push(error.message));
        await assert.rejects(redis.connect());
        assert.deepEqual(errors, ["the database was closed"]);
        await assert.rejects(redis.get("k"));
      });
    }
  });
}
