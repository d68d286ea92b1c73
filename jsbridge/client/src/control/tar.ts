/** POSIX tar (ustar) as far as a Redis directory needs it: regular files with short names. */

import { StoreError } from "../errors.js";

const BLOCK = 512;

/** A file in an archive. */
export interface Member {
  /** With `/` between directories, without a leading `./`. */
  path: string;
  content: Blob;
}

/** The bytes that stand before a file's own; `size` in bytes, `time` in Unix seconds. */
export function tarHeader(path: string, size: number, time: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void => header.set(new TextEncoder().encode(text), at);
  const octal = (n: number, digits: number): string => n.toString(8).padStart(digits, "0");
  put(0, path);
  put(100, `${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`);
  // Beyond 8 GiB the size is written as a binary number, as GNU tar does.
  if (size < 8 ** 11) put(124, octal(size, 11));
  else {
    header[124] = 0x80;
    new DataView(header.buffer).setBigUint64(128, BigInt(size));
  }
  put(136, octal(time, 11));
  put(156, "0");
  put(257, "ustar\x0000");
  put(148, "        ");
  put(148, `${octal(header.reduce((sum, byte) => sum + byte, 0), 6)}\0 `);
  return header;
}

/** The zeros that stand behind a file's bytes. */
export function tarPadding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The end of an archive. */
export const tarEnd = (): Uint8Array<ArrayBuffer> => new Uint8Array(2 * BLOCK);

/** Tells whether bytes, at least 512 of them, begin an archive. */
export function isTar(head: Uint8Array): boolean {
  return text(head, 257, 5) === "ustar";
}

/** The regular files of an archive. Nothing is copied: their contents are slices of it. */
export async function readTar(archive: Blob): Promise<Member[]> {
  const members: Member[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.size; ) {
    const header = new Uint8Array(await archive.slice(at, at + BLOCK).arrayBuffer());
    if (header.every((byte) => byte === 0)) return members;
    const size = sizeOf(header);
    const from = at + BLOCK;
    if (!sumIsRight(header) || size === undefined || from + size > archive.size) {
      throw new StoreError("SOURCE", `the tar archive is damaged or cut off at offset ${at}`);
    }
    const kind = text(header, 156, 1);
    const content = archive.slice(from, from + size);
    if (kind === "L" || kind === "x") {
      const body = await content.text();
      longName = kind === "L" ? body.replace(/\0+$/, "") : (/(?:^|\n)\d+ path=([^\n]*)\n/.exec(body)?.[1] ?? longName);
    } else {
      const prefix = text(header, 345, 155);
      const path = longName ?? (prefix === "" ? "" : `${prefix}/`) + text(header, 0, 100);
      if (kind === "0" || kind === "" || kind === "7") members.push({ path: path.replace(/^(\.?\/)+/, ""), content });
      longName = undefined;
    }
    at = from + size + tarPadding(size).length;
  }
  return members;
}

function text(bytes: Uint8Array, at: number, length: number): string {
  const field = new TextDecoder().decode(bytes.subarray(at, at + length));
  const end = field.indexOf("\0");
  return end < 0 ? field : field.slice(0, end);
}

function sizeOf(header: Uint8Array<ArrayBuffer>): number | undefined {
  if (header[124] === 0x80) return Number(new DataView(header.buffer).getBigUint64(128));
  const digits = text(header, 124, 12).trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : undefined;
}

function sumIsRight(header: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : (header[i] ?? 0);
  return parseInt(text(header, 148, 8).trim(), 8) === sum;
}
