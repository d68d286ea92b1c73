import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReplyDecoder } from "../src/decoder.js";
import { CommandEncoder } from "../src/encoder.js";
import { NotDurableError, ReplyError } from "../src/errors.js";
import type { Argument, Reply } from "../src/types.js";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const text = (b: Uint8Array): string => new TextDecoder().decode(b);

function encode(...commands: Argument[][]): string {
  const encoder = new CommandEncoder(64);
  for (const command of commands) encoder.command(command);
  return text(encoder.take());
}

function decode(resp: string | Uint8Array, binary = false): Reply[] {
  const decoder = new ReplyDecoder();
  decoder.start(typeof resp === "string" ? bytes(resp) : resp);
  const replies: Reply[] = [];
  while (decoder.more()) replies.push(decoder.next(binary));
  return replies;
}

describe("commands are encoded as RESP arrays of bulk strings", () => {
  const long = "x".repeat(1000);
  const cases: [name: string, command: Argument[], resp: string][] = [
    ["strings", ["SET", "k", "v"], "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n"],
    ["an empty string", ["ECHO", ""], "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n"],
    ["UTF-8 by its length in bytes", ["ECHO", "aé😀z"], "*2\r\n$4\r\nECHO\r\n$8\r\naé😀z\r\n"],
    ["small and large numbers", ["X", 7, 12, -3, 1.5, 2 ** 53], "*6\r\n$1\r\nX\r\n$1\r\n7\r\n$2\r\n12\r\n$2\r\n-3\r\n$3\r\n1.5\r\n$16\r\n9007199254740992\r\n"],
    ["bigints", ["X", 2n ** 63n - 1n], "*2\r\n$1\r\nX\r\n$19\r\n9223372036854775807\r\n"],
    ["a word longer than the buffer", ["ECHO", long], `*2\r\n$4\r\nECHO\r\n$1000\r\n${long}\r\n`],
    ["ten words", ["A", 1, 2, 3, 4, 5, 6, 7, 8, 9], "*10\r\n$1\r\nA\r\n" + [1, 2, 3, 4, 5, 6, 7, 8, 9].map((d) => `$1\r\n${d}\r\n`).join("")],
  ];
  for (const [name, command, resp] of cases) it(name, () => assert.equal(encode(command), resp));

  it("bytes as they are", () => {
    const encoder = new CommandEncoder(16);
    encoder.command(["ECHO", new Uint8Array([0, 255, 13, 10, 128])]);
    assert.deepEqual([...encoder.take().slice(-11)], [36, 53, 13, 10, 0, 255, 13, 10, 128, 13, 10]);
  });

  it("long non-ASCII words of any length", () => {
    for (let n = 0; n < 300; n++) {
      const word = "é".repeat(n) + "x".repeat(n % 7);
      assert.equal(encode(["E", word]), `*2\r\n$1\r\nE\r\n$${bytes(word).length}\r\n${word}\r\n`);
    }
  });

  it("a word of another kind is a TypeError, and leaves nothing behind", () => {
    const encoder = new CommandEncoder(64);
    encoder.command(["PING"]);
    for (const wrong of [null, undefined, true, {}, [1], Symbol("s")]) {
      assert.throws(() => encoder.command(["SET", "k", wrong as unknown as Argument]), TypeError);
    }
    assert.equal(text(encoder.take()), "*1\r\n$4\r\nPING\r\n");
  });

  it("goes on in a spare buffer of the usual size, and in no other", () => {
    const encoder = new CommandEncoder(64);
    const spare = new ArrayBuffer(64);
    encoder.command(["A"]);
    encoder.take(spare);
    encoder.command(["B"]);
    assert.equal(encoder.take(new ArrayBuffer(8)).buffer, spare);
    encoder.command(["C"]);
    assert.equal(encoder.take().buffer.byteLength, 64);
  });
});

