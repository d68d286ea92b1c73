/** Whose turn it is to lead, by two Web Locks of the store. */

import { names } from "../protocol.js";

type Release = () => void;

const AT_ONCE = { ifAvailable: true };

/**
 * One Worker has the leader's lock. One of those that wait for it has the lock of the one that stands by, and it alone asks for the leader's:
 * so who leads next is who has prepared for it, and the others come after it in the order in which they came. Both locks end with their
 * Worker, in whatever way.
 */
export class Election {
  readonly #store: string;
  #place: Release = () => undefined;
  #office: Release = () => undefined;

  constructor(store: string) {
    this.#store = store;
  }

  /**
   * Waits for this Worker's turn. Unless it comes at once, `standBy` is called when this Worker is the next, and before that `wait` if another
   * is.
   */
  async won(standBy: () => void, wait: () => void): Promise<void> {
    const leader = names.leader(this.#store);
    const standby = names.standby(this.#store);
    let office = await take(leader, AT_ONCE);
    if (office === undefined) {
      let place = await take(standby, AT_ONCE);
      if (place === undefined) {
        wait();
        place = (await take(standby)) as Release;
      }
      this.#place = place;
      standBy();
      office = (await take(leader)) as Release;
    }
    this.#office = office;
  }

  /** Another may stand by: not before this one leads, or it would take the processor's time when that is wanted most. */
  settled(): void {
    this.#place();
  }

  /** It is another's turn. */
  resign(): void {
    this.#place();
    this.#office();
  }
}

// The lock is kept until it is released. Undefined: it cannot be had at once, as was asked.
function take(name: string, options: LockOptions = {}): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    const keep = (lock: Lock | null): Promise<void> | undefined =>
      lock === null ? void resolve(undefined) : new Promise<void>((release) => resolve(release));
    navigator.locks.request(name, options, keep).catch(reject);
  });
}
