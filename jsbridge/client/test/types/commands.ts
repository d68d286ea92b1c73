// What the methods' types allow and what they give: checked by the compiler, never run.
import type { Client, View } from "../../src/commands/client.js";
import type { Multi } from "../../src/commands/multi.js";
import type { StreamMessage } from "../../src/commands/options.js";
import type { SharedClient } from "../../src/commands/shared.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function gives<Expected>(): <Actual>(value: Actual | Promise<Actual>, same: Same<Actual, Expected>) => void;
declare const db: SharedClient;
declare const bytes: Uint8Array;

export function right(): void {
  gives<string | null>()(db.get("k"), true);
  gives<Uint8Array | null>()(db.binary.get("k"), true);
  gives<string | null>()(db.set("k", 1n, { EX: 10, NX: true }), true);
  gives<string | null>()(db.set(bytes, bytes, { expiration: { type: "PXAT", value: new Date() }, condition: "XX", GET: true }), true);
  gives<"OK">()(db.mSet({ a: "1", b: 2 }), true);
  gives<Uint8Array>()(db.binary.mSet([["a", "1"]]), true);
  gives<number>()(db.zAdd("z", [{ score: 1, value: "a" }], { GT: true, CH: true }), true);
  gives<number>()(db.ZADD("z", { score: 1, value: bytes }), true);
  gives<Record<string, string>>()(db.hGetAll("h"), true);
  gives<{ key: string; element: string } | null>()(db.blPop(["a", "b"], 0), true);
  gives<StreamMessage<string>[]>()(db.xRange("x", "-", "+", { COUNT: 1 }), true);
  gives<{ name: string; visits: number } | null>()(db.getJSON<{ name: string; visits: number }>("k"), true);
  gives<unknown>()(db.getJSON("k"), true);
  gives<string | null>()(db.CLIENT_GETNAME(), true);
  gives<"OK">()(db["CLIENT_NO-EVICT"](true), true);
  gives<[number, string | null, Record<string, string>]>()(db.multi().incr("a").get("b").hGetAll("c").exec(), true);
  gives<[number]>()(db.multi().INCR("a").execAsPipelineTyped(), true);
  gives<[Uint8Array | null]>()(db.binary.multi().get("a").exec(), true);
  gives<[string | null, number]>()(db.batch((b) => [b.get("a"), b.incr("b")]), true);
  gives<unknown[]>()(db.batch((b) => void b.get("a")), true);
  const view: View<Uint8Array> = db.withTypeMapping({ 36: Uint8Array });
  const client: Client = db;
  const multi: Multi = client.multi();
  void [view, multi];
  void db.subscribe(["a"], (message: string, channel: string) => message + channel);
  void db.pSubscribe("a*", (message: Uint8Array) => message.length, true);
}

export async function iterators(): Promise<void> {
  for await (const keys of db.scanIterator({ MATCH: "a*", TYPE: "list" })) gives<string[]>()(keys, true);
  for await (const entries of db.binary.hScanIterator("h")) gives<{ field: Uint8Array; value: Uint8Array }[]>()(entries, true);
}

export function wrong(): void {
  // @ts-expect-error a key is no number
  void db.get(1);
  // @ts-expect-error there is no value
  void db.set("k");
  // @ts-expect-error a value is no object
  void db.set("k", {});
  // @ts-expect-error no such option
  void db.set("k", "v", { EXP: 1 });
  // @ts-expect-error seconds are a number
  void db.set("k", "v", { EX: "10" });
  // @ts-expect-error a field is wanted
  void db.hGet("h");
  // @ts-expect-error a score is a number
  void db.zAdd("z", { score: "1", value: "a" });
  // @ts-expect-error no such side
  void db.lMove("a", "b", "TOP", "LEFT");
  // @ts-expect-error no such unit
  void db.geoDist("g", "a", "b", "miles");
  // @ts-expect-error no such command
  void db.nosuch("k");
  // @ts-expect-error no such command in a transaction
  void db.multi().nosuch("k");
  // @ts-expect-error a transaction checks its commands' arguments
  void db.multi().set("k");
  // @ts-expect-error what makes a batch's calls must not wait
  void db.batch(async (b) => b.get("a"));
  // @ts-expect-error the listener takes strings
  void db.subscribe("a", (message: Uint8Array) => message);
  // @ts-expect-error nothing else can be mapped
  void db.withTypeMapping({ 58: Number });
  // @ts-expect-error it is bytes
  void db.binary.get("k").then((value) => value?.toUpperCase());
}
