import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatReply } from "../src/format";
import { splitWords } from "../src/words";

describe("replies look as in redis-cli", () => {
  const cases: [resp: string, text: string][] = [
    ["+OK\r\n", "OK\n"],
    ["$5\r\nhello\r\n", '"hello"\n'],
    ["$9\r\na\"\\\r\n\t\u0007\bz\r\n", '"a\\"\\\\\\r\\n\\t\\a\\bz"\n'],
    ["$2\r\né\r\n", '"\\xc3\\xa9"\n'],
    [":3\r\n", "(integer) 3\n"],
    [",1.5\r\n", "(double) 1.5\n"],
    ["_\r\n", "(nil)\n"],
    ["$-1\r\n", "(nil)\n"],
    ["#t\r\n", "(true)\n"],
    ["-ERR no\r\n", "(error) ERR no\n"],
    ["=8\r\ntxt:a\r\nb\r\n", "a\nb\n"],
    ["*0\r\n", "(empty array)\n"],
    ["~0\r\n", "(empty set)\n"],
    ["%0\r\n", "(empty hash)\n"],
    ["*2\r\n$1\r\na\r\n:1\r\n", '1) "a"\n2) (integer) 1\n'],
    ["~1\r\n$1\r\na\r\n", '1~ "a"\n'],
    ["%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n$1\r\nc\r\n", '1# "a" => (integer) 1\n2# "b" => "c"\n'],
    ["*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n", "1) 1) (integer) 1\n   2) (integer) 2\n2) (integer) 3\n"],
    [
      "%1\r\n$1\r\na\r\n*2\r\n:1\r\n:2\r\n",
      '1# "a" => \n   1) (integer) 1\n   2) (integer) 2\n',
    ],
  ];
  for (const [resp, text] of cases) it(JSON.stringify(resp), () => assert.equal(formatReply(new TextEncoder().encode(resp)), text));

  it("numbers of ten members are of one width", () => {
    const text = formatReply(new TextEncoder().encode("*10\r\n" + ":0\r\n".repeat(10)));
    assert.equal(text.split("\n")[0], " 1) (integer) 0");
    assert.equal(text.split("\n")[9], "10) (integer) 0");
  });
});

describe("lines are split as in redis-cli", () => {
  const cases: [line: string, words: string[] | null][] = [
    ["", []],
    ["  SET  k\tv ", ["SET", "k", "v"]],
    ['SET "a b" \'c d\'', ["SET", "a b", "c d"]],
    ['ECHO "\\x41\\n\\"\\q"', ["ECHO", 'A\n"q']],
    ["ECHO 'it\\'s \\n'", ["ECHO", "it's \\n"]],
    ["ECHO 😀é", ["ECHO", "😀é"]],
    ['ECHO ""', ["ECHO", ""]],
    ['ECHO "a', null],
    ['ECHO "a"b', null],
    ["ECHO 'a", null],
  ];
  for (const [line, words] of cases) {
    it(JSON.stringify(line), () => assert.deepEqual(splitWords(line)?.map((w) => new TextDecoder().decode(w)) ?? null, words));
  }

  it("\\xHH is a byte, no character", () => assert.deepEqual(splitWords('"\\xff"')?.[0], new Uint8Array([255])));
});
