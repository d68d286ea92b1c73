// What keeps the sessions and operations of many tabs apart in the Worker that leads, with everything around it made up.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Instance } from "../src/host/instance.js";
import { Leader } from "../src/leader/leader.js";
import { EngineSessions } from "../src/leader/sessions.js";
import { Broker } from "../src/tabs/broker-client.js";
import { runBroker } from "../src/tabs/broker.js";
import type { OpenMessage, Port } from "../src/protocol.js";
import { FakeLocks } from "./locks.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One end of a channel: what was posted to it, and whether it is closed. */
class FakePort implements Port {
  onmessage: ((event: MessageEvent) => void) | null = null;
  readonly posted: unknown[] = [];
  closed = false;
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  close(): void {
    this.closed = true;
  }
  /** The other end says this. */
  hear(data: unknown, ...ports: Port[]): void {
    this.onmessage?.({ data, ports } as unknown as MessageEvent);
  }
}

/** An engine that opens sessions of the numbers 1, 2 … and notes which are closed, and which clients are forgotten. */
class FakeEngine {
  last = 0;
  readonly closed: number[] = [];
  readonly forgotten: string[] = [];
  openSession = (): number => ++this.last;
  openNumbered = (): number => ++this.last;
  closeSession = (session: number): void => void this.closed.push(session);
  forget = (id: string): void => void this.forgotten.push(id);
  feed = (): void => undefined;
  acked = (): void => undefined;
  goOn = (): void => undefined;
  get sessions(): EngineSessions {
    return new EngineSessions(this as unknown as Instance);
  }
}

const locks = new FakeLocks();
before(() => locks.install());
beforeEach(() => locks.reset());
after(() => locks.uninstall());

const TAB = "00000000000";
const tab = (n: number): string => `${TAB}${n}`;

/** A leader with this engine, and a link of each of the tabs. */
function leads(engine: FakeEngine, tabs: number): { leader: Leader; links: FakePort[]; said: unknown[] } {
  const said: unknown[] = [];
  const scope = { onmessage: null, location: { href: "" }, postMessage: (message: unknown) => void said.push(message) };
  const leader = new Leader(scope, { type: "open", name: "s", tab: tab(0), alone: false } as OpenMessage);
  leader.sessions = engine.sessions;
  const broker = new FakePort();
  leader.take({ type: "broker", id: "b" }, [broker as unknown as MessagePort]);
  const links = Array.from({ length: tabs }, (_, i) => {
    const port = new FakePort();
    locks.hold(`tabdis:s:tab:${tab(i + 1)}`);
    broker.hear({ type: "link", tab: tab(i + 1) }, port);
    return port;
  });
  return { leader, links, said };
}

function opens(link: FakePort | undefined, id: string): FakePort {
  const port = new FakePort();
  link?.hear({ type: "session", id, next: 1 }, port);
  return port;
}

