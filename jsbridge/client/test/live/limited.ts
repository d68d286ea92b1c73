import { it as test } from "node:test";

/** How long a test may take in ms, and more for the long cases. */
const LIMIT = 60_000 + 10 * Number(process.env["TABDIS_LIVE"] ?? 0);

/** A test that waits for what must come, but not for ever: the others behind it run too. */
export function it(name: string, run: () => void | Promise<void>): void {
  test(name, { timeout: LIMIT }, run);
}
