import { report } from "../live/report.js";

/** What is called with an event. */
export type EventListener = (...values: never[]) => void;

type Called = (...values: unknown[]) => void;

/** Node's EventEmitter as far as Redis clients use one of a socket: pages have none. */
export class Emitter {
  readonly #events = new Map<string, { listener: EventListener; once: boolean }[]>();

  on(event: string, listener: EventListener): this {
    return this.#add(event, listener, false, false);
  }

  addListener(event: string, listener: EventListener): this {
    return this.#add(event, listener, false, false);
  }

  once(event: string, listener: EventListener): this {
    return this.#add(event, listener, true, false);
  }

  prependListener(event: string, listener: EventListener): this {
    return this.#add(event, listener, false, true);
  }

  prependOnceListener(event: string, listener: EventListener): this {
    return this.#add(event, listener, true, true);
  }

  off(event: string, listener: EventListener): this {
    return this.removeListener(event, listener);
  }

  removeListener(event: string, listener: EventListener): this {
    const all = this.#events.get(event) ?? [];
    const at = all.findIndex((one) => one.listener === listener);
    // Another array: emit may be walking through this one.
    if (at >= 0) this.#events.set(event, [...all.slice(0, at), ...all.slice(at + 1)]);
    return this;
  }

  removeAllListeners(event?: string): this {
    if (event === undefined) this.#events.clear();
    else this.#events.delete(event);
    return this;
  }

  listenerCount(event: string): number {
    return this.#events.get(event)?.length ?? 0;
  }

  listeners(event: string): EventListener[] {
    return (this.#events.get(event) ?? []).map((one) => one.listener);
  }

  setMaxListeners(): this {
    return this;
  }

  /** Calls those who listen now, in order. An error that nobody listens for is reported as an uncaught one. */
  emit(event: string, ...values: unknown[]): boolean {
    const all = this.#events.get(event) ?? [];
    if (all.length === 0 && event === "error") report(values[0]);
    for (const one of all) {
      if (one.once) this.removeListener(event, one.listener);
      (one.listener as Called).apply(this, values);
    }
    return all.length > 0;
  }

  #add(event: string, listener: EventListener, once: boolean, first: boolean): this {
    const all = this.#events.get(event) ?? [];
    const one = { listener, once };
    this.#events.set(event, first ? [one, ...all] : [...all, one]);
    return this;
  }
}
