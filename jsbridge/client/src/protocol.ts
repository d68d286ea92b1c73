/**
 * What page and Worker tell each other. Besides these messages a plain `Uint8Array` travels both ways, its buffer transferred: RESP
 * commands to the Worker, whole RESP replies to the page. The Worker sends replies in the buffer of the batch they answer where they
 * fit, so that buffers go to and fro instead of being made.
 */

import type { ControlMessage } from "./control/control.js";
import type { Backend, LoadProgress, LoadReport } from "./types.js";

/** Opens the store: the first message. */
export interface OpenMessage {
  type: "open";
  name: string;
  backend: "auto" | Backend;
  /** Where the origin remembers a store of this name. */
  known: Backend[];
  /** Parameters and their values in turn. */
  config: string[];
  wasmUrl: string;
  /** The storage fails when told to. */
  lab?: boolean;
}

/** Closes the store; `closed` follows. */
export interface CloseMessage {
  type: "close";
}

/** The page has settled what was under way when the engine died; batches that follow belong to the new session. */
export interface ResumeMessage {
  type: "resume";
}

export type ToWorker = OpenMessage | CloseMessage | ResumeMessage | ControlMessage | Uint8Array<ArrayBuffer>;

/** A session is ready: after `open`, and again after `resume`. */
export interface OpenedMessage {
  type: "opened";
  backend: Backend;
  why: string;
  load: LoadReport;
}

/** Opening failed, at first or after the engine died. Nothing follows. */
export interface FailedMessage {
  type: "failed";
  code: string;
  message: string;
}

export interface ProgressMessage {
  type: "progress";
  progress: LoadProgress;
}

export interface LogMessage {
  type: "log";
  level: number;
  line: string;
}

/** The engine died. What was not answered is unknown; the Worker ignores batches until `resume`. */
export interface DiedMessage {
  type: "died";
  cause: string;
}

/** The engine ended the session (QUIT, a protocol error). Nothing follows but `closed`. */
export interface EndedMessage {
  type: "ended";
}

/** The store is closed and its handles are released; with a code, not all was flushed. */
export interface ClosedMessage {
  type: "closed";
  code: string;
  message: string;
}

export type ToPage =
  | OpenedMessage
  | FailedMessage
  | ProgressMessage
  | LogMessage
  | DiedMessage
  | EndedMessage
  | ClosedMessage
  | Uint8Array<ArrayBuffer>;
