/** Web Locks for tests: those that are held are said to be, and whoever waits for one gets it when it is released. */
export class FakeLocks {
  private readonly held = new Set<string>();
  private waiting: { name: string; get: () => void }[] = [];
  private before: PropertyDescriptor | undefined;

  install(): void {
    this.before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    Object.defineProperty(globalThis, "navigator", { value: { locks: this }, configurable: true });
  }

  uninstall(): void {
    if (this.before === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", this.before);
  }

  reset(): void {
    this.held.clear();
    this.waiting = [];
  }

  hold(name: string): void {
    this.held.add(name);
  }

  release(name: string): void {
    this.held.delete(name);
    const got = this.waiting.filter((wait) => wait.name === name);
    this.waiting = this.waiting.filter((wait) => wait.name !== name);
    for (const { get } of got) get();
  }

  request(name: string, ...rest: unknown[]): Promise<unknown> {
    const callback = rest.at(-1) as () => unknown;
    const { signal } = (rest.length > 1 ? rest[0] : {}) as { signal?: AbortSignal };
    return new Promise((resolve, reject) => {
      const get = (): void => void Promise.resolve(callback()).then(resolve, reject);
      if (!this.held.has(name)) return get();
      const wait = { name, get };
      this.waiting.push(wait);
      signal?.addEventListener("abort", () => {
        this.waiting = this.waiting.filter((other) => other !== wait);
        reject(signal.reason);
      });
    });
  }
}
