// PGlite in its Worker for many tabs, with its live queries.
import { live } from '@electric-sql/pglite/live';
import { PGliteWorker } from '@electric-sql/pglite/worker';

export async function open(name, relaxed) {
	const worker = new Worker('/stores/pglite-worker.js', { type: 'module' });
	const options = { dataDir: `opfs-ahp://pglite-${name}`, relaxedDurability: relaxed === true, extensions: { live } };
	const pg = await PGliteWorker.create(worker, options);
	await pg.waitReady;
	await pg.exec('CREATE TABLE IF NOT EXISTS kv (k text PRIMARY KEY, v text)');
	const write = (pairs) =>
		pg.query('INSERT INTO kv SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (k) DO UPDATE SET v = excluded.v', [
			pairs.map(([key]) => key),
			pairs.map(([, value]) => value),
		]);
	return {
		set: (key, value) => pg.query('INSERT INTO kv VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v', [key, value]),
		get: async (key) => (await pg.query('SELECT v FROM kv WHERE k = $1', [key])).rows[0]?.v,
		together: write,
		load: write,
		count: async () => Number((await pg.query('SELECT count(*) AS n FROM kv')).rows[0].n),
		async live(key, listener) {
			const query = await pg.live.query('SELECT v FROM kv WHERE k = $1', [key], ({ rows }) => listener(rows[0]?.v));
			return () => query.unsubscribe();
		},
		leads: () => pg.isLeader,
		close: () => pg.close(),
	};
}