describe("a Worker that leads", () => {
  it("ends the sessions of a tab that is gone, and no others", async () => {
    const engine = new FakeEngine();
    const { links } = leads(engine, 2);
    opens(links[0], `${tab(1)}0000`);
    opens(links[1], `${tab(2)}0000`);
    locks.release(`tabdis:s:tab:${tab(1)}`);
    await turn();
    assert.deepEqual(engine.closed, [1]);
    assert.deepEqual([links[0]?.closed, links[1]?.closed], [true, false]);
  });

  it("does not take the sessions of a new engine for those that a tab had of the old one", async () => {
    const { leader, links } = leads(new FakeEngine(), 2);
    opens(links[0], `${tab(1)}0000`);
    leader.died("by the test");
    const next = new FakeEngine();
    leader.sessions = next.sessions;
    opens(links[1], `${tab(2)}0000`); // which has number 1 now
    locks.release(`tabdis:s:tab:${tab(1)}`);
    await turn();
    assert.deepEqual(next.closed, []);
  });

  it("refuses a session while there is no engine: its tab is to come again", () => {
    const { leader, links } = leads(new FakeEngine(), 1);
    leader.died("by the test");
    const port = opens(links[0], `${tab(1)}0000`);
    assert.deepEqual(port.posted, [{ type: "lost", cause: "the engine is being replaced" }]);
    assert.ok(port.closed);
  });

  it("that was taken over says so to its page, and serves nobody", () => {
    const engine = new FakeEngine();
    const { leader, links, said } = leads(engine, 1);
    const port = opens(links[0], `${tab(1)}0000`);
    leader.fenced();
    assert.deepEqual(said, [{ type: "fenced", cause: "another Worker has taken the store over" }]);
    assert.deepEqual(port.posted.at(-1), { type: "lost", cause: "another Worker has taken the store over" });
    assert.deepEqual(opens(links[0], `${tab(1)}0001`).posted, [{ type: "lost", cause: "the engine is being replaced" }]);
  });

  it("lets go of the session that a client had before it came again, and forgets nothing of what it asked", () => {
    const engine = new FakeEngine();
    const { links } = leads(engine, 1);
    const [first, second] = [opens(links[0], `${tab(1)}0000`), opens(links[0], `${tab(1)}0000`)];
    assert.deepEqual([first.closed, second.closed, engine.forgotten], [true, false, []]);
    second.hear({ type: "end" });
    assert.deepEqual([second.closed, engine.closed, engine.forgotten], [true, [2], [`${tab(1)}0000`]]);
  });

  it("ends the operations of a tab that is gone, and of no other", async () => {
    const cancelled: string[] = [];
    const tasks: { op: string; tell(...message: unknown[]): void; cancel?: () => void }[] = [];
    const control = (task: (typeof tasks)[number]): void => {
      tasks.push(task);
      task.cancel = () => void cancelled.push(task.op);
    };
    Object.assign(globalThis, { tabdisBridge: { control } });
    const { links } = leads(new FakeEngine(), 2);
    const ports = ["export", "import", "durable"].map((op, i) => {
      const port = new FakePort();
      links[i === 2 ? 1 : 0]?.hear({ type: "control", op, args: {} }, port);
      return port;
    });
    tasks[1]?.tell("done", 1);
    locks.release(`tabdis:s:tab:${tab(1)}`);
    await turn();
    assert.deepEqual(cancelled, ["export"]);
    assert.deepEqual(ports.map((port) => port.posted.at(-1)), [["failed", "LEADER", "its tab is gone"], ["done", 1], undefined]);
    Object.assign(globalThis, { tabdisBridge: undefined });
  });

  it("keeps nothing of operations that are over, however they ended", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    interface Task {
      tell(...message: unknown[]): void;
    }
    const tasks: WeakRef<Task>[] = [];
    let task!: Task;
    const control = (started: Task): void => {
      tasks.push(new WeakRef(started));
      task = started;
      if (tasks.length % 4 === 0) task.tell("done");
      if (tasks.length % 4 === 1) throw new Error("died");
    };
    Object.assign(globalThis, { tabdisBridge: { control } });
    const { links } = leads(new FakeEngine(), 1);
    const runs = 100;
    for (let i = 0; i < runs; i++) {
      links[0]?.hear({ type: "control", op: "op", args: {} }, new FakePort());
      if (i % 4 === 1) task.tell("done", i);
      if (i % 4 === 2) task.tell("failed", "IO", "it failed");
    }
    links[0]?.hear({ type: "control", op: "under way", args: {} }, new FakePort());
    const last = task;
    task = { tell: () => undefined };
    const kept = (): Task[] => tasks.flatMap((ref) => ref.deref() ?? []);
    for (let i = 0; i < 20 && kept().length > 1; i++) {
      await turn();
      collect();
    }
    assert.equal(tasks.length, runs + 1);
    assert.deepEqual(kept().map((one) => one === last), [true], "those that are not over, and no others");
    Object.assign(globalThis, { tabdisBridge: undefined });
  });
});

describe("the broker", () => {
  it("hands ports on, and forgets a leader with its tab", async () => {
    const scope: { onconnect: ((event: MessageEvent) => void) | null } = { onconnect: null };
    runBroker(scope);
    const page = new FakePort();
    scope.onconnect?.({ ports: [page] } as unknown as MessageEvent);
    const [first, second] = [new FakePort(), new FakePort()];
    locks.hold("lock");
    const serve = { type: "serve", leader: tab(1), lock: "lock" };
    page.hear(serve, first);
    page.hear(serve, second); // its Worker was replaced
    assert.ok(first.closed);
    const connect = { type: "connect", leader: tab(1), tab: tab(2) };
    page.hear(connect, new FakePort());
    assert.deepEqual([first.posted.length, second.posted], [0, [{ type: "link", tab: tab(2) }]]);
    locks.release("lock");
    await turn();
    assert.ok(second.closed);
    page.hear(connect, new FakePort());
    assert.deepEqual(page.posted.at(-1), { type: "unknown", leader: tab(1) });
  });

  it("tells each tab of a page that has one broker for all its stores whose leader it does not know", async () => {
    const port = new FakePort();
    const broker = new Broker(() => ({ port }) as unknown as SharedWorker);
    const hand = new FakePort() as unknown as MessagePort;
    const refused: string[] = [];
    port.hear({ type: "hello", broker: "b" });
    assert.equal(await broker.id, "b");
    for (const [n, leader] of [[1, "x"], [2, "x"], [3, "y"], [4, "x"], [2, "z"]] as const) broker.connect(leader, tab(n), hand, () => refused.push(`${n}${leader}`));
    broker.forget(tab(4)); // its store was closed
    port.hear({ type: "unknown", leader: "x" });
    assert.deepEqual(refused, ["1x"]);
    port.hear({ type: "unknown", leader: "z" });
    assert.deepEqual(refused, ["1x", "2z"]);
  });
});
