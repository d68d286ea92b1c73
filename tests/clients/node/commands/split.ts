// How much of these bytes is whole replies: the end of the last one.
export function whole(bytes: Uint8Array): number {
  let end = 0;
  for (let at = 0; at >= 0 && at < bytes.length; ) {
    at = skip(bytes, at);
    if (at >= 0) end = at;
  }
  return end;
}

// Where the reply at `at` ends, -1 if it is cut off.
function skip(bytes: Uint8Array, at: number): number {
  const line = bytes.indexOf(10, at);
  if (line < 0) return -1;
  const kind = String.fromCharCode(bytes[at] as number);
  const size = Number(String.fromCharCode(...bytes.subarray(at + 1, line - 1)));
  if ("$=!".includes(kind)) {
    const end = size < 0 ? line + 1 : line + 1 + size + 2;
    return end > bytes.length ? -1 : end;
  }
  let next = line + 1;
  for (let left = "*~>".includes(kind) ? size : "%|".includes(kind) ? 2 * size : 0; left > 0 && next >= 0; left--) next = next >= bytes.length ? -1 : skip(bytes, next);
  return kind === "|" && next >= 0 ? skip(bytes, next) : next;
}
