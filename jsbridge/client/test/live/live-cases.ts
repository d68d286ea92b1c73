import type { Case } from "./check.js";
import { equal, gate, newSeed, ok, seeded, until } from "./check.js";
import type { Session } from "../../src/live/sessions.js";

const get =
  (...keys: string[]) =>
  (q: Session) =>
    q.call("MGET", ...keys);

/** How many changes the long case makes. */
const CHANGES = Number((globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env["TABDIS_LIVE"] ?? 2000);

export const liveCases: Case[] = [
  [
    "runs at once, and again when a key that it has read changes, however often",
    async (db, other) => {
      const values: unknown[] = [];
      const query = db.live([], get("a", "b"), (value) => values.push(value));
      await until(() => values.length === 1);
      for (let i = 0; i < 5; i++) {
        await other.call("SET", i % 2 === 0 ? "a" : "b", i);
        await until(() => values.length === 2 + i);
      }
      equal(values, [[null, null], ["0", null], ["0", "1"], ["2", "1"], ["2", "3"], ["4", "3"]]);
      equal(query.value, ["4", "3"]);
      query.stop();
    },
  ],
  [
    "runs when a key changes that a pattern names, there before or not, and for no other with the same prefix",
    async (db, other) => {
      const values: unknown[] = [];
      const count = async (q: Session): Promise<unknown> => ((await q.call("KEYS", "cart:*:total")) as string[]).sort();
      const query = db.live(["cart:*:total", "exact"], count, (value) => values.push(value));
      await until(() => values.length === 1);
      await other.call("SET", "cart:1:name", "x");
      await other.call("SET", "exact-not", "x");
      await other.call("SET", "cart:1:total", "5");
      await until(() => values.length === 2);
      await other.call("DEL", "cart:1:total");
      await until(() => values.length === 3);
      await other.call("SET", "exact", "1");
      await until(() => values.length === 4);
      equal(values, [[], ["cart:1:total"], [], []]);
      query.stop();
    },
  ],
  [
    "runs once for many changes",
    async (db, other) => {
      let runs = 0;
      const query = db.live(["many:*"], async (q) => (await q.call("PING"), ++runs), () => undefined);
      await until(() => query.value === 1);
      const all = [other.call("MULTI")];
      for (let i = 0; i < 1000; i++) all.push(other.call("SET", `many:${i}`, i));
      all.push(other.call("EXEC"));
      await Promise.all(all);
      await until(() => query.value === 2);
      await query.refresh();
      equal(runs, 3, "runs with the refresh");
      query.stop();
    },
  ],
  [
    "runs again when what it has read changes while it runs",
    async (db, other) => {
      const first = gate();
      const read = gate();
      const values: unknown[] = [];
      const query = db.live(
        [],
        async (q) => {
          const value = await q.call("GET", "k");
          read.open();
          await first.passed;
          await q.call("PING"); // behind the news of the change
          return value;
        },
        (value) => values.push(value),
      );
      await read.passed;
      await other.call("SET", "k", "new");
      first.open();
      await until(() => values.length === 2);
      equal(values, [null, "new"]);
      query.stop();
    },
  ],
  [
    "runs again when a key that a pattern names changes while it runs",
    async (db, other) => {
      const first = gate();
      const read = gate();
      const values: unknown[] = [];
      const query = db.live(
        ["k:*"],
        async (q) => {
          const value = await q.call("KEYS", "k:*");
          read.open();
          await first.passed;
          return value;
        },
        (value) => values.push(value),
      );
      await read.passed;
      await other.call("SET", "k:1", "new");
      first.open();
      await until(() => values.length >= 2);
      equal(values, [[], ["k:1"]]);
      query.stop();
    },
  ],
  [
    "runs after FLUSHALL, and when a key has expired",
    async (db, other) => {
      await other.call("SET", "k", "1");
      const values: unknown[] = [];
      const query = db.live([], (q) => q.call("GET", "k"), (value) => values.push(value));
      await until(() => values.length === 1);
      await other.call("FLUSHALL");
      await until(() => query.value === null);
      await other.call("SET", "k", "2", "PX", 20);
      await until(() => query.value === "2");
      await until(() => query.value === null);
      query.stop();
    },
  ],
  [
    "tells of errors, and goes on",
    async (db, other) => {
      await other.call("LPUSH", "k", "1");
      const told: unknown[] = [];
      const query = db.live([], (q) => q.call("GET", "k"), {
        next: (value) => told.push(value),
        error: (error) => told.push((error as { code?: string }).code),
      });
      await until(() => told.length === 1);
      ok(query.error !== undefined, "the handle has the error");
      await other.call("SET", "k", "v");
      await until(() => told.length === 2);
      equal(told, ["WRONGTYPE", "v"]);
      equal([query.value, query.error], ["v", undefined]);
      query.stop();
    },
  ],
  [
    "runs again when it is asked to, and stops",
    async (db, other) => {
      let runs = 0;
      let told = 0;
      const query = db.live([], async (q) => (runs++, q.call("GET", "k")), () => told++);
      await query.refresh();
      await Promise.all([query.refresh(), query.refresh(), query.refresh()]);
      ok(runs >= 2 && runs <= 4, `it ran ${runs} times`);
      const before = told;
      const last = query.refresh();
      query.stop();
      await last;
      await query.refresh();
      await other.call("SET", "k", "1");
      await other.call("PING");
      equal(told, before, "runs told after it was stopped");
    },
  ],
  [
    "stops with its signal",
    async (db, other) => {
      const controller = new AbortController();
      let told = 0;
      const query = db.live(["*"], (q) => q.call("GET", "k"), () => told++, { signal: controller.signal });
      await query.refresh();
      const before = told;
      controller.abort();
      await other.call("SET", "k", "1");
      await query.refresh();
      equal(told, before, "runs told after it was stopped");
    },
  ],
  [
    "never runs twice at once, never goes back, and ends at what is true",
    async (db, other) => {
      const random = seeded(newSeed());
      let running = 0;
      let wrong = "";
      let last = 0;
      let runs = 0;
      const sum = async (q: Session): Promise<number> => {
        if (++running > 1) wrong = "two runs at once";
        runs++;
        const keys = (await q.call("KEYS", "n:*")) as string[];
        let all = 0;
        for (const key of keys.sort()) all += Number(await q.call("GET", key)); // one after another: changes come in between
        running--;
        return all;
      };
      const counts = db.live(["n:*"], sum, (value) => {
        if (value < last) wrong = `${value} after ${last}`; // counters that only grow
        last = value;
      });
      const single = db.live([], (q) => q.call("GET", "n:0"), () => undefined);
      let zero = 0;
      for (let done = 0; done < CHANGES; ) {
        const burst: Promise<unknown>[] = [];
        for (let n = 1 + random(20); n > 0; n--, done++) {
          const key = random(10);
          if (key === 0) zero++;
          burst.push(other.call("INCR", `n:${key}`));
        }
        await Promise.all(burst);
      }
      const total = (await Promise.all(Array.from({ length: 10 }, (_, i) => other.call("GET", `n:${i}`)))).reduce<number>((a, b) => a + Number(b), 0);
      await until(() => last === total && Number(single.value ?? 0) === zero);
      equal(wrong, "");
      ok(runs > 1, "it ran while there were changes");
      counts.stop();
      single.stop();
    },
  ],
];
