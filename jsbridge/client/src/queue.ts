import type { Reply } from "./types.js";

type Resolve = (value: Reply) => void;
type Reject = (reason: unknown) => void;

/** What a reply needs of its call: how to read it, and whether the session's state hangs on it. */
export const enum Mode {
  Text = 0,
  Binary = 1,
  Stateful = 2,
  Raw = 4,
}

/**
 * The calls that wait for their replies, oldest first: a ring of resolvers, so that a call costs its promise and nothing else.
 */
export class CallQueue {
  private slots = new Array<Resolve | Reject | undefined>(2 * 1024).fill(undefined);
  private modes = new Uint8Array(1024);
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(mode: Mode, resolve: Resolve, reject: Reject): void {
    if (this.count === this.modes.length) this.grow();
    const i = (this.head + this.count++) & (this.modes.length - 1);
    this.modes[i] = mode;
    this.slots[2 * i] = resolve;
    this.slots[2 * i + 1] = reject;
  }

  /** The mode of the oldest call. */
  mode(): Mode {
    return this.modes[this.head] as Mode;
  }

  /** Settles the oldest call with a value. */
  resolve(value: Reply): void {
    const resolve = this.slots[2 * this.head] as Resolve;
    this.drop();
    resolve(value);
  }

  /** Settles the oldest call with an error. */
  reject(reason: unknown): void {
    const reject = this.slots[2 * this.head + 1] as Reject;
    this.drop();
    reject(reason);
  }

  private drop(): void {
    const i = this.head;
    this.slots[2 * i] = this.slots[2 * i + 1] = undefined;
    this.head = (i + 1) & (this.modes.length - 1);
    this.count--;
  }

  private grow(): void {
    const size = this.modes.length;
    const slots = new Array<Resolve | Reject | undefined>(4 * size).fill(undefined);
    const modes = new Uint8Array(2 * size);
    for (let n = 0; n < this.count; n++) {
      const i = (this.head + n) & (size - 1);
      slots[2 * n] = this.slots[2 * i];
      slots[2 * n + 1] = this.slots[2 * i + 1];
      modes[n] = this.modes[i] as number;
    }
    this.slots = slots;
    this.modes = modes;
    this.head = 0;
  }
}
