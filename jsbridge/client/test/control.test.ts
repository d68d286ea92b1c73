import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Controls } from "../src/control/control.js";
import { durable, rewrite } from "../src/control/durability.js";
import { exportTo } from "../src/control/export.js";
import { parse } from "../src/control/log.js";
import { readTar, tarEnd, tarHeader, tarPadding } from "../src/control/tar.js";
import { endControls, handleControl } from "../src/control/worker-side.js";
import { ClosedError, OutcomeUnknownError, ReplyLostError, StoreError } from "../src/errors.js";
import type { Argument, Reply } from "../src/types.js";

interface Task {
  op: string;
  args: Record<string, unknown>;
  tell(...message: unknown[]): void;
  cancel?: () => void;
}

const bridge = globalThis as { tabdisBridge?: { control(task: Task): void } };
const until = async (met: () => boolean): Promise<void> => {
  while (!met()) await turn();
};
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const controls = (run: (task: Task) => void): Controls => {
  bridge.tabdisBridge = { control: run };
  return new Controls((op, args) => {
    const { port1, port2 } = new MessageChannel();
    handleControl({ type: "control", op, args }, port2);
    return port1;
  });
};

describe("an operation", () => {
  afterEach(() => delete bridge.tabdisBridge);

  it("gives its result, and tells in order", async () => {
    const told: unknown[] = [];
    const result = await controls((task) => {
      task.tell("progress", 1);
      task.tell("progress", new Uint8Array(3));
      task.tell("done", task.args["n"]);
      task.tell("progress", "late");
    }).control("op", { n: 7 }, { onTold: ([, what]) => void told.push(what) });
    assert.equal(result, 7);
    assert.deepEqual(told, [1, new Uint8Array(3)]);
  });

  it("fails with the class that its code asks for", async () => {
    const run = controls((task) => task.tell("failed", "LOCKED", "it is open"));
    await assert.rejects(run.control("op"), { name: "LockedError", code: "LOCKED", message: "it is open" });
  });

  it("ends with its signal, and tells the engine", async () => {
    let cancelled = 0;
    const run = controls((task) => void (task.cancel = () => cancelled++));
    const controller = new AbortController();
    const ended = run.control("op", {}, { signal: controller.signal });
    await turn();
    controller.abort(new Error("enough"));
    await assert.rejects(ended, /enough/);
    await turn();
    assert.equal(cancelled, 1);
    await assert.rejects(run.control("op", {}, { signal: controller.signal }), /enough/);
  });

  it("ends with what its listener throws", async () => {
    const run = controls((task) => task.tell("progress"));
    await assert.rejects(
      run.control("op", {}, {
        onTold() {
          throw new Error("no");
        },
      }),
      /no/,
    );
  });

  it("ends when the engine throws, dies, is not there, is lost or was closed", async () => {
    const dead = controls(() => {
      throw new Error("exited");
    });
    await assert.rejects(dead.control("op"), { code: "DIED", message: "exited" });
    const dying = controls(() => undefined);
    const first = dying.control("op");
    endControls("DIED", "it died");
    await assert.rejects(first, { code: "DIED" });
    delete bridge.tabdisBridge;
    await assert.rejects(dying.control("op"), { code: "CLOSED" });
    bridge.tabdisBridge = { control: () => undefined };
    const second = dying.control("op");
    dying.lose(new StoreError("LOST", "another tab leads"));
    await assert.rejects(second, { code: "LOST" });
    dying.end(new ClosedError("CLOSED", "closed"));
    await assert.rejects(dying.control("op"), ClosedError);
  });

  it("leaves out what an onlooker is too slow for, and says how much", async () => {
    let task!: Task;
    const told: unknown[][] = [];
    let answer!: (what: string) => void;
    void controls((started) => void (task = started))
      .control("log", {}, {
        onTold(message, tell) {
          answer = tell;
          told.push(message);
        },
      })
      .catch(() => undefined);
    for (let i = 0; i < 1500; i++) task.tell("block", i);
    await until(() => told.length === 1000);
    for (let i = 0; i < 600; i++) answer("taken");
    await until(() => told.length === 1001);
    assert.deepEqual(told.at(-1), ["missed", 500]);
    task.tell("block", 1500);
    await until(() => told.length === 1002);
    assert.deepEqual(told.at(-1), ["block", 1500]);
    endControls("CLOSED", "the end");
  });
});

