import type { Caller } from "../types.js";

/** A section of `INFO` as names and values. */
export async function info(caller: Caller, ...sections: string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const line of String(await caller.call("INFO", ...sections)).split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) found[line.slice(0, colon)] = line.slice(colon + 1);
  }
  return found;
}
