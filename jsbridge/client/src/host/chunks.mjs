// How chunks of the log go into IndexedDB (jsbridge/idb): the transaction that replies wait for is made here, in one call from Go, and its end
// is one call into Go. Made from Go it took a hundred calls of JavaScript, of which each costs more than what it does.
//
// Its first request reads the epoch, the puts stand behind it, and nobody waits in between. Requests are executed in order, and their
// events are fired in order; a transaction commits by itself when all events of all its requests have been handled. So the epoch is looked at before
// anything can be committed, and abort() in that event undoes the puts, executed or not. A page that dies before it leaves a transaction that
// nobody commits. That is why commit() is not called here: it would commit whatever the epoch is.

/** On users' disks: do not change. */
const STORES = ['meta', 'names', 'chunks'];

/** How a transaction ends: what tabdis_chunks_ended is told. The texts are Go's; of FAILED, name and message are kept for it. */
const DONE = 0, FAILED = 1, FENCED = 2, DELETED = 3, SILENT = 4, LOST = 5;

/** Bytes of a chunk in Go's memory, a struct of its offset and its slice: offset, address, length, capacity, eight bytes each. */
const CHUNK = 32;

const ABORTED = { name: 'AbortError', message: 'the transaction was aborted' };

/**
 * Makes the host function putChunks, and what ends its transactions. `connection(handle)` is an IDBDatabase or throws; `view(address, length)` is
 * of linear memory; `keep(error)` is for Go to read, and gives -1; `ended(ticket, how)` goes into Go.
 */
export function createChunks({ connection, view, keep, ended }) {
	const flights = new Set(); // what mutes each transaction under way

	const read = (table, count) => {
		const { buffer, byteOffset } = view(table, count * CHUNK);
		const words = new DataView(buffer, byteOffset, count * CHUNK);
		const number = (at) => Number(words.getBigUint64(at, true));
		return Array.from({ length: count }, (_, i) => {
			const [offset, address, length] = [0, 8, 16].map((field) => number(i * CHUNK + field));
			return { offset, bytes: view(address, length).slice() }; // a view would be cloned with all the memory behind it
		});
	};

	return {
		/**
		 * Puts `count` chunks of a file, in a transaction of its own behind the fence. -1: there is no transaction. It is aborted after so many beats,
		 * of `beat` ms, without a sign of life; two later nothing more is heard of it, and its outcome is open.
		 */
		putChunks(handle, ticket, epoch, strict, beat, patience, file, table, count) {
			let tx;
			try {
				tx = connection(handle).transaction(STORES, 'readwrite', { durability: strict ? 'strict' : 'relaxed' });
			} catch (e) {
				return keep(e);
			}
			let why; // it was aborted from here: how it ends, and the exception
			const abort = (how, e) => {
				why ??= [how, e];
				try {
					tx.abort();
				} catch {
					// it has ended, and that is heard of
				}
			};
			const mute = () => {
				tx.oncomplete = tx.onabort = null;
				clearInterval(timer);
				flights.delete(mute);
			};
			const end = (how, e) => {
				mute();
				if (how === FAILED) keep(e);
				ended(ticket, how);
			};
			// In beats, since a tab that was frozen for an hour is to hear first of what has happened meanwhile.
			const timer = setInterval(() => {
				if (--patience === 0) abort(SILENT);
				else if (patience < -1) end(LOST);
			}, beat);
			flights.add(mute);
			// Only "complete" counts: on a full disk every request succeeds, and then the transaction aborts.
			tx.oncomplete = () => end(DONE);
			tx.onabort = () => end(...(why ?? [FAILED, tx.error ?? ABORTED]));
			try {
				const asked = tx.objectStore('meta').get('epoch');
				asked.onsuccess = () => {
					if (asked.result !== epoch) abort(asked.result === undefined ? DELETED : FENCED);
				};
				const chunks = tx.objectStore('chunks');
				for (const { offset, bytes } of read(table >>> 0, count)) chunks.put(bytes, [file, offset]);
			} catch (e) {
				abort(FAILED, e);
			}
			return 0;
		},

		/** Nothing more is heard of those under way. */
		mute() {
			for (const mute of flights) mute();
		},
	};
}
