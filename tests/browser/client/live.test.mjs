// Live queries and the cache over a store in a real browser: the cases that a real redis-server has judged, and what only tabs can do.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Browser, DIST, Site } from './harness.mjs';
import { targets } from './targets.mjs';
import { browserOf } from './windows.mjs';

const { build } = createRequire(new URL('../package.json', `file://${DIST}`))('esbuild');

/** The cases as one module for pages. */
async function bundle() {
	const { outputFiles } = await build({
		stdin: {
			contents: `export { liveCases } from './live-cases.ts'; export { cacheCases } from './cache-cases.ts';`,
			resolveDir: fileURLToPath(new URL('../test/live/', `file://${DIST}`)),
		},
		bundle: true,
		write: false,
		format: 'esm',
		target: 'es2022',
	});
	return outputFiles[0].contents;
}

for (const target of targets) {
	describe(`${target}, live queries and the cache`, () => {
		let site, browser, page;
		before(async () => {
			site = await new Site().start();
			site.files.set('cases.js', await bundle());
			browser = new Browser(target, site);
			page = browser.start();
		});
		after(async () => {
			await browser.dispose();
			site.stop();
		});

		for (const suite of ['liveCases', 'cacheCases']) {
			it(`pass the cases of ${suite}`, async () => {
				const count = await page.run(async (_, suite) => (await import('./cases.js'))[suite].length, suite);
				assert.ok(count > 0);
				for (let i = 0; i < count; i++) {
					const [name, error] = await page.run(
						async ({ open }, suite, i) => {
							const [name, run] = (await import('./cases.js'))[suite][i];
							const db = await open({ name: 'live' });
							try {
								const other = db.session();
								await other.call('FLUSHALL');
								await run(db, other);
								return [name];
							} catch (error) {
								return [name, error.message];
							} finally {
								await db.close();
							}
						},
						suite,
						i,
					);
					assert.equal(error, undefined, name);
				}
			});
		}
	});
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis live</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
globalThis.until = async (condition) => {
	for (const end = Date.now() + 30_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 1))) {
		if (Date.now() > end) throw new Error('it did not come: ' + condition);
	}
};
say('ready');
</script>`;

for (const target of targets) describe(`${target}, live queries and the cache in tabs`, () => {
	let site, browser;
	before(async () => {
		site = await new Site().start();
		site.files.set('live.html', PAGE);
		browser = browserOf(target, site);
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});

	it('follow what other tabs change, and outlive the tab that leads', async () => {
		const open = async () => {
			globalThis.db = await tabdis.open({ name: 'live', appendfsync: 'always' });
			return db.store.role;
		};
		const tabs = [];
		for (const role of ['leader', 'follower', 'follower', 'follower', 'follower']) {
			const tab = await browser.open(`${site.url}live.html`, () => {});
			assert.equal(await tab.run(open), role);
			tabs.push(tab);
		}
		const [watcher, writer] = tabs.splice(3);
		await watcher.run(async () => {
			globalThis.errors = [];
			globalThis.cache = db.cache();
			cache.subscribe('n:0', () => undefined);
			await cache.load(['n:0']);
			globalThis.sum = db.live(
				['n:*'],
				async (q) => {
					const keys = await q.call('KEYS', 'n:*');
					return keys.length === 0 ? 0 : (await q.call('MGET', ...keys)).reduce((a, b) => a + Number(b), 0);
				},
				{ next: () => undefined, error: (error) => errors.push(`${error.name} ${error.message}`) },
			);
			await sum.refresh();
		});
		const write = async (times) => {
			for (let i = 0; i < times; i++) {
				await db.call('INCR', `n:${i % 3}`);
			}
		};
		const sees = (total, zero) => until(() => sum.value === total && cache.get('n:0') === String(zero)).then(() => errors);
		await tabs[0].run(write, 6);
		assert.deepEqual(await watcher.run(sees, 6, 2), []);
		await writer.run(write, 6);
		assert.deepEqual(await watcher.run(sees, 12, 4), []);
		// Those that lead go, one after another; what is written meanwhile is seen by who was there before. The last to lead is the watcher's.
		let total = 12;
		for (const how of ['close', 'crash', 'crash']) {
			const written = writer.run(write, 30);
			await tabs.shift()[how]();
			await written;
			total += 30;
			assert.deepEqual(await watcher.run(sees, total, total / 3), [], how);
			await writer.run(write, 3);
			total += 3;
			assert.deepEqual(await watcher.run(sees, total, total / 3), [], how);
		}
		assert.equal(await watcher.run(() => db.store.role), 'leader');
		await watcher.close();
		await writer.close();
	});
});
