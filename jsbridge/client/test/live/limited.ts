import { it as test } from "node:test";

/** A test that waits for what must come, but not for ever: the others behind it run too. */
export function it(name: string, run: () => void | Promise<void>): void {
  test(name, { timeout: 60_000 }, run);
}
