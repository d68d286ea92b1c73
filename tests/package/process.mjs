// A process of its own that uses a store: `node process.mjs <role> <dir>`.
import { join } from 'node:path';
import { DIST } from '../browser/client/harness.mjs';

const { open } = await import(join(DIST, 'node.js'));
const [role, dir] = process.argv.slice(2);

const roles = {
	/** Has the store until it is killed. */
	async hold() {
		const db = await open({ dir, appendfsync: 'always' });
		await db.call('SET', 'held', 'yes');
		process.send('held');
	},

	/** Ends without being told to. */
	async end() {
		process.disconnect();
		const db = await open({ dir });
		await db.call('SET', 'k', 'v');
		await db.close();
	},

	async named() {
		process.disconnect();
		process.chdir(dir);
		await (await open({ name: 'by-name' })).close();
	},

	/** Appends the next number again and again, and tells each that was answered. */
	async write() {
		const db = await open({ dir, appendfsync: 'always', config: { 'auto-aof-rewrite-min-size': '64kb' } });
		const append = async (n) => {
			const [, length] = await Promise.all([db.call('INCR', 'count'), db.call('RPUSH', 'list', n)]);
			if (length !== n) {
				throw new Error(`number ${n} is the ${length}th`);
			}
			process.send(n);
		};
		for (let n = (await db.call('LLEN', 'list')) + 1; ; n += 8) {
			await Promise.all(Array.from({ length: 8 }, (_, i) => append(n + i)));
		}
	},
};

await roles[role]();
