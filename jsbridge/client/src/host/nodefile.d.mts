import type { HostFile } from './host.mjs';

/** Node's own module, for names and directories. */
export * as fs from 'node:fs';

export { giveUpLock, giveUpLocks, takeLock } from './nodelock.mjs';

/** A file descriptor with the methods of a FileSystemSyncAccessHandle. */
export class NodeFile implements HostFile {
	constructor(path: string, flags: string);
	read(bytes: Uint8Array, options: { at: number }): number;
	write(bytes: Uint8Array, options: { at: number }): number;
	flush(): void;
	flushLater(done: (error: Error | null) => void): void;
	truncate(size: number): void;
	getSize(): number;
	close(): void;
}

/** Makes the names in a directory durable. */
export function syncDirectory(path: string): void;

/** Makes a directory and its parents, and the names of those it made durable. */
export function makeDirectory(path: string): void;
