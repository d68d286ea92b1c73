import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OutcomeUnknownError, ReplyLostError } from "../src/errors.js";
import { Pipeline } from "../src/pipeline.js";
import { Mode } from "../src/queue.js";
import type { Argument } from "../src/types.js";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const words = (batch: string | undefined): string => (batch ?? "").split("\r\n").filter((w) => w !== "" && !/^[*$]/.test(w)).join(" ");

const died = new OutcomeUnknownError("UNKNOWN", "died");

/** What an engine says of a session first: the highest number that was executed, and replies that are kept. */
function known(highest: number, replies: Record<number, string> = {}): Uint8Array<ArrayBuffer> {
  const kept = Object.entries(replies).map(([number, reply]) => `*2\r\n:${number}\r\n$${reply.length}\r\n${reply}\r\n`);
  return bytes(`*${1 + kept.length}\r\n:${highest}\r\n${kept.join("")}`);
}

/** A numbered session whose first command, HELLO, had number 1. */
function started(): { pipeline: Pipeline; batches: string[]; call: (...args: Argument[]) => Promise<unknown>; reply: (text: string) => void } {
  const batches: string[] = [];
  const pipeline = new Pipeline((batch) => batches.push(new TextDecoder().decode(batch)));
  pipeline.start(known(0));
  const reply = (text: string): void => pipeline.receive(bytes(text));
  reply("%0\r\n");
  batches.length = 0;
  return { pipeline, batches, call: (...args) => pipeline.call(args, Mode.Text), reply };
}

