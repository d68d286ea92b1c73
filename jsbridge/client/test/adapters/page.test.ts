import { after, before, describe } from "node:test";
import { until } from "../live/check.js";
import { it } from "../live/limited.js";
import { names, start, type Running } from "../live/servers.js";
import { TcpDatabase } from "../live/tcp.js";
import { clients } from "./bundle.mjs";
import { runInPage } from "./page.js";

for (const name of names) {
  describe(`other clients in a page, on ${name}`, () => {
    let server: Running;
    before(async () => (server = await start(name)));
    after(() => server.stop());

    for (const client of clients) {
      it(client.name, async () => {
        const db = new TcpDatabase(server);
        await runInPage(client, db);
        await until(() => db.streams.size === 0 && db.sessions.size === 0);
      });
    }
  });
}
