/** RESP commands as they were encoded: those of this package, so that they are whole and well formed. */

const CR = 13;

function number(bytes: Uint8Array, at: number): [value: number, next: number] {
  let n = 0;
  for (; bytes[at] !== CR; at++) n = n * 10 + ((bytes[at] as number) - 48);
  return [n, at + 2];
}

/** Takes commands apart: where each ends. */
export function* commandsOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const from = at;
    let [words, next] = number(bytes, at + 1);
    for (; words > 0; words--) {
      const [length, start] = number(bytes, next + 1);
      next = start + length + 2;
    }
    at = next;
    yield bytes.subarray(from, at);
  }
}

/** The words of one command. */
export function wordsOf(command: Uint8Array): Uint8Array[] {
  const words: Uint8Array[] = [];
  let [left, at] = number(command, 1);
  for (; left > 0; left--) {
    const [length, start] = number(command, at + 1);
    words.push(command.subarray(start, start + length));
    at = start + length + 2;
  }
  return words;
}
