/** The Worker's side of operations: it carries messages between an operation's port and the Go function that runs it. */

import type { ControlMessage, Port } from "../protocol.js";
import type { Told } from "./control.js";

/** What Go sees of an operation. It puts functions of its own into it, by the names of the messages that it takes. */
interface Task {
  op: string;
  args: Record<string, unknown>;
  tell(...message: Told): void;
  [method: string]: unknown;
}

interface Bridge {
  control?: (task: Task) => void;
}

/** What is left out, and counted, while so many messages have not been taken: the log goes on, however slow its onlookers are. */
const LOSSY = new Set(["block", "durable"]);
const AWAY = 1000;

const open = new Set<(code: string, message: string) => void>();

/**
 * Starts an operation in the engine of this Worker that runs now. Gives what ends it when nobody waits for it any more, undefined when it has
 * ended already; `over` is called when it has.
 */
export function handleControl(
  { op, args, channel }: ControlMessage,
  handed: MessagePort | undefined,
  over?: () => unknown,
): (() => void) | undefined {
  const port: Port | undefined = handed ?? (channel === undefined ? undefined : new BroadcastChannel(channel));
  if (port === undefined) return undefined;
  let ended = false;
  let away = 0;
  let missed = 0;
  const end = (message: Told): void => {
    if (ended) return;
    ended = true;
    open.delete(fail);
    port.postMessage(message);
    port.close?.();
    over?.();
  };
  const fail = (code: string, message: string): void => end(["failed", code, message]);
  // An engine that is dead throws, whatever it is asked.
  const call = (fn: () => void): void => {
    try {
      fn();
    } catch (error) {
      fail("DIED", error instanceof Error ? error.message : String(error));
    }
  };
  const task: Task = {
    op,
    args,
    tell(...message) {
      if (message[0] === "done" || message[0] === "failed") end(message);
      else if (ended) return;
      else if (away >= AWAY && LOSSY.has(message[0])) missed++;
      else {
        away++;
        port.postMessage(message, buffers(message));
      }
    },
  };
  port.onmessage = ({ data: [what, ...args] }: MessageEvent<Told>) => {
    if (what === "taken" && --away < AWAY / 2 && missed > 0) {
      task.tell("missed", missed);
      missed = 0;
    }
    const method = task[what];
    if (!ended && typeof method === "function") call(() => method(...args));
  };
  open.add(fail);
  const { tabdisBridge } = globalThis as { tabdisBridge?: Bridge };
  if (tabdisBridge?.control === undefined) fail("CLOSED", "no engine runs here");
  else call(() => tabdisBridge.control?.(task));
  if (ended) return undefined;
  return () => {
    const { cancel } = task;
    if (ended) return;
    if (typeof cancel === "function") call(() => cancel());
    fail("LEADER", "its tab is gone");
  };
}

/** The engine of this Worker has died or was closed: ends all operations. */
export function endControls(code: string, message: string): void {
  for (const fail of [...open]) fail(code, message);
}

function buffers(message: Told): Transferable[] {
  return message.flatMap((part) => (part instanceof Uint8Array ? [part.buffer as ArrayBuffer] : []));
}
