// NodeFile: a file descriptor with the methods of a FileSystemSyncAccessHandle, for the host functions under Node.
import * as fs from 'node:fs';

export { fs };
export const process = globalThis.process;

export class NodeFile {
	/** Opens path with Node's flags: 'wx+' makes a new file, 'r+' opens one that exists. */
	constructor(path, flags) {
		this.fd = fs.openSync(path, flags, 0o644);
		this.syncing = 0;
		this.closed = false;
	}

	write(bytes, { at }) {
		return this.#whole(fs.writeSync, bytes, at);
	}

	read(bytes, { at }) {
		return this.#whole(fs.readSync, bytes, at);
	}

	// The system may move fewer bytes than asked; only when it moves none there are no more to move.
	#whole(move, bytes, at) {
		let done = 0;
		while (done < bytes.length) {
			const n = move(this.fd, bytes, done, bytes.length - done, at + done);
			if (n === 0) {
				break;
			}
			done += n;
		}
		return done;
	}

	flush() {
		fs.fdatasyncSync(this.fd);
	}

	/** Syncs on another thread; done takes null or the error. */
	flushLater(done) {
		this.syncing++;
		fs.fdatasync(this.fd, (error) => {
			this.syncing--;
			this.#release();
			done(error);
		});
	}

	truncate(size) {
		fs.ftruncateSync(this.fd, size);
	}

	getSize() {
		return fs.fstatSync(this.fd).size;
	}

	// A descriptor that is being synced must not be given to another file meanwhile.
	close() {
		this.closed = true;
		this.#release();
	}

	#release() {
		if (this.closed && this.syncing === 0 && this.fd >= 0) {
			fs.closeSync(this.fd);
			this.fd = -1;
		}
	}
}
