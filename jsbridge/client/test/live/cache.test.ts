import { after, before, describe } from "node:test";
import { cacheCases } from "./cache-cases.js";
import { equal, ok, rejects, until } from "./check.js";
import { it } from "./limited.js";
import { names, start, type Running } from "./servers.js";
import { TcpDatabase, type TcpSession } from "./tcp.js";

for (const name of names) {
  describe(`the cache on ${name}`, () => {
    let server: Running;
    before(async () => (server = await start(name)));
    after(() => server.stop());

    async function opened(): Promise<{ db: TcpDatabase; other: TcpSession }> {
      const db = new TcpDatabase(server);
      const other = new TcpDatabase(server).session();
      await other.call("FLUSHALL");
      return { db, other };
    }

    for (const [what, run] of cacheCases) {
      it(what, async () => {
        const { db, other } = await opened();
        await run(db, other);
        equal(db.sessions.size, 0, "sessions left open");
        await other.close();
      });
    }

    it("keeps no value that an invalidation has overtaken", async () => {
      const { db, other } = await opened();
      await other.call("SET", "k", "old");
      const cache = db.cache();
      await cache.load(["x"]);
      const session = [...db.sessions][0] as TcpSession;
      const seen: unknown[] = [];
      const end = cache.subscribe("k", () => seen.push(cache.get("k")));
      // The reply to this read and the news that it is outdated come in one piece, and so in one turn.
      const release = session.stall();
      const loaded = cache.load(["k"]);
      await until(() => session.holds("old"));
      await other.call("SET", "k", "new");
      await until(() => session.holds("invalidate"));
      release();
      equal(await loaded, ["old"], "what load gives was true when it was read");
      ok(cache.peek("k") !== "old", "the outdated value is not kept");
      await until(() => cache.peek("k") === "new");
      equal(seen, ["new"], "what was seen");
      end();
      cache.close();
      await other.close();
    });

    it("keeps no value that was read before one of its keys changed, for those who have not subscribed either", async () => {
      const { db, other } = await opened();
      await other.call("SET", "k", "old");
      const cache = db.cache();
      await cache.load(["x"]);
      const session = [...db.sessions][0] as TcpSession;
      const release = session.stall();
      cache.get("k");
      await until(() => session.holds("old"));
      await other.call("SET", "k", "new");
      await until(() => session.holds("invalidate"));
      release();
      for (let i = 0; i < 10; i++) {
        ok(cache.peek("k") !== "old", "the outdated value is not kept");
        await Promise.resolve();
      }
      equal(await cache.load(["k"]), ["new"]);
      cache.close();
      await other.close();
    });

    for (const resend of [false, true]) {
      it(`drops all when its session was made anew, commands under way ${resend ? "sent again" : "lost"}, and goes on`, async () => {
        const { db, other } = await opened();
        await other.call("MSET", "a", "1", "b", "1");
        const cache = db.cache();
        await cache.load(["a", "b"]);
        cache.subscribe("a", () => undefined);
        const session = [...db.sessions][0] as TcpSession;
        cache.get("under way");
        const loaded = cache.load(["under way too"]);
        const made = session.replace(resend);
        cache.get("queued");
        await other.call("MSET", "a", "2", "b", "2"); // nobody is told of this
        await made;
        equal([cache.peek("a"), cache.peek("b")], [undefined, undefined]);
        await until(() => cache.peek("a") === "2");
        equal(await loaded, [null]);
        equal(await cache.load(["b", "under way", "queued"]), ["2", null, null]);
        await other.call("MSET", "a", "3", "b", "3", "under way", "3", "queued", "3");
        await until(() => cache.get("a") === "3" && cache.get("b") === "3" && cache.get("under way") === "3" && cache.get("queued") === "3");
        cache.close();
        await other.close();
      });
    }

    it("keeps nothing while tracking is forbidden, and says so", async () => {
      const { db, other } = await opened();
      await other.call("ACL", "SETUSER", "default", "-client|tracking");
      const cache = db.cache();
      await rejects(cache.load(["k"]), "NOPERM");
      equal([cache.peek("k"), cache.size, (cache.error as { code?: string } | undefined)?.code], [undefined, 0, "NOPERM"]);
      await other.call("ACL", "SETUSER", "default", "+client|tracking");
      equal(await cache.load(["k"]), [null]);
      equal([cache.peek("k"), cache.error], [null, undefined]);
      cache.close();
      await other.close();
    });

    it("has one session, and none before something is read", async () => {
      const { db } = await opened();
      const cache = db.cache();
      cache.subscribe("a", () => undefined);
      cache.peek("a");
      equal(db.sessions.size, 0);
      for (let i = 0; i < 100; i++) cache.get(`k${i}`);
      equal(db.sessions.size, 1);
      cache.close();
      equal(db.sessions.size, 0);
    });
  });
}
