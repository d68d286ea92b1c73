// The host functions of the wasm engine: what Go imports from module "tabdis" to reach its files without leaving the turn.
//
// Files live in a table of handles. Anything with the methods of a FileSystemSyncAccessHandle fits: OPFS handles as they are, and
// NodeFile (nodefile.mjs) over a file descriptor. The Go side opens them in its control plane, registers them with
// globalThis.tabdisHost.add(), and from then on uses numbers.
//
// Every function is synchronous and returns -1 (or a short result never) after a failure, whose name and message wait in
// errorSize/errorCopy. A write or read of fewer bytes than asked is a failure.
import { createChunks } from './chunks.mjs';

/** A write count as a signed 32-bit number: Chromium returns its file errors as a count near 2^32. */
const NO_SPACE = -8;

const NO_MEMORY = new Uint8Array(0);

class HostError extends Error {
	constructor(name, message) {
		super(message);
		this.name = name;
	}
}

// Node's errors are told apart by a code; that of a DOMException is a number that nobody should use.
const nameOf = (e) => (typeof e?.code === 'string' ? e.code : (e?.name ?? 'Error'));

const partial = (what, n, length) => {
	if ((n | 0) === NO_SPACE) {
		return new HostError('QuotaExceededError', `${what} returned ${n}`);
	}
	return new HostError('PartialError', `${what} returned ${n} of ${length} bytes`);
};

/**
 * Makes the host of one wasm instance: `imports` is the module "tabdis" of its import object; call `attach(instance, go)` before the
 * instance runs. It stands as globalThis.tabdisHost, where the Go side's control plane finds it, so there is one a thread at a time.
 *
 * `syncer`, if given, starts a Worker that runs syncer.mjs; it syncs off the turn where handles can be shared (Chromium).
 * `node`, under Node, is the module nodefile.mjs.
 */
