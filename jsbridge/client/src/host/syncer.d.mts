/** Runs the syncer in this Worker. */
export function runSyncer(scope?: unknown): void;
