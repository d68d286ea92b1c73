/** The script of all Workers; the name tells the role. */

import { InstanceExit } from "./host/instance.js";
import { runSyncer } from "./host/syncer.mjs";
import { Leader, type Scope } from "./leader/leader.js";
import { runRehearsal } from "./leader/rehearsal.js";
import { BROKER, REHEARSAL, SYNCER, type ToWorker } from "./protocol.js";
import { runBroker } from "./tabs/broker.js";

interface WorkerScope extends Scope {
  readonly name: string;
  onerror: ((message: unknown, source?: string, line?: number, column?: number, error?: Error) => boolean) | null;
  onconnect: ((event: MessageEvent) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

function serve(): void {
  let leader: Leader | undefined;
  // Known already: the instance has reported its death.
  scope.onerror = (_message, _source, _line, _column, error) => error instanceof InstanceExit;
  scope.onmessage = ({ data, ports }: MessageEvent<ToWorker>) => {
    if (data.type === "open") void (leader = new Leader(scope, data)).run();
    else leader?.take(data, ports);
  };
}

switch (scope.name) {
  case SYNCER:
    runSyncer();
    break;
  case BROKER:
    runBroker(scope);
    break;
  case REHEARSAL:
    runRehearsal(scope);
    break;
  default:
    serve();
}
