import { Client } from "./commands/client.js";
import { ClosedError, OutcomeUnknownError, StoreError, type TabdisError } from "./errors.js";
import { Pipeline } from "./pipeline.js";
import type { FromSession, NumberedBatch, Port, ToSession } from "./protocol.js";
import { Mode } from "./queue.js";
import type { Argument, Caller, Reply } from "./types.js";

/** NOTDURABLE in place of what the log knows: nobody can say yet what of it stays. To be asked again after so many ms. */
const MINUS = 0x2d;
const AGAIN = 200;

/** A way to open sessions: a link to the Worker that leads. */
export interface SessionOpener {
  /** Opens a session on the port that comes back; with an id, a numbered one. */
  open(id?: string, next?: number): Port;
  /** Whether the Worker is this page's own: only then may requests go without numbers. */
  readonly local: boolean;
}

/**
 * A session of the engine, as one connection to Redis is: its calls run in their order, and database, name, transaction, WATCH and
 * subscriptions are its own. It outlives the engine and the tab that it talks to: when another takes over, calls go on there, each executed once.
 */
export class Session extends Client implements Caller {
  /** The same with each reply as the bytes of RESP3 that the engine gave, error replies too. */
  readonly raw: {
    /** Runs one command and resolves with the bytes of its reply. */
    call(...args: Argument[]): Promise<Uint8Array>;
  };

  /** Called when the session was made anew, on another engine: subscriptions, tracking and WATCH are gone, and so is what was pushed meanwhile. */
  onRestored: (() => void) | undefined;

  /** @internal Called when the engine has ended the session. */
  onEnded: (() => void) | undefined;

  readonly #pipeline: Pipeline;
  /** @internal 16 hex digits. */
  readonly id: string;

  readonly #waits: () => void;
  readonly #forget: (session: Session) => void;
  /** @internal */
  abandoned = false;

  #port: Port | undefined;
  #numbered = false;
  #fresh = false; // no command was sent to this session yet
  #opened = 0; // how often
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(id: string, waits: () => void, forget: (session: Session) => void) {
    super();
    this.id = id;
    this.#waits = waits;
    this.#forget = forget;
    const pipeline = (this.#pipeline = new Pipeline((batch) => this.#post(batch)));
    this.raw = { call: (...args) => pipeline.call(args, Mode.Raw) as Promise<Uint8Array> };
  }

  /** Takes what the engine says unasked, as RESP3's pushes: `["message", channel, payload]`, `["invalidate", keys]` … */
  get onPush(): ((message: Reply[]) => void) | undefined {
    return this.#pipeline.onPush;
  }

  /** Who takes it: one function. */
  set onPush(listener: ((message: Reply[]) => void) | undefined) {
    this.#pipeline.onPush = listener;
  }

  /** @internal Hears the engine's number of the session whenever it is made, before anything else runs in it. */
  set onNumber(listener: (number: number) => void) {
    this.#pipeline.onNumber = listener;
  }

  /** Strings in what is pushed are to be bytes. */
  get binaryPushes(): boolean {
    return this.#pipeline.binaryPushes;
  }

  /** Strings in what is pushed are to be bytes. */
  set binaryPushes(bytes: boolean) {
    this.#pipeline.binaryPushes = bytes;
  }

  /**
   * Runs one command and resolves with its reply, as safe as `appendfsync` promises. Commands run in the order of their calls. Those
   * called in one turn, or while others are under way, travel together.
   */
  call(...args: Argument[]): Promise<Reply> {
    return this.send(args, false);
  }

  /** @internal */
  override send(words: readonly Argument[], binary: boolean): Promise<Reply> {
    if (this.#port === undefined) this.#waits();
    return this.#pipeline.call(words, binary ? Mode.Binary : Mode.Text);
  }

  /** The database that is selected, as far as replies say. */
  get database(): number {
    return this.#pipeline.database;
  }

  /** @internal Calls that are not settled. */
  get pending(): number {
    return this.#pipeline.pending;
  }

  /** Waits for the calls under way and ends the session. Later calls are rejected. */
  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    this.#pipeline.refuse(new ClosedError("CLOSED", "the session was closed"));
    await this.#pipeline.drained();
    this.#port?.postMessage({ type: "end" } satisfies ToSession);
    this.#drop();
    this.#forget(this);
  }

  /** @internal Goes on at this Worker. */
  attach(opener: SessionOpener): void {
    this.#drop();
    this.abandoned = false;
    // Numbers cost room in the log. A page whose own Worker leads does without: it ends with it, and nobody asks any more.
    this.#numbered = !opener.local || this.#pipeline.doubtful;
    const port = (this.#port = this.#numbered ? opener.open(this.id, this.#pipeline.acked + 1) : opener.open());
    this.#fresh = true;
    let known = !this.#numbered;
    port.onmessage = ({ data }: MessageEvent<FromSession>) => {
      if (data instanceof Uint8Array) {
        if (known) this.#receive(data);
        else if (data[0] === MINUS) setTimeout(() => this.#port === port && this.attach(opener), AGAIN);
        else this.#started(data);
        known ||= data[0] !== MINUS;
        return;
      }
      if (data.type === "open" && known) this.#started();
      else if (data.type === "lost") this.lose(data.cause);
      else if (data.type === "ended") this.#ended();
    };
  }

  #started(known?: Uint8Array): void {
    this.#guard(() => this.#pipeline.start(known));
    if (this.#opened++ > 0) this.onRestored?.();
  }

  #receive(replies: Uint8Array<ArrayBuffer>): void {
    this.#guard(() => this.#pipeline.receive(replies));
  }

  /** @internal The Worker is gone, or its engine. */
  lose(cause: string): void {
    if (this.#port === undefined) return;
    this.#drop();
    this.#pipeline.lose(new OutcomeUnknownError("UNKNOWN", `the engine died while this command was under way: ${cause}`));
  }

  /** @internal The Worker does not answer: settles all calls, and refuses others until {@link attach}. */
  abandon(cause: TabdisError): void {
    this.#drop();
    this.abandoned = true;
    this.#pipeline.abandon(cause);
  }

  /** @internal Ends the session for good: all calls are rejected. */
  end(cause: TabdisError, pending: TabdisError = cause): void {
    this.#drop();
    this.#pipeline.end(cause, pending);
    this.#forget(this);
  }

  #ended(): void {
    this.end(new ClosedError("CLOSED", "the engine ended the session"));
    this.onEnded?.();
  }

  // What is no RESP ends the session: no reply could be told from another's any more.
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      const cause = new StoreError("PROTOCOL", error instanceof Error ? error.message : String(error));
      this.end(cause, new OutcomeUnknownError("UNKNOWN", `the outcome of this command is unknown: ${cause.message}`));
    }
  }

  #post(batch: Uint8Array<ArrayBuffer>): void {
    this.#waits();
    if (!this.#numbered) {
      this.#port?.postMessage(batch, [batch.buffer]);
      return;
    }
    const copy = batch.slice(); // what is numbered is kept until it is answered
    const { acked, first } = this.#pipeline;
    this.#port?.postMessage({ acked, batch: copy, ...(this.#fresh ? { first } : {}) } satisfies NumberedBatch, [copy.buffer]);
    this.#fresh = false;
  }

  #drop(): void {
    if (this.#port === undefined) return;
    this.#port.onmessage = null;
    this.#port.close?.();
    this.#port = undefined;
  }
}