describe("numbered session", () => {
  it("settles what the log knows, and sends the rest again under new numbers", async () => {
    const { pipeline, batches, call, reply } = started();
    const calls = [call("INCR", "a"), call("INCR", "a"), call("INCR", "a")]; // 2, 3, 4
    await turn();
    assert.equal(pipeline.acked, 1);
    pipeline.lose(died);
    pipeline.start(known(3, { 2: ":1\r\n", 3: ":2\r\n" }));
    assert.deepEqual(await Promise.all(calls.slice(0, 2)), [1, 2]);
    assert.equal(words(batches[1]), "HELLO 3 INCR a");
    assert.equal(pipeline.first, 5);
    assert.equal(pipeline.acked, 4);
    reply("%0\r\n:3\r\n");
    assert.equal(await calls[2], 3);
    assert.equal(pipeline.acked, 6);
  });

  it("tells of a reply that is lost", async () => {
    const { pipeline, call } = started();
    const lost = assert.rejects(call("LPUSH", "l", "x"), ReplyLostError);
    await turn();
    pipeline.lose(died);
    pipeline.start(known(2));
    await lost;
  });

  it("goes on behind replies that came for a part of a batch", async () => {
    const { pipeline, batches, call, reply } = started();
    const calls = [call("INCR", "a"), call("INCR", "a"), call("INCR", "a")];
    await turn();
    reply(":1\r\n");
    void call("GET", "a");
    pipeline.lose(died);
    pipeline.start(known(3, { 3: ":2\r\n" }));
    assert.deepEqual(await Promise.all(calls.slice(0, 2)), [1, 2]);
    assert.equal(words(batches[1]), "HELLO 3 INCR a GET a");
  });

  it("takes a reply that is kept as an error for one", async () => {
    const { pipeline, call } = started();
    const failed = assert.rejects(call("EVAL", "x"), { code: "ERR" });
    await turn();
    pipeline.lose(died);
    pipeline.start(known(2, { 2: "-ERR no\r\n" }));
    await failed;
  });

  it("cannot tell what became of a command that leaves nothing in the log", async () => {
    const { pipeline, batches, call } = started();
    const published = assert.rejects(call("PUBLISH", "c", "m"), OutcomeUnknownError);
    const got = call("GET", "a");
    await turn();
    const later = call("PUBLISH", "c", "n"); // has not left
    pipeline.lose(died);
    pipeline.start(known(0));
    await published;
    assert.equal(words(batches[1]), "HELLO 3 GET a PUBLISH c n");
    void got;
    void later;
  });

  it("runs a transaction once, and whole", async () => {
    for (const executed of [true, false]) {
      const { pipeline, batches, call, reply } = started();
      const calls = [call("MULTI"), call("INCR", "a"), call("SELECT", 3), call("EXEC")]; // 2 to 5
      await turn();
      pipeline.lose(died);
      pipeline.start(executed ? known(5, { 5: "*2\r\n:1\r\n+OK\r\n" }) : known(0));
      if (!executed) {
        assert.equal(words(batches[1]), "HELLO 3 MULTI INCR a SELECT 3 EXEC");
        reply("%0\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n+OK\r\n");
      } else {
        assert.equal(words(batches[1]), "HELLO 3 SELECT 3");
      }
      assert.deepEqual(await Promise.all(calls), ["OK", "QUEUED", "QUEUED", [1, "OK"]]);
    }
  });

  it("does not run the rest of a transaction, and of what was watched, by itself", async () => {
    for (const opening of ["MULTI", "WATCH"]) {
      const { pipeline, batches, call, reply } = started();
      const opened = call(opening, ...(opening === "WATCH" ? ["k"] : []));
      await turn();
      reply("+OK\r\n");
      await opened;
      const refused = ["INCR", "EXEC"].map((name) => assert.rejects(call(name, "a"), { code: "EXECABORT" }));
      await turn();
      const after = call("PING");
      pipeline.lose(died);
      pipeline.start(known(0));
      await Promise.all(refused);
      assert.equal(words(batches[2]), "HELLO 3 PING");
      void after;
    }
  });

  it("runs a SELECT again whose reply is lost, before what comes behind it", async () => {
    const { pipeline, batches, call, reply } = started();
    const calls = [call("SELECT", 2), call("SET", "a", 1), call("GET", "a")]; // 2, 3, 4
    await turn();
    pipeline.lose(died);
    pipeline.start(known(3, { 3: "+OK\r\n" }));
    assert.equal(words(batches[1]), "HELLO 3 SELECT 2 GET a");
    reply("%0\r\n+OK\r\n$1\r\n1\r\n");
    assert.deepEqual(await Promise.all(calls), ["OK", "OK", "1"]);
  });

  it("runs a SELECT again in front of a transaction that was executed, and takes neither for the other", async () => {
    const { pipeline, batches, call, reply } = started();
    const calls = [call("SELECT", 3), call("MULTI"), call("SET", "a", 1), call("EXEC"), call("GET", "a")]; // 2 to 6
    await turn();
    pipeline.lose(died);
    pipeline.start(known(5, { 5: "*1\r\n+OK\r\n" }));
    assert.equal(words(batches[1]), "HELLO 3 SELECT 3 GET a");
    reply("%0\r\n+OK\r\n$1\r\n1\r\n");
    assert.deepEqual(await Promise.all(calls), ["OK", "OK", "QUEUED", ["OK"], "1"]);
    void call("PING");
    await turn();
    assert.equal(words(batches[2]), "PING");
  });

  it("outlives the loss of a session that was not made yet", async () => {
    for (const lose of ["lose", "abandon"] as const) {
      const batches: string[] = [];
      const pipeline = new Pipeline((batch) => batches.push(new TextDecoder().decode(batch)));
      const lost = assert.rejects(pipeline.call(["GET", "a"], Mode.Text), OutcomeUnknownError);
      pipeline.start();
      pipeline[lose](died); // HELLO is not answered
      await lost;
      pipeline.start();
      const after = pipeline.call(["PING"], Mode.Text);
      pipeline.receive(bytes("%0\r\n"));
      await turn();
      pipeline.receive(bytes("+PONG\r\n"));
      assert.equal(await after, "PONG");
    }
  });

  it("does not call executed without effect what the engine has forgotten", async () => {
    const { pipeline, call } = started();
    const first = assert.rejects(call("INCR", "a"), { code: "REPLYLOST" }); // 2
    const calls = Array.from({ length: 16 << 10 }, () => call("INCR", "a"));
    await turn();
    pipeline.lose(died);
    pipeline.start(known(2 + calls.length, Object.fromEntries(calls.map((_, i) => [3 + i, `:${i + 2}\r\n`]))));
    await first;
    assert.equal(await calls[0], 2);
  });

  it("uses no number again, not that of another session either", async () => {
    const batches: string[] = [];
    const pipeline = new Pipeline((batch) => batches.push(new TextDecoder().decode(batch)));
    pipeline.start(known(500));
    assert.equal(pipeline.first, 501);
  });

  it("refuses a call without words, and another protocol", async () => {
    const { batches, call } = started();
    await assert.rejects(call(), TypeError);
    await assert.rejects(call("HELLO", 2), { code: "NOPROTO" });
    void call("RESET");
    await turn();
    assert.equal(words(batches[0]), "RESET HELLO 3");
  });

  it("puts back name and options that replies confirmed", async () => {
    const { pipeline, batches, call, reply } = started();
    const calls = [call("CLIENT", "SETNAME", "n"), call("CLIENT", "NO-TOUCH", "on"), call("SELECT", 4)];
    await turn();
    reply("+OK\r\n+OK\r\n+OK\r\n");
    await Promise.all(calls);
    pipeline.lose(died);
    pipeline.start();
    assert.equal(words(batches[1]), "HELLO 3 CLIENT SETNAME n CLIENT NO-TOUCH on SELECT 4");
  });

  it("loses nothing when the session is lost again before it is made", async () => {
    const { pipeline, batches, call, reply } = started();
    const incremented = call("INCR", "a");
    await turn();
    pipeline.lose(died);
    pipeline.start(known(0)); // HELLO 3, INCR 4
    pipeline.lose(died);
    pipeline.start(known(4, { 4: ":1\r\n" }));
    assert.equal(await incremented, 1);
    assert.equal(words(batches[2]), "HELLO 3");
    reply("%0\r\n");
    assert.equal(pipeline.pending, 0);
  });

  it("settles all when the leader is given up, and goes on when it is back", async () => {
    const { pipeline, batches, call } = started();
    const given = assert.rejects(call("INCR", "a"), OutcomeUnknownError);
    await turn();
    pipeline.abandon(died);
    await given;
    await assert.rejects(call("GET", "a"), OutcomeUnknownError);
    pipeline.start(known(2, { 2: ":1\r\n" }));
    void call("GET", "b");
    assert.equal(pipeline.pending, 2);
    assert.equal(words(batches[1]), "HELLO 3");
  });
});

describe("subscriptions", () => {
  it("are confirmed by messages, one for each name", async () => {
    const { pipeline, call, reply } = started();
    const messages: unknown[] = [];
    pipeline.onPush = (message) => messages.push(message);
    const calls = [call("SUBSCRIBE", "a", "b"), call("PING"), call("UNSUBSCRIBE"), call("GET", "k")];
    await turn();
    const push = (kind: string, name: string, n: number): string => `>3\r\n+${kind}\r\n+${name}\r\n:${n}\r\n`;
    reply(push("subscribe", "a", 1) + push("message", "a", 1));
    reply(push("subscribe", "b", 2) + "+PONG\r\n" + push("unsubscribe", "a", 1));
    reply(push("unsubscribe", "b", 0) + "$1\r\nv\r\n");
    assert.deepEqual(await Promise.all(calls), [2, "PONG", 0, "v"]);
    assert.equal(messages.length, 5);
  });
});
