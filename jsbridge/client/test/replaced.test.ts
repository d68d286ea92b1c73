// What a tab has in the engine when another engine takes its place: numbers of sessions, databases, names and passwords, subscriptions, links.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Session } from "../src/commands/api.js";
import { HeldSessions } from "../src/commands/held.js";
import { Listeners } from "../src/commands/listeners.js";
import { OutcomeUnknownError, ReplyError } from "../src/errors.js";
import { Pipeline } from "../src/pipeline.js";
import { PROTOCOL, type LinkNotice, type Notice } from "../src/protocol.js";
import { Mode } from "../src/queue.js";
import { Tab, type EngineWorker, type TabOptions } from "../src/tabs/tab.js";
import type { Argument, Reply } from "../src/types.js";
import { FakeLocks } from "./locks.js";

const turns = async (n = 20): Promise<void> => {
  for (let i = 0; i < n; i++) await Promise.resolve();
};
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A session that tells the engine's number of it, and whose calls the test settles. */
class FakeSession implements Session {
  onPush: ((message: Reply[]) => void) | undefined;
  onRestored: (() => void) | undefined;
  onEnded: (() => void) | undefined;
  onNumber = (_number: number): void => undefined;
  closed = false;
  readonly sent: { words: string; resolve(reply: Reply): void; reject(error: unknown): void }[] = [];
  readonly binary = { call: (...words: Argument[]) => this.call(...words) };
  call(...words: Argument[]): Promise<Reply> {
    return new Promise((resolve, reject) => this.sent.push({ words: words.join(" "), resolve, reject }));
  }
  answer(words: string, reply: Reply): void {
    const sent = this.sent.shift();
    assert.equal(sent?.words, words);
    if (reply instanceof Error) sent?.reject(reply);
    else sent?.resolve(reply);
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function holder(): { held: HeldSessions; sessions: FakeSession[]; main: FakeSession; at: { database: number } } {
  const main = new FakeSession();
  const sessions: FakeSession[] = [];
  const at = { database: 0 };
  const held = new HeldSessions({
    session: () => sessions[sessions.push(new FakeSession()) - 1] as FakeSession,
    send: (words) => main.call(...words),
    get database() {
      return at.database;
    },
  });
  return { held, sessions, main, at };
}

describe("calls that wait, in sessions of their own", () => {
  it("go to the database of their client, whatever became of the call before", async () => {
    const { held, sessions, main, at } = holder();
    at.database = 3;
    const failed = assert.rejects(held.call(["BLPOP", "s", 0], false), ReplyError);
    main.answer("PING", "PONG");
    await turns();
    sessions[0]?.answer("SELECT 3", "OK");
    sessions[0]?.answer("BLPOP s 0", new ReplyError("WRONGTYPE no list") as never);
    await failed;
    at.database = 0;
    void held.call(["BLPOP", "q", 0], false);
    main.answer("PING", "PONG");
    await turns();
    assert.deepEqual(sessions.map((session) => session.sent.map(({ words }) => words)), [["SELECT 0", "BLPOP q 0"]]);
  });

  it("are ended by the number that their session has now", async () => {
    const { held, sessions, main } = holder();
    const control = new AbortController();
    const given = assert.rejects(held.call(["BLPOP", "q", 0], false, control.signal), /enough/);
    main.answer("PING", "PONG");
    await turns();
    assert.deepEqual(sessions[0]?.sent.map(({ words }) => words), ["BLPOP q 0"], "and do not ask for it behind a call that waits");
    sessions[0]?.onNumber(7);
    sessions[0]?.onNumber(9); // of the next engine
    control.abort(new Error("enough"));
    await turns();
    main.answer("CLIENT UNBLOCK 9 ERROR", 1);
    sessions[0]?.answer("BLPOP q 0", new ReplyError("UNBLOCKED by the test") as never);
    await given;
  });
});

describe("listeners", () => {
  it("are subscribed again when the engine has ended their session, as long as there are any", async () => {
    const sessions: FakeSession[] = [];
    const listeners = new Listeners(() => sessions[sessions.push(new FakeSession()) - 1] as FakeSession);
    const heard: string[] = [];
    const listen = (message: string): unknown => heard.push(message);
    const added = listeners.add("", "c", listen as never, false);
    sessions[0]?.answer("SUBSCRIBE c", 1);
    await added;
    sessions[0]?.onEnded?.(); // CLIENT KILL, or too much was waiting
    sessions[1]?.answer("SUBSCRIBE c", 1);
    sessions[1]?.onPush?.(["message", "c", "hello"]);
    assert.deepEqual(heard, ["hello"]);
    sessions[0]?.onEnded?.(); // is not theirs any more
    assert.equal(sessions.length, 2);
    const removed = listeners.remove("", "c");
    sessions[1]?.answer("UNSUBSCRIBE c", 0);
    await removed;
    await turns();
    assert.ok(sessions[1]?.closed);
    sessions[1]?.onEnded?.();
    assert.equal(sessions.length, 2, "nobody listens");
  });
});

describe("a session", () => {
  const words = (batch: string | undefined): string => (batch ?? "").split("\r\n").filter((w) => w !== "" && !/^[*$]/.test(w)).join(" ");

  it("logs in again with what HELLO gave, before it says HELLO", async () => {
    const batches: string[] = [];
    const pipeline = new Pipeline((batch) => batches.push(new TextDecoder().decode(batch)));
    pipeline.start();
    pipeline.receive(bytes("%0\r\n"));
    const calls = [pipeline.call(["HELLO", 3, "AUTH", "alice", "secret", "SETNAME", "n"], Mode.Text), pipeline.call(["HELLO", "3", "auth", "bob", "wrong"], Mode.Text)];
    const refused = assert.rejects(calls[1] as Promise<Reply>, { code: "WRONGPASS" });
    await turns();
    pipeline.receive(bytes("%0\r\n-WRONGPASS no\r\n"));
    await refused;
    pipeline.lose(new OutcomeUnknownError("UNKNOWN", "died"));
    pipeline.start();
    assert.equal(words(batches.at(-1)), "AUTH alice secret HELLO 3 CLIENT SETNAME n");
  });

  it("hears its number in each engine, before anything else runs there", async () => {
    const batches: string[] = [];
    const numbers: number[] = [];
    const pipeline = new Pipeline((batch) => batches.push(new TextDecoder().decode(batch)));
    pipeline.onNumber = (number) => numbers.push(number);
    const got = pipeline.call(["GET", "k"], Mode.Text);
    pipeline.start();
    assert.equal(words(batches[0]), "HELLO 3 CLIENT ID GET k");
    pipeline.receive(bytes("%0\r\n:7\r\n$1\r\nv\r\n"));
    assert.equal(await got, "v");
    pipeline.lose(new OutcomeUnknownError("UNKNOWN", "died"));
    pipeline.start();
    pipeline.receive(bytes("%0\r\n:9\r\n"));
    assert.deepEqual(numbers, [7, 9]);
    assert.equal(pipeline.pending, 0);
  });
});

describe("a tab that follows", () => {
  const locks = new FakeLocks();
  const globals = globalThis as unknown as Record<string, unknown>;
  before(() => {
    locks.install();
    globals["document"] = { addEventListener: () => undefined };
    globals["addEventListener"] = () => undefined;
  });
  after(() => {
    locks.uninstall();
    delete globals["document"];
    delete globals["addEventListener"];
  });
  const until = async (what: () => boolean): Promise<void> => {
    for (let i = 0; !what(); i++) {
      assert.ok(i < 2000, "it does not come to that");
      await new Promise((again) => setTimeout(again, 2));
    }
  };

  it("goes with the Worker that leads now, also where that is another of the same tab, and hears no old one", async (t) => {
    const store = `replaced-${process.pid}`;
    const linked: string[] = [];
    const worker: EngineWorker = { onmessage: null, onerror: null, postMessage: () => undefined, terminate: () => undefined };
    const options = { name: store, backend: "auto", alone: false, unresponsive: 0, scripts: { worker: () => worker, broker: undefined } } as unknown as TabOptions;
    const tab = new Tab(options, {
      linked: (ready) => linked.push(ready.why),
      failed: (error) => linked.push(error.code),
      progress: () => undefined,
      log: (_level, line) => linked.push(line),
    });
    const notices = new BroadcastChannel(`tabdis:${store}`);
    const channels = [notices];
    t.after(() => {
      tab.end(new OutcomeUnknownError("UNKNOWN", "over"));
      for (const channel of channels) channel.close();
    });
    const asked: string[] = []; // channels of links
    notices.onmessage = ({ data }: MessageEvent<Notice>) => data.type === "link" && asked.push((data as LinkNotice).channel);
    const leads = (term: string): void => notices.postMessage({ type: "leader", tab: "aaaaaaaaaaaa", term, protocol: PROTOCOL, backend: "idb", broker: "" });
    const answers = async (term: string, n: number): Promise<BroadcastChannel> => {
      leads(term);
      await until(() => asked.length === n);
      const link = new BroadcastChannel(asked.at(-1) as string);
      channels.push(link);
      link.postMessage({ type: "ready", backend: "idb", why: term, load: { created: false }, restarts: 0 });
      await until(() => linked.at(-1) === term);
      return link;
    };
    await tab.start();
    const first = await answers("first", 1);
    leads("first"); // it is told again
    const second = await answers("second", 2);
    first.postMessage({ type: "log", level: 2, line: "late" });
    first.postMessage({ type: "ready", backend: "idb", why: "late", load: { created: false }, restarts: 0 });
    second.postMessage({ type: "log", level: 2, line: "now" });
    await until(() => linked.at(-1) === "now");
    assert.deepEqual(linked, ["first", "second", "now"]);
    assert.equal(asked.length, 2);
  });
});