describe("an export", () => {
  afterEach(() => delete bridge.tabdisBridge);
  const answers = { call: async (): Promise<Reply> => "" };
  const silent = { call: (): Promise<Reply> => new Promise(() => undefined) };
  const told = (task: Task): void => {
    task.tell("chunk", new TextEncoder().encode("*1\r\n$4\r\nPING\r\n"), true, 1);
    task.tell("done");
  };

  /** A target that never takes anything, whether it is ready or not, and its signal. */
  const stuck = (sink: UnderlyingSink<Uint8Array>): { target: WritableStream<Uint8Array>; ended: AbortSignal } => {
    let ended!: AbortSignal;
    const target = new WritableStream<Uint8Array>({
      ...sink,
      start(controller) {
        ended = controller.signal;
        return sink.start?.(controller) as PromiseLike<void> | undefined;
      },
    });
    return { target, ended };
  };
  const never = (): Promise<void> => new Promise(() => undefined);
  const targets = { "never ready": { start: never }, "takes nothing": { write: never }, "never closes": { close: never } };

  for (const [what, sink] of Object.entries(targets) as [string, UnderlyingSink<Uint8Array>][]) {
    for (const format of ["aof", "rdb"] as const) {
      it(`ends with its store, its leader and its signal, also when the engine has told all, and the target hears of it: ${what}, ${format}`, async () => {
        for (const [end, code] of [
          [(run: Controls) => run.lose(new StoreError("LEADER", "another tab runs the engine now")), "LEADER"],
          [(run: Controls) => run.end(new ClosedError("CLOSED", "the store was closed")), "CLOSED"],
          [(_: Controls, given: AbortController) => given.abort(new StoreError("ENOUGH", "enough")), "ENOUGH"],
        ] as const) {
          const run = controls(told);
          const given = new AbortController();
          const { target, ended } = stuck(sink);
          const outcome = exportTo(answers, run, target, { format, signal: given.signal });
          let settled = false;
          outcome.catch(() => undefined).finally(() => (settled = true));
          for (let i = 0; i < 3; i++) await turn();
          assert.deepEqual([settled, ended.aborted], [false, false]);
          end(run, given);
          await assert.rejects(outcome, { code });
          assert.equal(ended.aborted, true);
          assert.equal((ended.reason as StoreError).code, code);
        }
      });
    }
  }

  it("ends with its signal before anything was told, and while its directory is opened", async () => {
    for (const format of ["aof", "rdb"] as const) {
      const given = new AbortController();
      const { target, ended } = stuck({});
      const outcome = exportTo(silent, controls(told), target, { format, signal: given.signal });
      given.abort(new Error("enough"));
      await assert.rejects(outcome, /enough/);
      assert.equal(ended.aborted, true);
    }
    const given = new AbortController();
    let abandoned: unknown;
    const file = { createWritable: async () => ({ write: never, close: never, abort: async (reason: unknown) => void (abandoned = reason) }) };
    const directory = {
      getDirectoryHandle: never,
      async getFileHandle() {
        given.abort(new Error("enough"));
        return file;
      },
    };
    await assert.rejects(exportTo(answers, controls(told), directory as unknown as FileSystemDirectoryHandle, { format: "rdb", signal: given.signal }), /enough/);
    assert.match(String(abandoned), /enough/);
  });

  it("ends when all has been taken", async () => {
    let taken = "";
    const target = new WritableStream<Uint8Array>({ write: (bytes) => void (taken += new TextDecoder().decode(bytes)) });
    assert.deepEqual(await exportTo(answers, controls(told), target, { format: "rdb" }), { bytes: 14, files: [] });
    assert.equal(taken, "*1\r\n$4\r\nPING\r\n");
  });
});

describe("waiting for what is durable", () => {
  it("ends with its signal also when nobody answers", async () => {
    const given = new AbortController();
    const outcome = durable({ call: () => new Promise(() => undefined) }, controls(() => undefined), { signal: given.signal });
    given.abort(new Error("enough"));
    await assert.rejects(outcome, /enough/);
    delete bridge.tabdisBridge;
  });
});

describe("a tar archive", () => {
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const member = (path: string, text: string): BlobPart[] => [tarHeader(path, text.length, 1), bytes(text), tarPadding(text.length)];

  it("is read as it was written", async () => {
    const archive = new Blob([...member("./dir/a", "x".repeat(513)), ...member("b", ""), tarEnd()]);
    const members = await readTar(archive);
    assert.deepEqual(members.map((m) => m.path), ["dir/a", "b"]);
    assert.equal(await members[0]?.content.text(), "x".repeat(513));
    assert.equal(members[1]?.content.size, 0);
  });

  it("may have long names, in GNU's and in POSIX's way", async () => {
    const long = `${"d/".repeat(80)}name`;
    const special = (kind: string, text: string): BlobPart[] => {
      const header = tarHeader("special", text.length, 1);
      header[156] = kind.charCodeAt(0);
      header.set(bytes(`${(sum(header) >>> 0).toString(8).padStart(6, "0")}\0 `), 148);
      return [header, bytes(text), tarPadding(text.length)];
    };
    const pax = ` path=${long}\n`;
    const record = `${pax.length + 3}${pax}`;
    const archive = new Blob([...special("L", `${long}\0`), ...member("cut", "1"), ...special("x", record), ...member("cut", "2"), ...member("short", "3")]);
    assert.deepEqual((await readTar(archive)).map((m) => m.path), [long, long, "short"]);
  });

  it("is refused when it is damaged or cut off", async () => {
    const whole = new Uint8Array(await new Blob([...member("a", "text"), tarEnd()]).arrayBuffer());
    const flipped = whole.slice();
    flipped[3] = 65;
    for (const spoiled of [flipped, whole.slice(0, 514)]) await assert.rejects(readTar(new Blob([spoiled])), { code: "SOURCE" });
  });

  function sum(header: Uint8Array): number {
    return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
  }
});

