/** What the page and the Worker of the tools tell each other. Besides these messages RESP travels in plain `Uint8Array`s, to and fro. */

import type { ControlMessage } from "../protocol.js";
import type { Backend, LoadProgress, LoadReport } from "../types.js";

/** Starts the engine of the tools: over an empty store in memory, or over a past state of this store, which can only be read. */
export interface ToolsOpenMessage {
  type: "open";
  wasmUrl: string;
  /** A store, and the point: a block, or Unix seconds; neither is the present. */
  past?: { backend: Backend; name: string; lsn?: number; time?: number };
}

export type ToTools = ToolsOpenMessage | ControlMessage | Uint8Array<ArrayBuffer>;

export type FromTools =
  | { type: "opened"; load: LoadReport }
  | { type: "failed"; code: string; message: string }
  | { type: "progress"; progress: LoadProgress }
  | { type: "died"; cause: string }
  | Uint8Array<ArrayBuffer>;
