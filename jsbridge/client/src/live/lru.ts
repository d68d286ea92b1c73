/** An item of a {@link Recency}. One that is linked to itself is in none. */
export class Link {
  newer: Link = this;
  older: Link = this;
  bytes = 0;
}

/** Items in the order of their last use, a ring through a head, and what they weigh together. */
export class Recency {
  count = 0;
  bytes = 0;
  readonly #head = new Link();

  /** The item that was not used for the longest. */
  get oldest(): Link | undefined {
    const { newer } = this.#head;
    return newer === this.#head ? undefined : newer;
  }

  /** Takes an item in as the newest; one that is in already becomes it. */
  add(item: Link): void {
    if (item.newer === item) {
      this.count++;
      this.bytes += item.bytes;
    }
    this.#place(item);
  }

  /** Makes an item the newest, if it is in. */
  use(item: Link): void {
    if (item.newer !== item && item.newer !== this.#head) this.#place(item);
  }

  /** Takes an item out, if it is in. */
  remove(item: Link): void {
    if (item.newer === item) return;
    item.newer.older = item.older;
    item.older.newer = item.newer;
    item.newer = item.older = item;
    this.count--;
    this.bytes -= item.bytes;
  }

  #place(item: Link): void {
    const head = this.#head;
    item.newer.older = item.older;
    item.older.newer = item.newer;
    const newest = head.older;
    newest.newer = head.older = item;
    item.older = newest;
    item.newer = head;
  }
}
