import assert from "node:assert/strict";
import { once } from "node:events";
import { describe } from "node:test";
import type { ByteStream } from "../../src/live/sessions.js";
import { ReplyReader } from "../../src/socket/replies.js";
import { StreamSocket } from "../../src/socket/socket.js";
import { turn } from "../live/check.js";
import { it } from "../live/limited.js";

function opened(): { socket: StreamSocket; stream: ByteStream; written: string[]; events: unknown[]; ended: () => number } {
  const written: string[] = [];
  let ends = 0;
  const stream: ByteStream = { onData: undefined, onEnd: undefined, write: (bytes) => written.push(Buffer.from(bytes).toString("latin1")), end: () => ends++ };
  const socket = new StreamSocket(() => stream, Buffer);
  const events: unknown[] = [];
  for (const event of ["connect", "ready", "data", "timeout", "end", "error", "close"]) {
    socket.on(event, (value: unknown) => events.push(value === undefined ? event : [event, value instanceof Uint8Array ? String(value) : value]));
  }
  return { socket, stream, written, events, ended: () => ends };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a session as a socket", () => {
  it("connects after whoever made it could listen", async () => {
    const { socket, events } = opened();
    assert.equal(socket.connecting, true);
    await once(socket as never, "connect");
    assert.deepEqual([socket.connecting, socket.writable, events], [false, true, ["connect", "ready"]]);
  });

  it("writes together what is written in one turn, in copies", async () => {
    const { socket, written } = opened();
    const mine = bytes("b");
    socket.write("aé");
    socket.write(mine);
    mine[0] = 0;
    socket.write("\u00ff", "latin1");
    await turn();
    socket.cork();
    socket.write("c");
    await turn();
    socket.write("d");
    assert.deepEqual(written, ["a\u00c3\u00a9b\u00ff"]);
    socket.uncork();
    const done = new Promise((resolve) => socket.write("e", resolve as () => void));
    await done;
    await turn();
    assert.deepEqual(written, ["a\u00c3\u00a9b\u00ff", "cd", "e"]);
    socket.write("x".repeat(1 << 16));
    assert.equal(written.length, 4, "a large batch leaves at once");
  });

  it("gives what comes as Buffers, and keeps it while it is paused", async () => {
    const { socket, stream, events } = opened();
    await turn();
    stream.onData?.(bytes("one"));
    socket.pause();
    stream.onData?.(bytes("two"));
    assert.deepEqual([events.slice(2), socket.isPaused()], [[["data", "one"]], true]);
    socket.resume();
    assert.deepEqual(events.slice(2), [["data", "one"], ["data", "two"]]);
  });

  it("writes what is there when it ends, and closes once", async () => {
    const { socket, written, events, ended } = opened();
    await turn();
    socket.end("last");
    assert.equal(socket.write("more", (error) => events.push(error?.message)), false);
    socket.end();
    await turn();
    socket.destroy(new Error("late"));
    await turn();
    assert.deepEqual([written, ended()], [["last"], 1]);
    assert.deepEqual(events.slice(2), ["tabdis: the connection is closed", "end", ["close", false]]);
    assert.deepEqual([socket.destroyed, socket.writable, socket.readyState], [true, false, "closed"]);
  });

  it("says why it was destroyed, and that its stream ended", async () => {
    const first = opened();
    first.socket.destroy(new Error("mine"));
    const second = opened();
    second.stream.onEnd?.(new Error("theirs"));
    const third = opened();
    third.stream.onEnd?.(undefined);
    await turn();
    const told = [first, second, third].map(({ events }) => events.map((event) => (Array.isArray(event) && event[1] instanceof Error ? event[1].message : event)));
    assert.deepEqual(told, [
      ["mine", ["close", true]],
      ["theirs", ["close", true]],
      ["end", ["close", false]],
    ]);
  });

  it("tells when nothing was heard for a time", async () => {
    const { socket, events } = opened();
    socket.setTimeout(1);
    const awake = setInterval(() => undefined, 1000); // its own timer keeps no process alive
    await once(socket as never, "timeout");
    clearInterval(awake);
    socket.setTimeout(1);
    socket.setTimeout(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(events.filter((event) => event === "timeout").length, 1);
  });

  it("removes listeners, also while they are called", () => {
    const { socket } = opened();
    const called: string[] = [];
    const second = (): void => void called.push("second");
    socket.once("x", () => {
      called.push("first");
      socket.off("x", second);
    });
    socket.on("x", second);
    socket.prependListener("x", () => called.push("zeroth"));
    socket.emit("x");
    socket.emit("x");
    assert.deepEqual(called, ["zeroth", "first", "second", "zeroth"]);
    socket.removeAllListeners("x");
    assert.equal(socket.emit("x"), false);
  });
});

describe("replies out of a stream", () => {
  it("come whole, wherever its pieces end", () => {
    const text = "*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$3\r\né\n\r\n:42\r\n+OK\r\n$-1\r\n*0\r\n";
    const all = bytes(text);
    const expected = [["message", "ch", "é\n"], 42, "OK", null, []];
    for (let size = 1; size <= all.length; size++) {
      const reader = new ReplyReader();
      const replies: unknown[] = [];
      for (let at = 0; at < all.length; at += size) replies.push(...reader.read(all.subarray(at, at + size)));
      assert.deepEqual(replies, expected, `pieces of ${size}`);
    }
  });
});