describe("a block of the log", () => {
  it("is taken apart into its lines and commands", () => {
    const body = new TextEncoder().encode("#TS:17\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n#REQ:1=2\r\n*2\r\n$3\r\nDEL\r\n$3\r\n#TS\r\n");
    assert.deepEqual(parse(body), { annotations: ["#TS:17", "#REQ:1=2"], commands: [["SELECT", "0"], ["DEL", "#TS"]] });
    assert.deepEqual(parse(new Uint8Array(0)), { annotations: [], commands: [] });
  });
});

describe("a rewrite", () => {
  const store = (...infos: string[]): { calls: string[]; call(...args: Argument[]): Promise<Reply> } => {
    const calls: string[] = [];
    return {
      calls,
      async call(...args) {
        calls.push(String(args[0]));
        if (args[0] !== "INFO") return "Background append only file rewriting started";
        return (infos.length > 1 ? infos.shift() : infos[0])?.split(" ").join("\r\n") ?? "";
      },
    };
  };
  const idle = (done: number, status = "ok", epoch = 1): string =>
    `aof_epoch:${epoch} aof_rewrite_in_progress:0 aof_rewrite_scheduled:0 aof_rewrites:${done} aof_last_bgrewrite_status:${status} aof_base_size:9`;
  const busy = "aof_rewrite_in_progress:1 aof_rewrite_scheduled:0 aof_rewrite_perc:50.00 aof_rewrite_bytes_written:4";

  it("ends when the new log is in force", async () => {
    const seen: unknown[] = [];
    const s = store(idle(1), busy, idle(2));
    await rewrite(s, { onProgress: (p) => seen.push(p) });
    assert.deepEqual(s.calls, ["INFO", "BGREWRITEAOF", "INFO", "INFO"]);
    assert.deepEqual(seen, [{ fraction: 0.5, bytes: 4 }, { fraction: 1, bytes: 9 }]);
  });

  it("waits for one that runs already, and begins its own then", async () => {
    const s = store(busy, idle(1), idle(2));
    await rewrite(s);
    assert.deepEqual(s.calls, ["INFO", "INFO", "BGREWRITEAOF", "INFO"]);
  });

  it("fails when it failed", async () => {
    await assert.rejects(rewrite(store(idle(1), idle(1, "err"))), { code: "REWRITE" });
    await assert.rejects(rewrite(store(idle(1), idle(1))), { code: "REWRITE" });
  });

  it("is given up with the engine that ran it, unless the next one has made one since", async () => {
    await assert.rejects(rewrite(store(idle(0), busy, idle(0, "ok", 2))), { name: "StoreError", code: "LEADER", message: /given up/ });
    await assert.rejects(rewrite(store(idle(3), busy, idle(1, "err", 2))), { code: "LEADER" });
    await rewrite(store(idle(3), busy, idle(1, "ok", 2)));
  });

  it("asks again what was under way when the engine ended", async () => {
    const s = store(idle(1), busy, idle(2));
    const lost = [undefined, new OutcomeUnknownError("UNKNOWN", ""), undefined, new ReplyLostError("NOEFFECT", "")];
    const call = (...args: Argument[]): Promise<Reply> => {
      const error = lost.shift();
      return error === undefined ? s.call(...args) : Promise.reject(error);
    };
    await rewrite({ call });
    assert.deepEqual([lost, s.calls], [[], ["INFO", "BGREWRITEAOF", "INFO", "INFO"]]);
  });

  it("is no longer waited for when its signal says so", async () => {
    const given = new AbortController();
    const unanswered = rewrite({ call: () => new Promise(() => undefined) }, { signal: given.signal });
    given.abort(new Error("enough"));
    await assert.rejects(unanswered, /enough/);
    const controller = new AbortController();
    await assert.rejects(rewrite(store(busy), { signal: controller.signal, onProgress: () => controller.abort(new Error("enough")) }), /enough/);
  });
});
