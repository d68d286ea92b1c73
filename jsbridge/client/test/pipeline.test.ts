import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClosedError, OutcomeUnknownError, ReplyError } from "../src/errors.js";
import { Pipeline } from "../src/pipeline.js";
import { Mode } from "../src/queue.js";
import type { Argument } from "../src/types.js";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function started(): { pipeline: Pipeline; batches: string[]; call: (...args: Argument[]) => Promise<unknown> } {
  const batches: string[] = [];
  const pipeline = new Pipeline((batch) => batches.push(new TextDecoder().decode(batch)));
  pipeline.start();
  pipeline.receive(bytes("%0\r\n")); // HELLO's reply
  batches.length = 0;
  return { pipeline, batches, call: (...args) => pipeline.call(args, Mode.Text) };
}

const words = (batch: string | undefined): string[] => (batch ?? "").split("\r\n").filter((w) => w !== "" && !/^[*$]/.test(w));

describe("pipeline", () => {
  it("sends the calls of one turn in one batch, and settles them in order", async () => {
    const { pipeline, batches, call } = started();
    const all = Promise.all([call("A"), call("B"), call("C")]);
    assert.equal(batches.length, 0);
    await turn();
    assert.deepEqual(batches.map(words), [["A", "B", "C"]]);
    pipeline.receive(bytes(":1\r\n:2\r\n"));
    assert.equal(pipeline.pending, 1);
    pipeline.receive(bytes(":3\r\n"));
    assert.deepEqual(await all, [1, 2, 3]);
  });

  it("gathers calls made while a batch is under way, those made by its replies included", async () => {
    const { pipeline, batches, call } = started();
    const first = call("A").then(() => call("D"));
    await turn();
    void call("B");
    await turn();
    void call("C");
    await turn();
    assert.equal(batches.length, 1);
    pipeline.receive(bytes(":1\r\n"));
    await turn();
    assert.deepEqual(batches.map(words), [["A"], ["B", "C", "D"]]);
    pipeline.receive(bytes(":2\r\n:3\r\n:4\r\n"));
    assert.equal(await first, 4);
  });

  it("takes no message for a reply, wherever it stands", async () => {
    const { pipeline, call } = started();
    const invalidate = ">2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n>2\r\n$10\r\ninvalidate\r\n_\r\n";
    pipeline.receive(bytes(invalidate));
    const all = Promise.all([call("MULTI"), call("GET", "a"), pipeline.call(["GET", "b"], Mode.Raw)]);
    await turn();
    pipeline.receive(bytes(`${invalidate}+OK\r\n${invalidate}`));
    pipeline.receive(bytes(`>2\r\n$21\r\ntracking-redir-broken\r\n:7\r\n`));
    pipeline.receive(bytes(`$1\r\n1\r\n${invalidate}:2\r\n${invalidate}`));
    assert.deepEqual(await all, ["OK", "1", bytes(":2\r\n")]);
    assert.equal(pipeline.pending, 0);
  });

  it("sends a full batch at once", () => {
    const { batches, call } = started();
    for (let i = 0; i < 3000; i++) void call("SET", `key:${i}`, "x".repeat(64));
    assert.ok(batches.length >= 2);
    for (const batch of batches) assert.ok(batch.length < 136 << 10);
  });

  it("rejects with the error reply, and settles the rest", async () => {
    const { pipeline, call } = started();
    const wrong = assert.rejects(call("A"), (e) => e instanceof ReplyError && e.code === "ERR");
    const right = call("B");
    await turn();
    pipeline.receive(bytes("-ERR no\r\n+OK\r\n"));
    await wrong;
    assert.equal(await right, "OK");
  });

  it("rejects a call whose words cannot be sent, alone", async () => {
    const { pipeline, batches, call } = started();
    await assert.rejects(call("SET", "k", undefined as unknown as Argument), TypeError);
    const ping = call("PING");
    await turn();
    assert.deepEqual(batches.map(words), [["PING"]]);
    pipeline.receive(bytes("+PONG\r\n"));
    assert.equal(await ping, "PONG");
  });

  it("refuses to silence replies, on which every promise hangs", async () => {
    const { batches, call } = started();
    await assert.rejects(call("client", "reply", "off"), ReplyError);
    await assert.rejects(call("CLIENT", "REPLY", "SKIP"), ReplyError);
    for (const name of ["subscribe", "PSUBSCRIBE", "SSubscribe", "UNSUBSCRIBE", "punsubscribe", "sunsubscribe", "MONITOR"]) {
      await assert.rejects(call(name, "x"), ReplyError);
      await assert.rejects(call(bytes(name), "x"), ReplyError);
    }
    void call("CLIENT", "REPLY", "ON");
    void call("SPUBLISH", "x", "y");
    await turn();
    assert.deepEqual(batches.map(words), [["CLIENT", "REPLY", "ON", "SPUBLISH", "x", "y"]]);
  });

  it("settles a subscription when each of its channels is confirmed, and tells the messages between", async () => {
    const { pipeline, batches, call } = started();
    const heard: unknown[] = [];
    pipeline.onPush = (message) => heard.push(message);
    const all = Promise.all([call("A"), call("SUBSCRIBE", "a", "b"), call("B"), call(bytes("punsubscribe"), "c")]);
    const refused = assert.rejects(call("SSUBSCRIBE", "d"), (e) => e instanceof ReplyError && e.code === "NOPERM");
    await turn();
    assert.equal(batches.length, 1);
    const push = (...parts: string[]): string => `>${parts.length}\r\n${parts.map((p) => `$${p.length}\r\n${p}\r\n`).join("")}`;
    pipeline.receive(bytes(`${push("message", "z", "0")}:1\r\n${push("subscribe", "a", "1")}${push("message", "a", "1")}`));
    assert.equal(pipeline.pending, 4);
    pipeline.receive(bytes(`${push("subscribe", "b", "2")}:2\r\n${push("punsubscribe", "c", "2")}-NOPERM no\r\n`));
    assert.deepEqual(await all, [1, "2", 2, "2"]);
    await refused;
    pipeline.binaryPushes = true;
    pipeline.receive(bytes(push("message", "a", "2")));
    const messages = heard.filter((message) => !String((message as unknown[])[0]).endsWith("subscribe"));
    assert.deepEqual(messages, [["message", "z", "0"], ["message", "a", "1"], [bytes("message"), bytes("a"), bytes("2")]]);
    await assert.rejects(call("MONITOR"), ReplyError);
    const again = call("SUBSCRIBE", "a"); // nothing is left over of the one that was refused
    await turn();
    pipeline.receive(bytes(push("subscribe", "a", "1")));
    assert.deepEqual(await again, bytes("1"));
  });

  it("gives raw replies as their bytes, error replies too", async () => {
    const { pipeline } = started();
    const calls = ["A", "B"].map((name) => pipeline.call([name], Mode.Raw));
    await turn();
    pipeline.receive(bytes("~1\r\n$1\r\na\r\n-ERR no\r\n"));
    assert.deepEqual(await Promise.all(calls), [bytes("~1\r\n$1\r\na\r\n"), bytes("-ERR no\r\n")]);
  });

  it("keeps order over more calls than its queue began with", async () => {
    const { pipeline, batches, call } = started();
    const calls = Array.from({ length: 5000 }, (_, i) => call("ECHO", i));
    await turn();
    assert.equal(batches.length > 0, true);
    pipeline.receive(bytes(Array.from({ length: 5000 }, (_, i) => `:${i}\r\n`).join("")));
    assert.deepEqual(await Promise.all(calls), Array.from({ length: 5000 }, (_, i) => i));
  });

  it("settles what was under way as unknown when the engine dies, and puts the database back", async () => {
    const { pipeline, batches, call } = started();
    const selected = call("SELECT", 3);
    await turn();
    pipeline.receive(bytes("+OK\r\n"));
    await selected;
    const lost = call("INCR", "n");
    await turn();
    const cause = new OutcomeUnknownError("UNKNOWN", "died");
    const settled = assert.rejects(lost, OutcomeUnknownError);
    pipeline.lose(cause);
    await settled;
    void call("GET", "n");
    await turn();
    assert.equal(batches.length, 2);
    pipeline.start();
    assert.deepEqual(words(batches[2]), ["HELLO", "3", "SELECT", "3", "GET", "n"]);
  });

  it("keeps calls that had not left when the engine died", async () => {
    const { pipeline, batches, call } = started();
    const lost = assert.rejects(call("A"), OutcomeUnknownError);
    await turn();
    const waits = call("B");
    pipeline.lose(new OutcomeUnknownError("UNKNOWN", "died"));
    await lost;
    pipeline.start();
    assert.deepEqual(words(batches[1]), ["HELLO", "3", "B"]);
    pipeline.receive(bytes("%0\r\n:2\r\n"));
    assert.equal(await waits, 2);
  });

  const selects: [name: string, exec: string, database: number][] = [
    ["that ran", "*1\r\n+OK\r\n", 5],
    ["that a WATCH stopped", "_\r\n", 0],
    ["that was refused", "-EXECABORT x\r\n", 0],
  ];
  for (const [name, exec, database] of selects) {
    it(`follows a SELECT inside a transaction ${name}`, async () => {
      const { pipeline, batches, call } = started();
      const all = Promise.allSettled([call("MULTI"), call("SELECT", 5), call("EXEC")]);
      await turn();
      pipeline.receive(bytes(`+OK\r\n+QUEUED\r\n${exec}`));
      await all;
      pipeline.lose(new OutcomeUnknownError("UNKNOWN", "died"));
      pipeline.start();
      assert.deepEqual(words(batches[1]), database === 0 ? ["HELLO", "3"] : ["HELLO", "3", "SELECT", String(database)]);
    });
  }

  it("does not run the rest of a transaction by itself when the engine died in it", async () => {
    const { pipeline, call } = started();
    const multi = call("multi");
    await turn();
    pipeline.receive(bytes("+OK\r\n"));
    await multi;
    pipeline.lose(new OutcomeUnknownError("UNKNOWN", "died"));
    pipeline.start();
    await assert.rejects(call("SET", "k", "v"), { code: "EXECABORT" });
    await assert.rejects(call("EXEC"), { code: "EXECABORT" });
    const after = call("PING");
    pipeline.receive(bytes("%0\r\n"));
    await turn();
    pipeline.receive(bytes("+PONG\r\n"));
    assert.equal(await after, "PONG");
  });

  it("refuses calls after its end, and leaves none unsettled", async () => {
    const { pipeline, call } = started();
    const waiting = assert.rejects(call("A"), ClosedError);
    pipeline.end(new ClosedError("CLOSED", "closed"));
    await waiting;
    await assert.rejects(call("B"), ClosedError);
    await pipeline.drained();
  });
});
