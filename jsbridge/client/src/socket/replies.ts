import { ReplyDecoder } from "../decoder.js";
import type { Reply } from "../types.js";

/** Replies out of a stream whose pieces end anywhere. */
export class ReplyReader {
  readonly #decoder = new ReplyDecoder();
  #rest = new Uint8Array(0);

  /** Gives the replies that are whole now. */
  read(bytes: Uint8Array): Reply[] {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const decoder = this.#decoder;
    const replies: Reply[] = [];
    decoder.start(all);
    let whole = 0;
    while (decoder.more()) {
      try {
        const reply = decoder.next(false);
        if (decoder.position > all.length) break;
        replies.push(reply);
      } catch {
        break; // the rest of it is on its way: the engine sends no wrong ones
      }
      whole = decoder.position;
    }
    this.#rest = all.slice(whole);
    return replies;
  }
}
