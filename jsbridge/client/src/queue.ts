import type { Reply } from "./types.js";

/** Settles a call's promise, as the function that the Promise constructor gives. */
export type Resolve = (value: Reply | Promise<never>) => void;

/** What a reply needs of its call: how to read it, and whether the session's state hangs on it. */
export const enum Mode {
  Text = 0,
  Binary = 1,
  Stateful = 2,
  Raw = 4,
  /** Of the client itself, to make a session what it was: its reply goes to nobody. */
  Setup = 8,
  /** Messages take the place of its reply. */
  Subscription = 16,
}

/**
 * The calls that wait for their replies, oldest first: a ring of resolvers, so that a call costs its promise and nothing else. The
 * rejecting function is not kept: what a call costs is mostly what the collector has to carry along until the reply comes.
 */
export class CallQueue {
  #resolvers = new Array<Resolve | undefined>(1024).fill(undefined);
  #modes = new Uint8Array(1024);
  #head = 0;
  #count = 0;

  get length(): number {
    return this.#count;
  }

  push(mode: Mode, resolve: Resolve): void {
    if (this.#count === this.#modes.length) this.#grow();
    const i = (this.#head + this.#count++) & (this.#modes.length - 1);
    this.#modes[i] = mode;
    this.#resolvers[i] = resolve;
  }

  /** The mode of the oldest call. */
  mode(): Mode {
    return this.#modes[this.#head] as Mode;
  }

  /** Takes the oldest call out, unsettled. */
  take(): { mode: Mode; resolve: Resolve } {
    const mode = this.mode();
    return { mode, resolve: this.#shift() };
  }

  /** Settles the oldest call with a value. */
  resolve(value: Reply): void {
    this.#shift()(value);
  }

  /** Settles the oldest call with an error. */
  reject(reason: unknown): void {
    this.#shift()(Promise.reject(reason));
  }

  #shift(): Resolve {
    const i = this.#head;
    const resolve = this.#resolvers[i];
    if (resolve === undefined) throw new Error("tabdis: a reply came that no call waits for");
    this.#resolvers[i] = undefined;
    this.#head = (i + 1) & (this.#modes.length - 1);
    this.#count--;
    return resolve;
  }

  #grow(): void {
    const size = this.#modes.length;
    const resolvers = new Array<Resolve | undefined>(2 * size).fill(undefined);
    const modes = new Uint8Array(2 * size);
    for (let n = 0; n < this.#count; n++) {
      const i = (this.#head + n) & (size - 1);
      resolvers[n] = this.#resolvers[i];
      modes[n] = this.#modes[i] as number;
    }
    this.#resolvers = resolvers;
    this.#modes = modes;
    this.#head = 0;
  }
}
