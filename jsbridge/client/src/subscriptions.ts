import type { Reply } from "./types.js";

/** Which messages take the place of the replies of SUBSCRIBE and its like: one for each name; for "all", one for each that there is. */
export class Subscriptions {
  readonly #calls: number[] = []; // how many names; 0: all that there are
  readonly #names = new Map<string, Set<string>>();
  #left = 0; // confirmations of the oldest call

  /** A call of so many names has been made. */
  called(names: number): void {
    this.#calls.push(names);
  }

  /** The oldest call was answered by an error. */
  refused(): void {
    this.#calls.shift();
    this.#left = 0;
  }

  /** Takes a push. True when it is the last of the oldest call's. */
  confirmed([kind, name]: Reply[]): boolean {
    const [, prefix, ending] = /^([ps]?)(un)?subscribe$/.exec(text(kind)) ?? [];
    if (prefix === undefined || this.#calls.length === 0) return false;
    const names = this.#names.get(prefix) ?? new Set();
    this.#names.set(prefix, names);
    if (this.#left === 0) this.#left = this.#calls[0] || Math.max(1, names.size);
    if (ending === undefined) names.add(text(name));
    else names.delete(text(name));
    if (--this.#left > 0) return false;
    this.#calls.shift();
    return true;
  }

  /** The session is gone, and what it was subscribed to. */
  clear(): void {
    this.#names.clear();
    this.#left = 0;
  }

  /** Forgets the calls; those that are made again are called again. */
  forgetCalls(): void {
    this.#calls.length = 0;
  }
}

// A string, or its bytes as the characters that they stand for.
const text = (word: Reply | undefined): string => (word instanceof Uint8Array ? String.fromCharCode(...word) : String(word));