describe("replies are decoded to JavaScript values", () => {
  const plain = (entries: Record<string, Reply>): Reply => Object.assign(Object.create(null) as { [key: string]: Reply }, entries);
  const cases: [resp: string, value: Reply][] = [
    ["+OK\r\n", "OK"],
    ["+OKAY\r\n", "OKAY"],
    ["+\r\n", ""],
    ["$5\r\nhello\r\n", "hello"],
    ["$0\r\n\r\n", ""],
    ["$4\r\n\r\n\r\n\r\n", "\r\n\r\n"],
    ["$2\r\né\r\n", "é"],
    [`$100\r\n${"x".repeat(100)}\r\n`, "x".repeat(100)],
    [`$64\r\n${"y".repeat(64)}\r\n`, "y".repeat(64)],
    ["$3\r\n\ufeff\r\n", "\ufeff"],
    ["=8\r\ntxt:text\r\n", "text"],
    [":0\r\n", 0],
    [":-0\r\n", -0],
    [":42\r\n", 42],
    [":-42\r\n", -42],
    [":9007199254740991\r\n", 9007199254740991],
    [":9223372036854775807\r\n", 9223372036854775807n],
    [":-9223372036854775808\r\n", -9223372036854775808n],
    [",1.5\r\n", 1.5],
    [",inf\r\n", Infinity],
    [",-inf\r\n", -Infinity],
    [",nan\r\n", NaN],
    [",1e+20\r\n", 1e20],
    ["(3492890328409238509324850943850943825024385\r\n", 3492890328409238509324850943850943825024385n],
    ["#t\r\n", true],
    ["#f\r\n", false],
    ["_\r\n", null],
    ["$-1\r\n", null],
    ["*-1\r\n", null],
    ["*0\r\n", []],
    ["*3\r\n:1\r\n*1\r\n$1\r\na\r\n_\r\n", [1, ["a"], null]],
    ["~2\r\n+a\r\n+b\r\n", ["a", "b"]],
    ["%2\r\n+a\r\n:1\r\n:2\r\n#t\r\n", plain({ a: 1, 2: true })],
    ["%1\r\n$9\r\n__proto__\r\n:1\r\n", plain({ ["__proto__"]: 1 })],
    ["|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n", "v"],
  ];
  for (const [resp, value] of cases) it(JSON.stringify(resp.slice(0, 40)), () => assert.deepEqual(decode(resp), [value]));

  it("several in a row", () => assert.deepEqual(decode("+OK\r\n:1\r\n$1\r\na\r\n"), ["OK", 1, "a"]));

  it("errors by their code, nested ones as values", () => {
    const [top, nested, word] = decode("-WRONGTYPE Operation against\r\n*2\r\n+OK\r\n-ERR no\r\n-BUSY\r\n");
    assert.ok(top instanceof ReplyError);
    assert.equal(top.code, "WRONGTYPE");
    assert.equal(top.message, "WRONGTYPE Operation against");
    assert.ok(Array.isArray(nested) && nested[1] instanceof ReplyError);
    assert.ok(word instanceof ReplyError);
    assert.equal(word.code, "BUSY");
  });

  it("NOTDURABLE as an error of its own class", () => assert.ok(decode("-NOTDURABLE it ran\r\n")[0] instanceof NotDurableError));

  it("in binary, strings as bytes of their own", () => {
    const buffer = new Uint8Array([36, 3, 13, 10]);
    buffer[1] = 0x33;
    const resp = new Uint8Array([...buffer, 0, 255, 13, 13, 10]);
    const [value] = decode(resp, true);
    assert.deepEqual(value, new Uint8Array([0, 255, 13]));
    resp.fill(7);
    assert.deepEqual(value, new Uint8Array([0, 255, 13]));
  });

  it("in binary, a map's keys stay strings", () => {
    assert.deepEqual(decode("%1\r\n$1\r\nf\r\n$1\r\nv\r\n", true), [plain({ f: new Uint8Array([118]) })]);
  });

  it("what is cut off or no RESP is refused", () => {
    for (const resp of ["$5\r\nhel", "+OK", ":12", "hello\r\n", "*2\r\n:1\r\n"]) assert.throws(() => decode(resp), /tabdis/);
  });
});
