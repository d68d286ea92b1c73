import { ReplyDecoder } from "./decoder.js";
import { commandsOf, wordsOf } from "./encoded.js";
import { CommandEncoder } from "./encoder.js";
import { OutcomeUnknownError, ReplyError, ReplyLostError, type TabdisError } from "./errors.js";
import { CallQueue, Mode, type Resolve } from "./queue.js";
import { changesSession, Fate, fate, isSubscription, Outcome, SessionState, unanswerable } from "./state.js";
import { Subscriptions } from "./subscriptions.js";
import type { Argument, Reply } from "./types.js";

/** A batch leaves at once when it has grown to this many bytes. */
const BATCH = 128 << 10;

/** What a call keeps of its mode when it is sent again. */
const FORMS = Mode.Binary | Mode.Raw;

/** What the log knows of a session: the highest number with an effect, and of each number the reply, null where it is lost; undefined: no effect. */
interface Known {
  highest: number;
  reply: (number: number) => Uint8Array | null | undefined;
}

const NOTHING_KNOWN: Known = { highest: 0, reply: () => undefined };

/** So many requests of a session the engine keeps in mind (keptOpen of core/aof/requests.go). */
const KEPT = 16 << 10;

const UNLOGGED = "the engine was replaced while this command was under way, whose effect is in no log: it was executed or not";

const EXECUTED = "the command was executed, once, and its reply is lost";
const NO_EFFECT = "the command changed nothing, and its reply is lost; what was called behind it was executed";

const MINUS = 0x2d;
const BULK_ERROR = 0x21;
const PUSH = 0x3e;
const NULL = 0x5f;
const STATUS = 0x2b;

// What the reply at `at` says of its command. No other status begins as "+QUEUED" does; a null is an EXEC that a WATCH stopped.
function outcome(replies: Uint8Array, at: number): Outcome {
  switch (replies[at]) {
    case MINUS:
    case BULK_ERROR:
    case NULL:
      return Outcome.Failed;
    case STATUS:
      return replies[at + 1] === 0x51 ? Outcome.Queued : Outcome.Ran;
    default:
      return Outcome.Ran;
  }
}

// One executor for all promises: a closure for each would cost as much again.
let taken: Resolve | undefined;
const capture = (resolve: Resolve): void => {
  taken = resolve;
};

// Who has to log in again after RESET is told so by the next call.
const ignore: Resolve = (reply) => void (reply instanceof Promise && reply.catch(() => undefined));

/** A call that is not settled. */
interface Unsettled {
  mode: Mode;
  resolve: Resolve;
  words: Uint8Array[];
}

/**
 * Turns calls into batches and replies into settled promises. Calls made in one turn travel together, and so do those made while a
 * batch is under way: what gathers meanwhile leaves when its replies have come. That is group commit seen from the caller.
 *
 * With a `numbered` session each command has a number, one more than the one before, and what was sent is kept until it is answered. When
 * the engine is gone, the next one tells the highest number that its log has: up to there all was executed, once, and is settled with the
 * reply that the log kept, or as lost; what is above it was not, nor ever will be, and is sent again under new numbers.
 */
export class Pipeline {
  /** Takes what the engine says unasked; a session without it subscribes to nothing. */
  onPush: ((message: Reply[]) => void) | undefined;

  /** Hears the engine's number of the session, whenever there is another. */
  onNumber: ((number: number) => void) | undefined;

  /** Strings in what it says so are to be bytes. */
  binaryPushes = false;

  readonly #encoder = new CommandEncoder(BATCH + (4 << 10));
  readonly #decoder = new ReplyDecoder();
  readonly #calls = new CallQueue();
  readonly #state = new SessionState();
  readonly #subscriptions = new Subscriptions();
  readonly #send: (batch: Uint8Array<ArrayBuffer>) => void;
  readonly #flushSoon: () => void;
  #onDrained: (() => void) | undefined;
  #spare: ArrayBuffer | undefined;
  #scheduled = false;
  #ready = false;
  #unanswered = 0; // calls that have left
  #numbered = false;
  #last = 0; // number of the command that left last
  #kept: { bytes: Uint8Array<ArrayBuffer>; commands: number }[] = []; // batches not answered
  #answered = 0; // commands of the first of them that are
  #away: TabdisError | undefined;
  #ended: TabdisError | undefined;

