/** A file of the host's table: an OPFS FileSystemSyncAccessHandle, or anything that behaves like one. */
export interface HostFile {
	read(bytes: Uint8Array, options: { at: number }): number;
	write(bytes: Uint8Array, options: { at: number }): number;
	flush(): void;
	/** Syncs on another thread, where the platform can. */
	flushLater?(done: (error: Error | null) => void): void;
	truncate(size: number): void;
	getSize(): number;
	close(): void;
}

/** Options of createHost. */
export interface HostOptions {
	/** Starts a Worker that runs syncer.mjs. Without it every sync runs in the turn. */
	syncer?: () => Worker;
	/** The module nodefile.mjs, under Node; in a browser there is none. */
	node?: typeof import('./nodefile.mjs');
}

/** The host of one wasm instance. */
export interface Host {
	/** Module "tabdis" of the import object. */
	readonly imports: Readonly<Record<string, (...args: number[]) => number | void>>;
	/** How long a sync off the turn may be silent, in ms, before the host flushes by itself. */
	patience: number;
	/** Tells the host where the instance keeps its memory, and what calls it; before the instance runs. */
	attach(instance: WebAssembly.Instance, go: { _resume(): void }): void;
	/** Closes everything that is open and releases the locks: after the instance ended, or before another takes its place. */
	close(): void;
}

/** Makes the host of one wasm instance, as globalThis.tabdisHost: one a thread at a time. */
export function createHost(options?: HostOptions): Host;