export function createHost({ syncer, node } = {}) {
	const files = new Map();
	let lastHandle = 0;
	let memory = null;
	let ended; // (ticket, how): see chunks.mjs
	let bytes = NO_MEMORY;
	let error = NO_MEMORY;
	let syncWorker = null; // started by the first file that can be shared
	const releases = new Set(); // of the Web Locks that are held
	const syncs = new Map(); // ticket → {f, timer}, f as in files

	// Growing memory detaches its buffer: a view is good for one call.
	const view = (ptr, length) => {
		if (bytes.buffer !== memory.buffer) {
			bytes = new Uint8Array(memory.buffer);
		}
		return bytes.subarray(ptr, ptr + length);
	};
	const file = (handle) => {
		const f = files.get(handle);
		if (f === undefined) {
			throw new HostError('InvalidStateError', 'closed');
		}
		return f.file;
	};
	const keep = (e) => {
		error = new TextEncoder().encode(`${nameOf(e)}\n${e?.message ?? e}`);
		return -1;
	};

	const chunks = createChunks({ connection: file, view, keep, ended: (...end) => ended(...end) });

	const imports = {
		putChunks: chunks.putChunks,
		write(handle, ptr, length, at) {
			try {
				ptr >>>= 0;
				const n = file(handle).write(view(ptr, length), { at });
				return n === length ? n : keep(partial('write', n, length));
			} catch (e) {
				return keep(e);
			}
		},
		read(handle, ptr, length, at) {
			try {
				ptr >>>= 0;
				const n = file(handle).read(view(ptr, length), { at });
				return n === length ? n : keep(partial('read', n, length));
			} catch (e) {
				return keep(e);
			}
		},
		flush(handle) {
			try {
				file(handle).flush();
				return 0;
			} catch (e) {
				return keep(e);
			}
		},
		truncate(handle, size) {
			try {
				file(handle).truncate(size);
				return 0;
			} catch (e) {
				return keep(e);
			}
		},
		size(handle) {
			try {
				return file(handle).getSize();
			} catch (e) {
				return keep(e);
			}
		},
		// sync starts a sync off the turn; its result comes to onsync(ticket, name, message). 0: there is no way to, flush.
		sync(handle, ticket) {
			const f = files.get(handle);
			if (f === undefined || !canSync(f)) {
				return 0;
			}
			startSync(f, ticket);
			return 1;
		},
		errorSize() {
			return error.length;
		},
		errorCopy(ptr) {
			view(ptr >>> 0, error.length).set(error);
		},
	};

	const canSync = (f) => f.file.flushLater !== undefined || (f.path !== undefined && syncer !== undefined);

	const startSync = (f, ticket) => {
		const timer = setTimeout(syncHere, host.patience);
		syncs.set(ticket, { f, timer });
		if (f.file.flushLater !== undefined) {
			f.file.flushLater((e) => synced(ticket, e));
			return;
		}
		if (syncWorker === null) {
			syncWorker = syncer();
			syncWorker.onmessage = ({ data }) => synced(data.ticket, data.error);
			// A Worker that does not start leaves its syncs to the timer.
			syncWorker.onerror = (event) => event.preventDefault?.();
		}
		syncWorker.postMessage({ ticket, handle: f.handle, path: f.path });
	};

	// The syncer is silent: flush here, and trust it no more. A flush covers all that was written before it.
	const syncHere = () => {
		syncWorker?.terminate();
		syncWorker = null;
		for (const [t, { f }] of [...syncs]) {
			try {
				f.file.flush();
				synced(t, null);
			} catch (e) {
				synced(t, e);
			}
		}
	};

	const synced = (ticket, e) => {
		const started = syncs.get(ticket);
		if (started === undefined) {
			return; // settled by the timer
		}
		clearTimeout(started.timer);
		syncs.delete(ticket);
		host.onsync?.(ticket, e ? nameOf(e) : '', e ? String(e.message ?? e) : '');
	};

	/** Takes a Web Lock; null when that takes longer than `patience` ms. */
	const takeLock = (locks, name, patience) => new Promise((resolve, reject) => {
		const options = patience > 0 ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
		const held = (lock) => lock && new Promise((done) => {
			const release = () => {
				releases.delete(release);
				done();
			};
			releases.add(release);
			resolve(release);
		});
		locks.request(name, options, held).then(() => resolve(null), (e) => (e.name === 'TimeoutError' ? resolve(null) : reject(e)));
	});

	const host = {
		imports: Object.freeze(imports),
		node,

		/** Called by the Go side with (ticket, name, message) when a sync off the turn has ended; name is '' after a success. */
		onsync: null,

		/** How long a sync off the turn may be silent, in ms, before the host flushes by itself. */
		patience: 5000,

		/** Tells the host where the instance keeps its memory, and what calls it. */
		attach({ exports }, go) {
			memory = exports.mem ?? exports.memory;
			ended = (ticket, how) => {
				exports.tabdis_chunks_ended(ticket, how);
				queueMicrotask(() => go._resume()); // for goroutines, behind the turn that it may have asked for
			};
		},

		/**
		 * Registers a file and gives its handle. `path` names an OPFS file whose handles can be shared, so that the syncer can
		 * open one of its own: directories and file name, from the origin's root.
		 */
		add(file, path) {
			const handle = ++lastHandle;
			files.set(handle, { handle, file, path });
			return handle;
		},

		/**
		 * From now on everything that is done with a file fails, with this message. It is not closed: where its storage is gone,
		 * Chromium never comes back from that. It ends with the Worker.
		 */
		lose(handle, message) {
			const f = files.get(handle);
			const lost = () => {
				throw new HostError('NotFoundError', message);
			};
			f.file = { read: lost, write: lost, flush: lost, truncate: lost, getSize: lost, close() {} };
			f.path = undefined; // no syncer finds it
		},

		/**
		 * Closes a file and frees its handle. So does the syncer, which ends with the last file it could have open. Nobody waits for the
		 * file's syncs any more: their silence says nothing of a syncer that comes later.
		 */
		remove(handle) {
			const f = files.get(handle);
			files.delete(handle);
			for (const [ticket, started] of syncs) {
				if (started.f === f) {
					clearTimeout(started.timer);
					syncs.delete(ticket);
				}
			}
			f?.file.close();
			if (f?.path !== undefined) {
				syncWorker?.postMessage({ closed: handle });
			}
			if (![...files.values()].some((left) => left.path !== undefined)) {
				syncWorker?.terminate();
				syncWorker = null;
			}
		},

		/**
		 * Takes the Web Lock `name`, waiting up to `patience` ms for who holds it, and gives the function that releases it; rejects with a
		 * LockedError. Where nobody does it waits longer: a browser that was killed may take seconds for its first lock.
		 * Where there are no Web Locks it locks nothing: what the lock protects needs a fence of its own.
		 */
		async lock(name, patience) {
			const locks = globalThis.navigator?.locks;
			for (let slow = 0; locks !== undefined; slow++) {
				const release = await takeLock(locks, name, patience);
				if (release !== null) {
					return release;
				}
				if (slow === 10 || (await locks.query()).held.some((lock) => lock.name === name)) {
					throw new HostError('LockedError', `Web Lock ${name} is held`);
				}
			}
			return () => {};
		},

		/** Closes everything that is open and releases the locks: after the instance ended, or before another takes its place. */
		close() {
			syncWorker?.terminate();
			syncWorker = null;
			for (const { timer } of syncs.values()) {
				clearTimeout(timer);
			}
			syncs.clear();
			chunks.mute();
			for (const { file } of files.values()) {
				file.close();
			}
			files.clear();
			for (const release of releases) {
				release();
			}
			node?.giveUpLocks();
			if (globalThis.tabdisHost === host) {
				delete globalThis.tabdisHost;
			}
		},
	};
	globalThis.tabdisHost = host;
	return host;
}
