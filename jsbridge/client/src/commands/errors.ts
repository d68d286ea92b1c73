import { ReplyError, TabdisError } from "../errors.js";

/** What was watched has changed: the transaction did not run. */
export class WatchError extends TabdisError {
  override name = "WatchError";

  constructor() {
    super("WATCH", "what was watched has changed: the transaction did not run");
  }
}

/** Commands of a transaction failed; the others have run. */
export class MultiErrorReply extends ReplyError {
  override name = "MultiErrorReply";

  /**
   * @param replies all replies, errors as values.
   * @param errorIndexes where among them the errors are.
   */
  constructor(
    readonly replies: unknown[],
    readonly errorIndexes: number[],
  ) {
    super(`ERR ${errorIndexes.length} of ${replies.length} commands failed: see .replies and .errorIndexes`);
  }

  /** The errors. */
  *errors(): Generator<ReplyError, void, undefined> {
    for (const i of this.errorIndexes) yield this.replies[i] as ReplyError;
  }
}
