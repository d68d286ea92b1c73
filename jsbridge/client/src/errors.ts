/** Base of all errors of this package; `code` is for programs, `message` for people. */
export class TabdisError extends Error {
  /** The name of its class. */
  override name = "TabdisError"; // spelled out in each class: a bundler may shorten what the classes are called
  /** What is wrong, for programs: a word in capitals. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** An error reply. `code` is its first word (`ERR`, `WRONGTYPE`, `OOM` …), `message` the whole text, as Redis gives it. */
export class ReplyError extends TabdisError {
  override name = "ReplyError";

  constructor(text: string) {
    const space = text.indexOf(" ");
    super(space < 0 ? text : text.slice(0, space), text);
  }
}

/** The command ran, but its effect could not be made durable: it may be lost by a crash. Not to be retried blindly. */
export class NotDurableError extends ReplyError {
  override name = "NotDurableError";
}

/** The store is open in another tab. */
export class LockedError extends TabdisError {
  override name = "LockedError";
}

/** The browser gives no more room. */
export class QuotaError extends TabdisError {
  override name = "QuotaError";
}

/** The log is damaged. Nothing was changed. */
export class CorruptLogError extends TabdisError {
  override name = "CorruptLogError";
}

/**
 * The command was executed, once, and its reply is lost: the tab that ran the engine ended between the two. With code `NOEFFECT` it is
 * known that it changed nothing, because it only reads or was refused, so that it may be called again.
 */
export class ReplyLostError extends TabdisError {
  override name = "ReplyLostError";
}

/** The tab that runs the engine does not answer, and cannot be replaced as long as its process stands still. What was sent to it waits there. */
export class LeaderUnresponsiveError extends TabdisError {
  override name = "LeaderUnresponsiveError";
}

/** The engine died while the command was under way, and nothing in the log can tell: it was executed or not. */
export class OutcomeUnknownError extends TabdisError {
  override name = "OutcomeUnknownError";
}

/** The store was closed. */
export class ClosedError extends TabdisError {
  override name = "ClosedError";
}

/** The storage, the Worker or the engine has failed in another way. */
export class StoreError extends TabdisError {
  override name = "StoreError";
}

/** The error for a code that the Worker has sent. */
export function storeError(code: string, message: string): TabdisError {
  switch (code) {
    case "LOCKED":
      return new LockedError(code, message);
    case "QUOTA":
      return new QuotaError(code, message);
    case "CORRUPT":
      return new CorruptLogError(code, message);
    default:
      return new StoreError(code, message);
  }
}

/** The error for an error reply. */
export function replyError(text: string): ReplyError {
  return text.startsWith("NOTDURABLE ") ? new NotDurableError(text) : new ReplyError(text);
}
