import { after, before, describe } from "node:test";
import { equal, gate, ok, until } from "./check.js";
import { it } from "./limited.js";
import { liveCases } from "./live-cases.js";
import { names, start, type Running } from "./servers.js";
import { TcpDatabase, type TcpSession } from "./tcp.js";

for (const name of names) {
  describe(`live queries on ${name}`, () => {
    let server: Running;
    before(async () => (server = await start(name)));
    after(() => server.stop());

    async function opened(): Promise<{ db: TcpDatabase; other: TcpSession }> {
      const db = new TcpDatabase(server);
      const other = new TcpDatabase(server).session();
      await other.call("FLUSHALL");
      return { db, other };
    }

    for (const [what, run] of liveCases) {
      it(what, async () => {
        const { db, other } = await opened();
        await run(db, other);
        equal(db.sessions.size, 0, "sessions left open");
        await other.close();
      });
    }

    it("reads nothing before all tracking is confirmed", async () => {
      const { db, other } = await opened();
      const values: unknown[] = [];
      const query = db.live(["k:*"], (q) => q.call("KEYS", "k:*"), (value) => values.push(value));
      const [reads, watch] = [...db.sessions] as [TcpSession, TcpSession];
      const release = watch.stall();
      await reads.call("PING");
      await reads.call("PING");
      ok(!db.calls.some((call) => call.startsWith("KEYS")), "it waits for the confirmation of the pattern's prefix");
      // A change that is executed now is before the read, whenever that comes.
      await other.call("SET", "k:1", "v");
      release();
      await until(() => values.length > 0);
      equal(query.value, ["k:1"]);
      ok(db.calls.findIndex((call) => call === "CLIENT TRACKING ON") < db.calls.findIndex((call) => call.startsWith("KEYS")), "its own reads are tracked");
      query.stop();
    });

    for (const resend of [false, true]) {
      it(`sets all up anew when its sessions were made anew, commands under way ${resend ? "sent again" : "lost"}`, async () => {
        const { db, other } = await opened();
        const errors: Error[] = [];
        const listener = { next: () => undefined, error: (error: Error) => void errors.push(error) };
        const query = db.live(["k:*"], async (q) => [await q.call("KEYS", "k:*"), await q.call("GET", "other")], listener);
        await query.refresh();
        const [reads, watch] = [...db.sessions] as [TcpSession, TcpSession];

        const watchMade = watch.replace(resend);
        await other.call("SET", "k:1", "v"); // nobody is told of this
        await watchMade;
        await until(() => JSON.stringify(query.value) === '[["k:1"],null]');
        await other.call("DEL", "k:1");
        await until(() => JSON.stringify(query.value) === "[[],null]");

        const readsMade = reads.replace(resend);
        await other.call("SET", "other", "1"); // nor of this
        await readsMade;
        await until(() => JSON.stringify(query.value) === '[[],"1"]');
        await other.call("SET", "other", "2");
        await until(() => JSON.stringify(query.value) === '[[],"2"]');

        const hanging = query.refresh(); // a run under way
        await Promise.all([reads.replace(resend), watch.replace(resend), hanging]);
        await other.call("SET", "other", "3");
        await other.call("SET", "k:2", "v");
        await until(() => JSON.stringify(query.value) === '[["k:2"],"3"]');
        equal(errors.length, 0, "errors: what was lost is asked again");
        query.stop();
        await other.close();
      });
    }

    it("asks for tracking as often as it must when its sessions are made anew before it is confirmed", async () => {
      const { db, other } = await opened();
      const errors: Error[] = [];
      const query = db.live(["k:*"], (q) => q.call("KEYS", "k:*"), { next: () => undefined, error: (error) => void errors.push(error) });
      for (const resend of [true, false, true]) {
        await Promise.all([...db.sessions].map((session) => session.replace(resend)));
      }
      await other.call("SET", "k:1", "v");
      await until(() => JSON.stringify(query.value) === '["k:1"]');
      await other.call("SET", "k:2", "v");
      await until(() => (query.value as string[]).length === 2);
      equal(errors.length, 0, "errors");
      query.stop();
      await other.close();
    });

    it("does not lose a change between a pattern's new confirmation and a run that began before", async () => {
      const { db, other } = await opened();
      const values: unknown[] = [];
      const query = db.live(["k:*"], (q) => q.call("KEYS", "k:*"), (value) => values.push(value));
      await query.refresh();
      const [reads, watch] = [...db.sessions] as [TcpSession, TcpSession];
      // A run has read, its reply is on its way; the watch is lost, and the change with it.
      const release = reads.stall();
      const refreshed = query.refresh();
      const made = watch.replace(false);
      await other.call("SET", "k:1", "v");
      await made;
      release();
      await refreshed;
      await until(() => JSON.stringify(query.value) === '["k:1"]');
      query.stop();
    });

    it("shares the session of a prefix, and ends it with the last", async () => {
      const { db } = await opened();
      const queries = Array.from({ length: 10 }, (_, i) => db.live(["cart:*", `cart:?${i}`], (q) => q.call("PING"), () => undefined));
      await Promise.all(queries.map((query) => query.refresh()));
      equal(db.sessions.size, 10 + 1, "sessions");
      for (const query of queries) query.stop();
      for (const query of queries) query.stop();
      equal(db.sessions.size, 0, "sessions");
    });

    it("stops in the middle of a run, and tells nothing more", async () => {
      const { db } = await opened();
      const hung = gate();
      let told = 0;
      const query = db.live(
        [],
        async (q) => {
          await q.call("PING");
          await hung.passed;
        },
        () => told++,
      );
      const refreshed = query.refresh();
      await until(() => db.calls.includes("PING"));
      query.stop();
      await refreshed;
      hung.open();
      await hung.passed;
      equal(told, 0);
    });

    it("reports that tracking is forbidden, and runs when it is allowed again", async () => {
      const { db, other } = await opened();
      await other.call("ACL", "SETUSER", "default", "-client|tracking");
      const told: unknown[] = [];
      const query = db.live(["k:*"], (q) => q.call("PING"), { next: (value) => told.push(value), error: (error) => told.push((error as { code?: string }).code) });
      await until(() => told.length === 1);
      await other.call("ACL", "SETUSER", "default", "+client|tracking");
      await query.refresh();
      equal(told, ["NOPERM", "PONG"]);
      query.stop();
      await other.close();
    });
  });
}
