import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../src/commands/api.js";
import { MultiErrorReply, WatchError } from "../src/commands/errors.js";
import { SharedClient } from "../src/commands/shared.js";
import { ClosedError, ReplyError } from "../src/errors.js";
import type { Argument, Reply } from "../src/types.js";

const turns = async (n = 20): Promise<void> => {
  for (let i = 0; i < n; i++) await Promise.resolve();
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A command that a session was given, to be settled by the test. */
interface Sent {
  words: string;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

class FakeSession implements Session {
  onPush: ((message: Reply[]) => void) | undefined;
  onRestored: (() => void) | undefined;
  binaryPushes = false;
  closed = false;
  readonly sent: Sent[] = [];
  readonly binary = { call: (...words: Argument[]) => this.call(...words) };

  set onNumber(listener: (number: number) => void) {
    void this.call("CLIENT", "ID").then((number) => listener(number as number));
  }

  call(...words: Argument[]): Promise<Reply> {
    return new Promise((resolve, reject) => this.sent.push({ words: words.join(" "), resolve, reject }));
  }

  /** Settles the oldest call, which must be this one. */
  answer(words: string, reply: Reply): void {
    const sent = this.sent.shift();
    assert.equal(sent?.words, words);
    if (reply instanceof Error) sent.reject(reply);
    else sent.resolve(reply);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

class FakeClient extends SharedClient {
  readonly main = new FakeSession();
  readonly sessions: FakeSession[] = [];
  database = 0;

  override send(words: readonly Argument[]): Promise<Reply> {
    return this.main.call(...words);
  }

  override session(): Session {
    const session = new FakeSession();
    this.sessions.push(session);
    return session;
  }

  close(): Promise<void> {
    return this.endSessions();
  }
}

/** A client with a call that waits in a session of its own. */
async function waiting(call: (client: FakeClient) => Promise<unknown>): Promise<{ client: FakeClient; held: FakeSession; result: Promise<unknown> }> {
  const client = new FakeClient();
  const result = call(client);
  result.catch(() => undefined);
  client.main.answer("PING", "PONG");
  await turns();
  const held = client.sessions[0] as FakeSession;
  held.answer("CLIENT ID", 7);
  await turns();
  return { client, held, result };
}

const unblocked = new ReplyError("UNBLOCKED client unblocked via CLIENT UNBLOCK");

describe("calls that wait", () => {
  it("have a session of their own behind what was called before, which the next one uses again", async () => {
    const { client, held, result } = await waiting((c) => c.blPop("q", 0));
    held.answer("BLPOP q 0", ["q", "job"]);
    assert.deepEqual(await result, { key: "q", element: "job" });
    client.database = 3;
    const next = client.brPop("q", 1);
    client.main.answer("PING", "PONG");
    await turns();
    assert.equal(client.sessions.length, 1);
    held.answer("SELECT 3", "OK");
    held.answer("BRPOP q 1", null);
    assert.equal(await next, null);
    void client.xRead({ key: "x", id: "0" });
    client.main.answer("XREAD STREAMS x 0", null); // nothing waits without BLOCK
  });

  it("are ended by a signal, until the engine says that the wait was over or that it was served first", async () => {
    const control = new AbortController();
    const { client, held, result } = await waiting((c) => c.withAbortSignal(control.signal).blPop("q", 0));
    control.abort(new Error("enough"));
    await turns();
    client.main.answer("CLIENT UNBLOCK 7 ERROR", 0); // the call has not come there yet
    await new Promise((later) => setTimeout(later, 10));
    client.main.answer("CLIENT UNBLOCK 7 ERROR", 1);
    held.answer("BLPOP q 0", unblocked);
    await assert.rejects(result, /enough/);
    await turns();
    assert.ok(held.closed, "an end that comes late must meet no other call");

    const second = await waiting((c) => c.withAbortSignal(AbortSignal.any([])).blPop("q", 0));
    second.held.answer("BLPOP q 0", ["q", "served"]);
    assert.deepEqual(await second.result, { key: "q", element: "served" });
    await assert.rejects(second.client.withAbortSignal(AbortSignal.abort(new Error("before"))).get("k"), /before/);
    assert.equal(second.client.main.sent.length, 0);
  });

  it("give what they took when the client is closed, and end otherwise", async () => {
    for (const [reply, expected] of [[["q", "job"], { key: "q", element: "job" }], [unblocked, ClosedError]] as const) {
      const { client, held, result } = await waiting((c) => c.blPop("q", 0));
      const closing = client.close();
      await turns();
      client.main.answer("CLIENT UNBLOCK 7 ERROR", 1);
      held.answer("BLPOP q 0", reply as Reply);
      if (expected === ClosedError) await assert.rejects(result, ClosedError);
      else assert.deepEqual(await result, expected);
      await closing;
      await turns();
      assert.ok(held.closed);
    }
  });
});

describe("listeners", () => {
  it("hear their channels, as strings or bytes, and again in a session that was made anew", async () => {
    const client = new FakeClient();
    const heard: unknown[] = [];
    const hear = (message: string, channel: string): void => void heard.push([message, channel]);
    const both = client.subscribe(["a", "b"], hear);
    const joined = client.subscribe("a", (message: Uint8Array) => void heard.push(message), true);
    const session = client.sessions[0] as FakeSession;
    let ready = false;
    void joined.then(() => (ready = true));
    await turns();
    assert.equal(ready, false, "the channel is not confirmed yet");
    session.answer("SUBSCRIBE a b", 2);
    await Promise.all([both, joined]);
    const patterns = client.pSubscribe("n*", hear);
    session.answer("PSUBSCRIBE n*", 3);
    await patterns;
    session.onPush?.([bytes("message"), bytes("a"), bytes("1")]);
    session.onPush?.([bytes("pmessage"), bytes("n*"), bytes("news"), bytes("2")]);
    session.onPush?.([bytes("message"), bytes("other"), bytes("3")]);
    assert.deepEqual(heard, [["1", "a"], bytes("1"), ["2", "news"]]);
    session.onRestored?.();
    session.answer("SUBSCRIBE a b", 2);
    session.answer("PSUBSCRIBE n*", 3);
    const away = client.unsubscribe("b", hear);
    session.answer("UNSUBSCRIBE b", 2);
    await away;
    const rest = Promise.all([client.unsubscribe(), client.pUnsubscribe()]);
    session.answer("UNSUBSCRIBE a", 1);
    session.answer("PUNSUBSCRIBE n*", 0);
    await rest;
    await turns();
    assert.ok(session.closed);
    assert.equal(client.sessions.length, 1);
  });

  it("are not there when the engine refuses", async () => {
    const client = new FakeClient();
    const refused = client.subscribe("a", () => assert.fail());
    const [session] = client.sessions;
    session?.answer("SUBSCRIBE a", new ReplyError("NOPERM no"));
    await assert.rejects(refused, ReplyError);
    session?.onPush?.([bytes("message"), bytes("a"), bytes("1")]);
    assert.ok(session?.closed);
  });
});

describe("transactions and batches", () => {
  it("send nothing of a transaction with a word that cannot be sent", () => {
    const client = new FakeClient();
    assert.throws(() => client.multi().incr("a").set("k", undefined as never), TypeError);
    assert.equal(client.main.sent.length, 0);
  });

  it("make of a transaction's replies what the methods make", async () => {
    const client = new FakeClient();
    const run = (replies: Reply, ...words: string[]): Promise<unknown> => {
      const done = client.multi().zPopMin("z").incr("n").exec();
      for (const word of ["MULTI", "ZPOPMIN z", "INCR n"]) client.main.answer(word, "QUEUED");
      client.main.answer("EXEC", replies);
      assert.deepEqual(words, []);
      return done;
    };
    assert.deepEqual(await run([["a", 1], 2]), [{ value: "a", score: 1 }, 2]);
    await assert.rejects(run(null), WatchError);
    const error = new ReplyError("ERR no");
    await assert.rejects(run([["a", 1], error]), (e) => e instanceof MultiErrorReply && e.errorIndexes[0] === 1 && [...e.errors()][0] === error);
  });

  it("settle a batch when all its calls are", async () => {
    const client = new FakeClient();
    const done = client.batch((b) => [b.get("a"), b.incr("b")]);
    client.main.answer("GET a", "1");
    client.main.answer("INCR b", 2);
    assert.deepEqual(await done, ["1", 2]);
    const failing = client.batch((b) => {
      void b.get("a");
      void b.getJSON("b");
    });
    let over = false;
    failing.catch(() => (over = true));
    client.main.answer("GET a", new ReplyError("ERR no"));
    await turns();
    assert.equal(over, false);
    client.main.answer("GET b", '{"x":1}');
    await assert.rejects(failing, ReplyError);
    const all = client.batch((b) => void b.getJSON("b"));
    client.main.answer("GET b", '{"__proto__":1}');
    assert.deepEqual(await all, [JSON.parse('{"__proto__":1}')]);
    await assert.rejects(client.batch((async () => undefined) as never), TypeError);
  });

  it("find methods by the names of their commands", () => {
    const client = new FakeClient();
    assert.equal(client.CLIENT_GETNAME, client.clientGetName);
    assert.equal(client["CLIENT_NO-EVICT"], client.clientNoEvict);
    assert.equal(client.SUBSCRIBE, client.subscribe);
    assert.equal((client as unknown as Record<string, unknown>)["NOSUCH"], undefined);
    assert.equal((client as unknown as { then?: unknown }).then, undefined);
  });
});
