import type { Instance } from "../host/instance.js";
import { PIECE } from "../host/instance.js";
import type { FromSession, Port, ToSession } from "../protocol.js";

/** A session of the engine and the port that its client has. */
class EngineSession {
  #spare: ArrayBuffer | undefined; // of the batch under way, for its replies
  readonly #instance: Instance;
  readonly #session: number;
  readonly #port: Port;

  constructor(
    instance: Instance,
    session: number,
    port: Port,
    readonly id: string | undefined,
    /** It is not among the sessions any more. */
    readonly gone: () => void,
  ) {
    this.#instance = instance;
    this.#session = session;
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<ToSession>) => {
      if (data instanceof Uint8Array) this.#feed(data);
      else if ("batch" in data) {
        instance.acked(session, data.acked);
        if (data.first !== undefined) instance.goOn(session, data.first);
        this.#feed(data.batch);
      } else {
        this.close();
        gone();
        if (id !== undefined) instance.forget(id); // all was answered, and nothing more comes
      }
    };
    this.#post({ type: "open" });
  }

  #feed(batch: Uint8Array<ArrayBuffer>): void {
    // A batch fed in several turns is still read when the replies of the first leave.
    if (batch.length <= PIECE) this.#spare = batch.buffer;
    this.#instance.feed(this.#session, batch);
    this.#spare = undefined;
  }

  output(replies: Uint8Array<ArrayBuffer>): void {
    const spare = this.#spare;
    if (spare !== undefined && replies.length <= spare.byteLength) {
      this.#spare = undefined;
      const message = new Uint8Array(spare, 0, replies.length);
      message.set(replies);
      this.#post(message, [spare]);
      return;
    }
    const message = replies.slice();
    this.#post(message, [message.buffer]);
  }

  /** The last message of the session, and its port with it. */
  end(message: FromSession): void {
    this.#post(message);
    this.drop();
  }

  /** The client is gone. */
  close(): void {
    this.#instance.closeSession(this.#session);
    this.drop();
  }

  drop(): void {
    this.#port.onmessage = null;
    this.#port.close?.();
  }

  #post(message: FromSession, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

/** The sessions of one engine. */
export class EngineSessions {
  readonly #sessions = new Map<number, EngineSession>();
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  /** Opens a session for the client that has the other end of the port; gives its number, 0 when the engine is dead. */
  open(port: Port, id: string | undefined, next: number, ended: (session: number) => void): number {
    const session = id === undefined ? this.#instance.openSession() : this.#instance.openNumbered(id, next);
    if (session === 0) return 0;
    if (id !== undefined) this.#replaced(id);
    const gone = (): void => {
      this.#sessions.delete(session);
      ended(session);
    };
    this.#sessions.set(session, new EngineSession(this.#instance, session, port, id, gone));
    return session;
  }

  // The client has come again: the engine has ended the session that it had, and nobody listens at its port.
  #replaced(id: string): void {
    for (const session of this.#sessions.values()) {
      if (session.id !== id) continue;
      session.drop();
      session.gone();
    }
  }

  output(session: number, replies: Uint8Array<ArrayBuffer>): void {
    this.#sessions.get(session)?.output(replies);
  }

  /** The engine has ended this session. */
  ended(session: number): void {
    this.#sessions.get(session)?.end({ type: "ended" });
    this.#sessions.delete(session);
  }

  close(session: number): void {
    this.#sessions.get(session)?.close();
    this.#sessions.delete(session);
  }

  /** The engine is dead. */
  lose(cause: string): void {
    for (const session of this.#sessions.values()) session.end({ type: "lost", cause });
    this.#sessions.clear();
  }
}