  /** @param send takes a batch, and with it its buffer, unless the session is numbered: then the bytes stay as they are. */
  constructor(send: (batch: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send;
    this.#flushSoon = () => {
      this.#scheduled = false;
      if (this.#unanswered === 0) this.#flush();
    };
  }

  /** The database that the session has selected, as its replies say. */
  get database(): number {
    return this.#state.selected;
  }

  /** Calls that are not settled. */
  get pending(): number {
    return this.#calls.length;
  }

  /** The highest number up to which every reply has come. */
  get acked(): number {
    return this.#last - this.#unanswered;
  }

  /** The number of the first command of the batch that has just left. */
  first = 1;

  /** Queues a command, whose reply is wanted in this form: text, binary or raw. */
  call(args: readonly Argument[], form: Mode): Promise<Reply> {
    const refused = this.#ended ?? this.#away ?? this.#state.refuses(args);
    if (refused !== undefined) return Promise.reject(refused);
    const unsettled = unanswerable(args, this.onPush !== undefined);
    if (unsettled !== undefined) return Promise.reject(new ReplyError(unsettled));
    try {
      this.#encoder.command(args);
    } catch (error) {
      return Promise.reject(error);
    }
    const promise = new Promise<Reply>(capture);
    this.#push(args, form, taken as Resolve);
    if (this.#encoder.length >= BATCH) this.#flush();
    else this.#schedule();
    return promise;
  }

  #push(args: readonly Argument[], form: Mode, resolve: Resolve): void {
    let mode = form;
    if (this.#state.sends(args)) mode |= Mode.Stateful;
    if (isSubscription(args)) {
      mode |= Mode.Subscription;
      this.#subscriptions.called(args.length - 1);
    }
    this.#calls.push(mode, resolve);
    if (mode & Mode.Stateful && this.#state.greets(args)) this.#again({ words: ["HELLO", 3], mode: Mode.Setup, resolve: ignore });
  }

  /**
   * The session is gone. What had left it is settled with `cause`, unless it was numbered. The rest waits for {@link start}, and to the
   * end of a transaction that was open it is refused.
   */
  lose(cause: TabdisError): void {
    this.#ready = false;
    this.#subscriptions.clear();
    if (this.#numbered) return;
    for (; this.#unanswered > 0; this.#unanswered--) {
      if (this.#calls.mode() & Mode.Stateful) this.#state.lost();
      this.#calls.reject(cause);
    }
  }

  /** Settles every call with `cause`, and refuses others until {@link start}: whether they were executed is not known, nor ever asked. */
  abandon(cause: TabdisError): void {
    this.#ready = false;
    this.#away = cause;
    this.#subscriptions.clear();
    this.#subscriptions.forgetCalls();
    while (this.#calls.length > 0) {
      if (this.#calls.mode() & Mode.Stateful) this.#state.lost();
      this.#calls.reject(cause);
    }
    this.#encoder.take();
    this.#kept = [];
    this.#answered = this.#unanswered = 0;
    this.#onDrained?.();
  }

  /** Whether calls have left whose outcome the numbers tell. */
  get doubtful(): boolean {
    return this.#numbered && this.#unanswered > 0;
  }

  /**
   * A session is there: the first one, or one that takes the place of another that was lost. A numbered one has told what the log knows,
   * as a RESP array: [the highest number, [number, reply or null], …]. All up to that number is settled, all else is sent, under numbers that
   * were not used before.
   */
  start(known?: Uint8Array): void {
    const unsettled = this.#takeUnsettled();
    const sent = this.#unanswered;
    this.#kept = [];
    this.#answered = this.#unanswered = 0;
    const first = this.#last - sent + 1;
    const { highest, reply } = known === undefined ? NOTHING_KNOWN : this.#read(known);
    const executed = unsettled.splice(0, Math.max(0, Math.min(sent, highest - first + 1)));
    const again = executed.filter((call, i) => !this.#settleExecuted(call, reply(first + i)));
    this.#last = Math.max(this.#last, highest); // of another session that had this id
    const setup = this.#state.restore();
    this.#subscriptions.forgetCalls();
    // What makes a session as it was must succeed: in another state the calls would do something else. One without a state may have to log
    // in yet, and is refused until then, whatever it asks.
    const failed = (error: TabdisError): unknown => error instanceof ReplyError && (setup.length > 1 || error.code !== "NOAUTH") && this.end(error);
    const made: Resolve = (reply) => void (reply instanceof Promise && reply.catch(failed));
    for (const words of setup) this.#again({ words, mode: Mode.Setup, resolve: made });
    const { onNumber } = this;
    if (onNumber !== undefined) {
      const resolve: Resolve = (reply) => (reply instanceof Promise ? reply.catch(() => undefined) : onNumber(reply as number));
      this.#again({ words: ["CLIENT", "ID"], mode: Mode.Setup, resolve });
    }
    for (const call of again) this.#again(call);
    this.#sendAgain(unsettled, sent - executed.length);
    this.#numbered = known !== undefined;
    this.#ready = true;
    this.#away = undefined;
    this.#flush();
    if (this.#calls.length === 0) this.#onDrained?.();
  }

  // What was not settled, oldest first. The queue is empty then.
  #takeUnsettled(): Unsettled[] {
    const unsettled: Unsettled[] = [];
    let skip = this.#answered;
    for (const bytes of [...this.#kept.map((batch) => batch.bytes), this.#encoder.take()]) {
      for (const command of commandsOf(bytes)) {
        if (skip > 0) skip--;
        else unsettled.push({ ...this.#calls.take(), words: wordsOf(command) });
      }
    }
    return unsettled;
  }

  #read(known: Uint8Array): Known {
    this.#decoder.start(known);
    const [highest, ...replies] = this.#decoder.next(true) as [number, ...[number, Uint8Array | null][]];
    const kept = new Map(replies);
    const from = replies.length < KEPT ? 0 : (replies[0] as [number, unknown])[0]; // what was below it is forgotten
    return { highest, reply: (number) => (number < from ? null : kept.get(number)) };
  }

  // Settles a call that was executed. False for one that changes the session alone: it runs again.
  #settleExecuted(call: Unsettled, reply: Uint8Array | null | undefined): boolean {
    if (call.mode & Mode.Setup) return true; // of a session that was lost before it was made
    if (reply) {
      this.#decoder.start(reply);
      const { value, failed } = this.#readReply(call.mode, reply);
      call.resolve(failed ? Promise.reject(value) : value);
      return true;
    }
    const queued = this.#state.inTransaction && fate(call.words) !== Fate.Ends;
    if (!queued && changesSession(call.words)) {
      if (call.mode & Mode.Stateful) this.#state.replied(Outcome.Failed); // noted when it has run again
      return false;
    }
    if (call.mode & Mode.Stateful) this.#state.replied(queued ? Outcome.Queued : Outcome.Ran);
    if (queued) call.resolve("QUEUED");
    else if (fate(call.words) === Fate.Begins) call.resolve("OK");
    else call.resolve(Promise.reject(reply === null ? new ReplyLostError("REPLYLOST", EXECUTED) : new ReplyLostError("NOEFFECT", NO_EFFECT)));
    return true;
  }

  // Queues what was not executed; of the first `sent` calls something may have happened that no log tells of.
  #sendAgain(calls: Unsettled[], sent: number): void {
    for (let from = 0; from < calls.length; ) {
      const end = endOfUnit(calls, from);
      const unknown = end <= sent && calls.slice(from, end).some((call) => fate(call.words) === Fate.Unknown);
      for (; from < end; from++) {
        const call = calls[from] as Unsettled;
        const error = this.#state.refuses(call.words) ?? (unknown ? new OutcomeUnknownError("UNKNOWN", UNLOGGED) : undefined);
        if (call.mode & Mode.Setup) continue;
        if (error === undefined) this.#again(call);
        else call.resolve(Promise.reject(error));
      }
    }
  }

  #again({ words, mode, resolve }: Pick<Unsettled, "mode" | "resolve"> & { words: readonly Argument[] }): void {
    this.#encoder.command(words);
    if (mode & Mode.Setup) this.#calls.push(mode, resolve);
    else this.#push(words, mode & FORMS, resolve);
  }

  /** Takes replies from the Worker. */
  receive(replies: Uint8Array<ArrayBuffer>): void {
    const decoder = this.#decoder;
    decoder.start(replies);
    while (decoder.more()) {
      if (decoder.kind() === PUSH) this.#pushed(decoder.next(this.binaryPushes) as Reply[]);
      else this.#settle(replies);
    }
    if (!this.#numbered) this.#spare = replies.buffer;
    if (this.#calls.length === 0) this.#onDrained?.();
    else this.#schedule();
  }

  #settle(replies: Uint8Array): void {
    const mode = this.#calls.mode();
    const { value, failed } = this.#readReply(mode, replies);
    if (mode & Mode.Subscription) this.#subscriptions.refused();
    this.#answer();
    if (failed) this.#calls.reject(value);
    else this.#calls.resolve(value);
  }

  // Reads the decoder's next reply, which lies in `replies`, and heeds what it says of the session.
  #readReply(mode: Mode, replies: Uint8Array): { value: Reply; failed: boolean } {
    const decoder = this.#decoder;
    const kind = decoder.kind();
    const at = decoder.position;
    const raw = (mode & Mode.Raw) !== 0;
    const value = raw ? decoder.raw() : decoder.next((mode & Mode.Binary) !== 0);
    if (mode & Mode.Stateful) this.#state.replied(outcome(replies, at));
    return { value, failed: !raw && (kind === MINUS || kind === BULK_ERROR) };
  }

  #pushed(message: Reply[]): void {
    if (this.#calls.length > 0 && this.#calls.mode() & Mode.Subscription && this.#subscriptions.confirmed(message)) {
      this.#answer();
      this.#calls.resolve(message[2] as Reply);
    }
    this.onPush?.(message);
  }

  #answer(): void {
    this.#unanswered--;
    const first = this.#kept[0];
    if (first === undefined || ++this.#answered < first.commands) return;
    this.#kept.shift();
    this.#answered = 0;
    this.#spare = first.bytes.buffer;
  }

  /** Resolves when every call is settled. */
  drained(): Promise<void> {
    if (this.#calls.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
    });
  }

  /** Refuses all further calls, and settles those that wait. */
  end(cause: TabdisError, pending: TabdisError = cause): void {
    this.#ended ??= cause;
    while (this.#calls.length > 0) this.#calls.reject(pending);
    this.#onDrained?.();
  }

  /** Refuses all further calls; those that wait go on. */
  refuse(cause: TabdisError): void {
    this.#ended ??= cause;
  }

  // Behind the reactions to the replies just delivered, so that the calls they make travel in this batch.
  #schedule(): void {
    if (this.#scheduled || !this.#ready || this.#unanswered > 0) return;
    this.#scheduled = true;
    queueMicrotask(this.#flushSoon);
  }

  #flush(): void {
    if (!this.#ready || this.#encoder.length === 0) return;
    const commands = this.#calls.length - this.#unanswered;
    this.#unanswered = this.#calls.length;
    this.first = this.#last + 1;
    this.#last += commands;
    const bytes = this.#encoder.take(this.#spare);
    this.#spare = undefined;
    if (this.#numbered) this.#kept.push({ bytes, commands });
    this.#send(bytes);
  }
}

/** Where a unit of calls ends that begins at `from`: a transaction is one, as far as it goes. */
function endOfUnit(calls: readonly Unsettled[], from: number): number {
  if (fate((calls[from] as Unsettled).words) !== Fate.Begins) return from + 1;
  const end = calls.findIndex((call, i) => i > from && fate(call.words) === Fate.Ends);
  return end < 0 ? calls.length : end + 1;
}
