import type { FromSession, Port, ToSession } from "./protocol.js";

/** A session as a stream of RESP bytes. */
export interface ByteStream {
  /** Sends bytes; commands may be cut anywhere. */
  write(bytes: Uint8Array): void;
  /** Takes the bytes of replies, cut anywhere. */
  onData: ((bytes: Uint8Array) => void) | undefined;
  /** Called once when the stream has ended; with an error when it was not the engine's answer to QUIT or this side's {@link end}. */
  onEnd: ((error: Error | undefined) => void) | undefined;
  /** Ends the stream and its session. */
  end(): void;
}

/** What gives a session's port. */
export interface Ports {
  open(lost: (cause: string) => void): Port | undefined;
  forget(lost: (cause: string) => void): void;
}

/** Opens a stream. Without a leader to talk to it ends at once. */
export function openStream(ports: Ports): ByteStream {
  const lost = (cause: string): void => finish(new Error(`the engine is gone: ${cause}`));
  let port = ports.open(lost);
  let waiting: Uint8Array[] | undefined = [];
  const send = (bytes: Uint8Array): void => {
    const batch = bytes.slice();
    port?.postMessage(batch satisfies ToSession, [batch.buffer]);
  };
  const finish = (error: Error | undefined): void => {
    if (port === undefined) return;
    port.onmessage = null;
    port.close?.();
    port = undefined;
    ports.forget(lost);
    stream.onEnd?.(error);
  };
  const stream: ByteStream = {
    onData: undefined,
    onEnd: undefined,
    write(bytes) {
      if (waiting === undefined) send(bytes);
      else waiting.push(bytes.slice());
    },
    end() {
      port?.postMessage({ type: "end" } satisfies ToSession);
      finish(undefined);
    },
  };
  if (port === undefined) {
    queueMicrotask(() => stream.onEnd?.(new Error("no tab runs the engine just now")));
    return stream;
  }
  port.onmessage = ({ data }: MessageEvent<FromSession>) => {
    if (data instanceof Uint8Array) stream.onData?.(data);
    else if (data.type === "open") {
      waiting?.forEach(send);
      waiting = undefined;
    } else finish(data.type === "ended" ? undefined : new Error(`the engine is gone: ${data.cause}`));
  };
  return stream;
}
