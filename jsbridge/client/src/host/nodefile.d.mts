import type { HostFile } from './host.mjs';

/** Node's own module, for names and directories. */
export * as fs from 'node:fs';

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

/** Node's process. */
export const process: { readonly pid: number; kill(pid: number, signal: number): boolean };
