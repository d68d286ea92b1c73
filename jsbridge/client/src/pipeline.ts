import { ReplyDecoder } from "./decoder.js";
import { CommandEncoder } from "./encoder.js";
import { ReplyError, type TabdisError } from "./errors.js";
import { CallQueue, Mode, type Resolve } from "./queue.js";
import { Outcome, SessionState, confirmations, unanswerable } from "./session.js";
import type { Argument, Reply } from "./types.js";

/** A batch leaves at once when it has grown to this many bytes. */
const BATCH = 128 << 10;

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

/**
 * Turns calls into batches and replies into settled promises. Calls made in one turn travel together, and so do those made while a
 * batch is under way: what gathers meanwhile leaves when its replies have come. That is group commit seen from the caller.
 */
export class Pipeline {
  private readonly encoder = new CommandEncoder(BATCH + (4 << 10));
  private readonly decoder = new ReplyDecoder();
  private readonly calls = new CallQueue();
  private readonly state = new SessionState();
  private readonly send: (batch: Uint8Array<ArrayBuffer>) => void;
  private readonly flushSoon: () => void;
  /** Takes what the engine pushes, strings as bytes with {@link binaryPushes}. */
  onPush: ((message: Reply[]) => void) | undefined;
  binaryPushes = false;

  private readonly confirming: number[] = []; // pushes that are still to come for each subscription under way
  private onDrained: (() => void) | undefined;
  private spare: ArrayBuffer | undefined;
  private scheduled = false;
  private ready = false;
  private unanswered = 0; // calls that have left
  private ended: TabdisError | undefined;

  constructor(send: (batch: Uint8Array<ArrayBuffer>) => void) {
    this.send = send;
    this.flushSoon = () => {
      this.scheduled = false;
      if (this.unanswered === 0) this.flush();
    };
  }

  /** The database that the session has selected, as its replies say. */
  get database(): number {
    return this.state.selected;
  }

  /** Calls that are not settled. */
  get pending(): number {
    return this.calls.length;
  }

  /** Queues a command, whose reply is wanted in this form: text, binary or raw. */
  call(args: readonly Argument[], form: Mode): Promise<Reply> {
    const refused = this.ended ?? this.state.refuses(args);
    if (refused !== undefined) return Promise.reject(refused);
    const unsettled = unanswerable(args, this.onPush !== undefined);
    if (unsettled !== undefined) return Promise.reject(new ReplyError(unsettled));
    try {
      this.encoder.command(args);
    } catch (error) {
      return Promise.reject(error);
    }
    const promise = new Promise<Reply>(capture);
    const pushes = confirmations(args);
    if (pushes > 0) this.confirming.push(pushes);
    const mode = form | (this.state.sends(args) ? Mode.Stateful : 0) | (pushes > 0 ? Mode.Pushed : 0);
    this.calls.push(mode, taken as Resolve);
    if (this.encoder.length >= BATCH) this.flush();
    else this.schedule();
    return promise;
  }

  /** A session is there: at the start and again after the engine was replaced. */
  start(): void {
    this.ready = true;
    this.flush();
  }

  /** The engine died: settles every call with `cause`. Gives the commands to call before all others once there is a new one. */
  lose(cause: TabdisError): Argument[][] {
    this.ready = false;
    while (this.calls.length > 0) this.calls.reject(cause);
    this.encoder.take();
    this.confirming.length = 0;
    this.unanswered = 0;
    return this.state.restore();
  }

  /** Takes replies from the Worker. */
  receive(replies: Uint8Array<ArrayBuffer>): void {
    const { decoder, calls } = this;
    decoder.start(replies);
    while (decoder.more()) {
      const kind = decoder.kind();
      if (kind === PUSH) {
        this.pushed(decoder.next(this.binaryPushes) as Reply[]);
        continue;
      }
      const mode = calls.mode();
      const at = decoder.position;
      const raw = (mode & Mode.Raw) !== 0;
      const reply = raw ? decoder.raw() : decoder.next((mode & Mode.Binary) !== 0);
      this.unanswered--;
      const failed = kind === MINUS || kind === BULK_ERROR;
      if (mode & Mode.Pushed) this.confirming.shift(); // refused
      if (mode & Mode.Stateful) this.state.replied(outcome(replies, at));
      if (failed && !raw) calls.reject(reply as ReplyError);
      else calls.resolve(reply);
    }
    this.spare = replies.buffer;
    if (this.calls.length === 0) this.onDrained?.();
    else this.schedule();
  }

  // What confirms a subscription settles its call; all else is told.
  private pushed(message: Reply[]): void {
    const { calls, confirming } = this;
    const type = message[0] instanceof Uint8Array ? String.fromCharCode(...message[0]) : String(message[0]);
    if (!type.endsWith("subscribe") || calls.length === 0 || !(calls.mode() & Mode.Pushed)) {
      this.onPush?.(message);
      return;
    }
    if (--(confirming[0] as number) > 0) return;
    confirming.shift();
    this.unanswered--;
    calls.resolve(null);
  }

  /** Resolves when every call is settled. */
  drained(): Promise<void> {
    if (this.calls.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onDrained = resolve;
    });
  }

  /** Refuses all further calls, and settles those that wait. */
  end(cause: TabdisError, pending: TabdisError = cause): void {
    this.ended ??= cause;
    while (this.calls.length > 0) this.calls.reject(pending);
    this.onDrained?.();
  }

  /** Refuses all further calls; those that wait go on. */
  refuse(cause: TabdisError): void {
    this.ended ??= cause;
  }

  // Behind the reactions to the replies just delivered, so that the calls they make travel in this batch.
  private schedule(): void {
    if (this.scheduled || !this.ready || this.unanswered > 0) return;
    this.scheduled = true;
    queueMicrotask(this.flushSoon);
  }

  private flush(): void {
    if (!this.ready || this.encoder.length === 0) return;
    this.unanswered = this.calls.length;
    this.send(this.encoder.take(this.spare));
    this.spare = undefined;
  }
}
