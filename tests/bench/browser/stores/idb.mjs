// IndexedDB through the idb package.
import { openDB } from 'idb';

export async function open(name, relaxed) {
	const durability = relaxed ? 'relaxed' : 'strict';
	const db = await openDB(name, 1, { upgrade: (db) => void db.createObjectStore('kv') });
	const write = (pairs) => {
		const { store, done } = db.transaction('kv', 'readwrite', { durability });
		for (const [key, value] of pairs) store.put(value, key).catch(() => {}); // `done` tells
		return done;
	};
	return {
		set: (key, value) => write([[key, value]]),
		get: (key) => db.get('kv', key),
		together: write,
		load: write,
		count: () => db.count('kv'),
		close: async () => db.close(),
	};
}
