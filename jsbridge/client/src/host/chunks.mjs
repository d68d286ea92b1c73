// How chunks of the log go into IndexedDB (jsbridge/idb): the transaction that replies wait for is made here, in one call from Go, and its end
// is one call into Go. Made from Go each step of it was a call of JavaScript, which costs more than what it does.
//
// Its first request reads the epoch, the puts stand behind it, and nobody waits in between. Requests are executed in order, and their
// events are fired in order; a transaction commits by itself when all events of all its requests have been handled. So the epoch is looked at before
// anything can be committed, and abort() in that event undoes the puts, executed or not. A page that dies before it leaves a transaction that
// nobody commits. That is why commit() is not called here: it would commit whatever the epoch is.

/** On users' disks: do not change. */
const STORES = ['meta', 'names', 'chunks'];

/** How a transaction ends: what tabdis_chunks_ended is told. The texts are Go's; of FAILED, name and message are kept for it. */
const DONE = 0, FAILED = 1, FENCED = 2, DELETED = 3, SILENT = 4, LOST = 5;

/** 32-bit words of a chunk in Go's memory, a struct of its offset and its slice: offset, address, length, capacity, each in two of them. */
const CHUNK = 8;

const ABORTED = { name: 'AbortError', message: 'the transaction was aborted' };

/**
 * Makes the host function putChunks, and what ends its transactions. `connection(handle)` is an IDBDatabase or throws; `view(address, length)` is
 * of linear memory; `keep(error)` is for Go to read, and gives -1; `ended(ticket, how)` goes into Go.
 */
export function createChunks({ connection, view, keep, ended }) {
	const flights = new Map(); // of each transaction under way what counts its beats, by what mutes it

	// One timer for all: to start and stop one for each would be a tenth of what is done here. It ends when it finds nothing to count.
	let timer;
	let pace;
	const count = (ms) => {
		if (pace === ms) return;
		clearInterval(timer);
		pace = ms;
		timer = setInterval(() => {
			if (flights.size === 0) stop();
			for (const beat of flights.values()) beat();
		}, ms);
	};
	const stop = () => {
		clearInterval(timer);
		pace = undefined;
	};

	return {
		/**
		 * Puts `length` chunks of a file, in a transaction of its own behind the fence. -1: there is no transaction. After `patience` beats of `ms`
		 * without a sign of life it is aborted; two later nothing more is heard of it, and its outcome is open.
		 */
		putChunks(handle, ticket, epoch, strict, ms, patience, file, table, length) {
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
				flights.delete(mute);
			};
			const end = (how, e) => {
				mute();
				if (how === FAILED) keep(e);
				ended(ticket, how);
			};
			// In beats, since a tab that was frozen for an hour is to hear first of what has happened meanwhile. The first is not a whole one.
			flights.set(mute, () => {
				if (--patience === -1) abort(SILENT);
				else if (patience < -2) end(LOST);
			});
			count(ms);
			// Only "complete" counts: on a full disk every request succeeds, and then the transaction aborts.
			tx.oncomplete = () => end(DONE);
			tx.onabort = () => end(...(why ?? [FAILED, tx.error ?? ABORTED]));
			try {
				const asked = tx.objectStore('meta').get('epoch');
				asked.onsuccess = () => {
					if (asked.result !== epoch) abort(asked.result === undefined ? DELETED : FENCED);
				};
				const chunks = tx.objectStore('chunks');
				const words = new Uint32Array(view(0, 0).buffer, table >>> 0, length * CHUNK);
				for (let i = 0; i < words.length; i += CHUNK) {
					const bytes = view(words[i + 2], words[i + 4]).slice(); // a view would be cloned with all the memory behind it
					chunks.put(bytes, [file, words[i] + words[i + 1] * 2 ** 32]);
				}
			} catch (e) {
				abort(FAILED, e);
			}
			return 0;
		},

		/** Nothing more is heard of those under way. */
		mute() {
			for (const mute of flights.keys()) mute();
			stop();
		},
	};
}
