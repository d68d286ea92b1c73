/** What the suites check with, in Node and in pages. */
import type { LiveSource, Session } from "../../src/live/sessions.js";

/** A case of a suite: it gets an empty store. */
export type Case = [name: string, run: (db: LiveSource, other: Session) => Promise<void>];

const text = (value: unknown): string => JSON.stringify(value, (_, v: unknown) => (v === undefined ? "(undefined)" : typeof v === "bigint" ? `${v}n` : v));

export function equal(actual: unknown, expected: unknown, what = "value"): void {
  if (text(actual) !== text(expected)) throw new Error(`${what} is ${text(actual)}, not ${text(expected)}`);
}

export function ok(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

export function throws(run: () => unknown, code: string): void {
  try {
    run();
  } catch (error) {
    return equal((error as { code?: unknown }).code ?? (error as Error).name, code, "error");
  }
  throw new Error(`nothing was thrown, ${code} was expected`);
}

export async function rejects(promise: Promise<unknown>, code: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  equal((error as { code?: unknown } | undefined)?.code, code, "rejection");
}

/** A turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** How long something that must come is waited for before it is taken for lost, in ms. */
const LIMIT = 30_000;

/** Waits for what must come. */
export async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + LIMIT; !condition(); await turn()) {
    if (Date.now() > end) throw new Error(`what must come did not: ${String(condition)}`);
  }
}

export interface Gate {
  open(): void;
  readonly passed: Promise<void>;
}

export function gate(): Gate {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), passed };
}

/** Numbers that a seed repeats. */
export function seeded(seed: number): (below: number) => number {
  let state = (seed % 2147483646) + 1;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

/** A seed that is printed, or the one that was given. */
export function newSeed(): number {
  const given = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env["TABDIS_SEED"];
  const seed = given === undefined ? Date.now() % 2147483647 : Number(given);
  console.log(`seed ${seed}`);
  return seed;
}
