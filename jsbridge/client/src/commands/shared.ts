import type { Argument, Reply } from "../types.js";
import type { Session } from "./api.js";
import { Client } from "./client.js";
import { alias } from "./commands.js";
import { HeldSessions } from "./held.js";
import { Listeners, type Listener } from "./listeners.js";
import type { Many, Text } from "./options.js";

/** What a listener hears: strings, or with `bufferMode` bytes. */
export type PubSubListener<Bytes extends boolean = false> = Listener<Bytes extends true ? Uint8Array : string>;

/** A client that can make sessions: for calls that wait, and for subscriptions. */
export abstract class SharedClient<S extends Text = string> extends Client<S> {
  readonly #held = new HeldSessions(this);
  readonly #listeners = new Listeners(() => this.session());

  /** A session of the engine of its own: for WATCH, for tracking, for another database. */
  abstract session(): Session;

  /** The database that this client has selected, as far as replies say. */
  abstract get database(): number;

  /** @internal */
  override hold(words: readonly Argument[], binary: boolean, signal?: AbortSignal): Promise<Reply> {
    return this.#held.call(words, binary, signal);
  }

  /** Calls `listener` with each message of these channels. Resolves when it hears them. */
  subscribe<Bytes extends boolean = false>(channels: Many<string>, listener: PubSubListener<Bytes>, bufferMode?: Bytes): Promise<void> {
    return this.#listeners.add("", channels, listener, bufferMode === true);
  }

  /** Calls `listener` with each message of the channels whose names fit these patterns. */
  pSubscribe<Bytes extends boolean = false>(patterns: Many<string>, listener: PubSubListener<Bytes>, bufferMode?: Bytes): Promise<void> {
    return this.#listeners.add("P", patterns, listener, bufferMode === true);
  }

  /** Calls `listener` with each message of these shard channels. */
  sSubscribe<Bytes extends boolean = false>(channels: Many<string>, listener: PubSubListener<Bytes>, bufferMode?: Bytes): Promise<void> {
    return this.#listeners.add("S", channels, listener, bufferMode === true);
  }

  /** Takes this listener away, or all of these channels, or all. */
  unsubscribe<Bytes extends boolean = false>(channels?: Many<string>, listener?: PubSubListener<Bytes>, bufferMode?: Bytes): Promise<void> {
    return this.#listeners.remove("", channels, listener, bufferMode);
  }

  /** The same for patterns. */
  pUnsubscribe<Bytes extends boolean = false>(patterns?: Many<string>, listener?: PubSubListener<Bytes>, bufferMode?: Bytes): Promise<void> {
    return this.#listeners.remove("P", patterns, listener, bufferMode);
  }

  /** The same for shard channels. */
  sUnsubscribe<Bytes extends boolean = false>(channels?: Many<string>, listener?: PubSubListener<Bytes>, bufferMode?: Bytes): Promise<void> {
    return this.#listeners.remove("S", channels, listener, bufferMode);
  }

  /** @internal Ends subscriptions and the calls that wait. To be called while `send` still works: it asks the engine to end the waits. */
  protected async endSessions(): Promise<void> {
    await Promise.all([this.#held.close(), this.#listeners.close()]);
  }
}

export interface SharedClient<S extends Text> {
  /** @hidden */ SUBSCRIBE: SharedClient<S>["subscribe"];
  /** @hidden */ PSUBSCRIBE: SharedClient<S>["pSubscribe"];
  /** @hidden */ SSUBSCRIBE: SharedClient<S>["sSubscribe"];
  /** @hidden */ UNSUBSCRIBE: SharedClient<S>["unsubscribe"];
  /** @hidden */ PUNSUBSCRIBE: SharedClient<S>["pUnsubscribe"];
  /** @hidden */ SUNSUBSCRIBE: SharedClient<S>["sUnsubscribe"];
}

alias("subscribe", "unsubscribe", "pSubscribe", "pUnsubscribe", "sSubscribe", "sUnsubscribe");
