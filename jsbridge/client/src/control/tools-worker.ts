/** The Worker of the tools: an engine in memory, with operations that open the files of stores that nobody has open. */

import { chooseBackend } from "../host/backend.js";
import { compile } from "../host/compile.js";
import { Instance, InstanceError, InstanceExit, type InstanceOptions, type Listener } from "../host/instance.js";
import type { ControlMessage } from "../protocol.js";
import type { Backend } from "../types.js";
import { endControls, handleControl } from "./worker-side.js";
import type { FromTools, ToolsOpenMessage, ToTools } from "./tools-protocol.js";

interface Scope {
  onerror: ((message: unknown, source?: string, line?: number, column?: number, error?: Error) => boolean) | null;
  onmessage: ((event: MessageEvent<ToTools>) => void) | null;
  postMessage(message: FromTools, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
const post = (message: FromTools, transfer: Transferable[] = []): void => scope.postMessage(message, transfer);

let instance: Instance | undefined;
let session = 0;

const listener: Listener = {
  output(_session, replies) {
    const message = replies.slice();
    post(message, [message.buffer]);
  },
  ended: () => undefined,
  died(cause) {
    instance = undefined;
    endControls("DIED", cause);
    post({ type: "died", cause });
  },
  fenced: () => listener.died("the store was taken over"),
  progress: (progress) => post({ type: "progress", progress }),
  log: () => undefined,
};

async function open({ wasmUrl, past }: ToolsOpenMessage): Promise<void> {
  try {
    const module = await compile(wasmUrl);
    const options: InstanceOptions & Pick<ToolsOpenMessage, "past"> =
      past === undefined ? { name: "tools", backend: "memory", config: [] } : { name: past.name, backend: past.backend, config: [], past };
    instance = await Instance.open(module, options, listener);
    session = instance.openSession();
    post({ type: "opened", load: instance.report });
  } catch (error) {
    const code = error instanceof InstanceError ? error.code : "IO";
    post({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
  }
}

// Where a new store goes only a Worker can tell.
async function start(message: ControlMessage, port: MessagePort): Promise<void> {
  const { args } = message;
  if (args["backend"] === "auto") {
    try {
      args["backend"] = (await chooseBackend("auto", args["name"] as string, args["known"] as Backend[])).backend;
    } catch (error) {
      port.postMessage(["failed", "IO", error instanceof Error ? error.message : String(error)]);
      return;
    }
  }
  handleControl(message, port);
}

// Known already: the instance has reported its death.
scope.onerror = (_message, _source, _line, _column, error) => error instanceof InstanceExit;
scope.onmessage = ({ data, ports: [port] }) => {
  if (data instanceof Uint8Array) instance?.feed(session, data);
  else if (data.type === "open") void open(data);
  else if (port !== undefined) void start(data, port);
};
