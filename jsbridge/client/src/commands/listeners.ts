import type { Session } from "./api.js";
import type { Many } from "./options.js";
import { text } from "./replies.js";
import type { Argument, Reply } from "../types.js";

/** Takes a message and the channel it came from; with a pattern, the channel that fits it. */
export type Listener<T = string> = (message: T, channel: T) => unknown;

/** What is listened to: channels, patterns of their names, or shard channels. */
export type Kind = "" | "P" | "S";

interface Channel {
  /** Resolves when the engine has confirmed the subscription. */
  ready: Promise<unknown>;
  /** Who listens, and whether messages are to come as bytes. */
  readonly listeners: Map<Listener<never>, boolean>;
}

/**
 * Subscriptions with their listeners, in a session of their own, which is there while there are any. Where the session is made anew,
 * so are they; messages of the time between are lost, as Redis loses them when a connection breaks.
 */
export class Listeners {
  readonly #channels: Record<Kind, Map<string, Channel>> = { "": new Map(), P: new Map(), S: new Map() };
  #session: Session | undefined;
  readonly #make: () => Session;

  constructor(make: () => Session) {
    this.#make = make;
  }

  /** Adds a listener, and resolves when it hears what is published. */
  async add(kind: Kind, names: Many<string>, listener: Listener<never>, bytes: boolean): Promise<void> {
    const channels = this.#channels[kind];
    const all = [names].flat() as string[];
    const fresh = [...new Set(all.filter((name) => !channels.has(name)))];
    const ready = fresh.length === 0 ? Promise.resolve() : this.#open().call(kind + "SUBSCRIBE", ...fresh);
    for (const name of fresh) channels.set(name, { ready, listeners: new Map() });
    const joined = all.map((name) => channels.get(name) as Channel);
    for (const channel of joined) channel.listeners.set(listener, bytes);
    try {
      await Promise.all(joined.map((channel) => channel.ready));
    } catch (error) {
      for (const name of fresh) channels.delete(name);
      for (const channel of joined) channel.listeners.delete(listener);
      this.#leaveIfAlone();
      throw error;
    }
  }

  /** Takes away a listener of these channels, or of all; without a listener all of them. Resolves when the engine has confirmed it. */
  async remove(kind: Kind, names?: Many<string>, listener?: Listener<never>, bytes = false): Promise<void> {
    const channels = this.#channels[kind];
    const gone: string[] = [];
    for (const name of names === undefined ? [...channels.keys()] : new Set([names].flat() as string[])) {
      const channel = channels.get(name);
      if (channel === undefined) continue;
      if (listener === undefined) channel.listeners.clear();
      else if (channel.listeners.get(listener) === bytes) channel.listeners.delete(listener);
      if (channel.listeners.size > 0) continue;
      channels.delete(name);
      gone.push(name);
    }
    if (gone.length === 0) return;
    const left = this.#session?.call(kind + "UNSUBSCRIBE", ...gone);
    await left;
    this.#leaveIfAlone();
  }

  /** Ends all subscriptions. */
  async close(): Promise<void> {
    for (const channels of Object.values(this.#channels)) channels.clear();
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  #open(): Session {
    if (this.#session === undefined) {
      const session = (this.#session = this.#make());
      session.binaryPushes = true;
      session.onPush = (message) => this.#take(message);
      session.onRestored = () => this.#again();
      session.onEnded = () => {
        if (this.#session !== session) return;
        this.#session = undefined; // the engine has ended it: CLIENT KILL, or too much was waiting
        if (!Object.values(this.#channels).some((channels) => channels.size > 0)) return;
        this.#open();
        this.#again();
      };
    }
    return this.#session;
  }

  #leaveIfAlone(): void {
    if (Object.values(this.#channels).some((channels) => channels.size > 0)) return;
    void this.close().catch(() => undefined); // nobody waits for it, and it serves nobody any more
  }

  // If this fails too, the session is gone for good or is made anew once more.
  #again(): void {
    for (const kind of ["", "P", "S"] as const) {
      const channels = this.#channels[kind];
      if (channels.size === 0) continue;
      const ready = (this.#session as Session).call(kind + "SUBSCRIBE", ...(channels.keys() as Iterable<Argument>));
      ready.catch(() => undefined);
      for (const channel of channels.values()) channel.ready = ready;
    }
  }

  #take([type, name, ...rest]: Reply[]): void {
    const found = /^([ps]?)message$/.exec(text(type));
    if (found === null) return;
    const kind = (found[1] as string).toUpperCase() as Kind;
    const [channel, message] = (kind === "P" ? rest : [name, ...rest]) as [Reply, Reply];
    for (const [listener, bytes] of this.#channels[kind].get(text(name))?.listeners ?? []) {
      try {
        if (bytes) (listener as Listener<unknown>)(message, channel);
        else (listener as Listener<unknown>)(text(message), text(channel));
      } catch (error) {
        // It is the page's to hear of, and no other listener's.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
