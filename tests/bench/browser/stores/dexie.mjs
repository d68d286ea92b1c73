// IndexedDB through Dexie. Without the option Chromium's default is relaxed.
import { Dexie, liveQuery } from 'dexie';

export async function open(name, relaxed) {
	const db = new Dexie(name, { chromeTransactionDurability: relaxed ? 'relaxed' : 'strict' });
	db.version(1).stores({ kv: 'k' });
	await db.open();
	const write = (pairs) => db.kv.bulkPut(pairs.map(([k, v]) => ({ k, v })));
	return {
		set: (k, v) => db.kv.put({ k, v }),
		get: async (key) => (await db.kv.get(key))?.v,
		together: write,
		load: write,
		count: () => db.kv.count(),
		live(key, listener) {
			const query = liveQuery(() => db.kv.get(key)).subscribe((row) => listener(row?.v));
			return () => query.unsubscribe();
		},
		close: async () => db.close(),
	};
}
