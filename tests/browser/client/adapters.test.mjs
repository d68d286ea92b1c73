// Other Redis clients in real pages, over a store: ioredis, @upstash/redis and node-redis, bundled with the usual polyfills.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bundleForPage, clients } from '../../../jsbridge/client/test/adapters/bundle.mjs';
import { Browser, Site } from './harness.mjs';
import { targets } from './targets.mjs';

for (const target of targets) {
	describe(`${target}, other clients`, () => {
		let site, browser, page;
		before(async () => {
			site = await new Site().start();
			browser = new Browser(target, site);
			page = browser.start();
		});
		after(async () => {
			await browser.dispose();
			site.stop();
		});

		for (const [i, client] of clients.entries()) {
			it(client.name, async () => {
				site.files.set(`client-${i}.js`, await bundleForPage(client, 'esm'));
				const sessions = await page.run(
					async ({ open }, i) => {
						const db = await open({ name: 'clients' });
						try {
							const { default: use } = await import(`./client-${i}.js`);
							await use(db);
							// Each session's end comes on a port of its own.
							let left;
							for (let tries = 0; left !== 1 && tries < 1000; tries++) {
								left = (await db.call('CLIENT', 'LIST')).trim().split('\n').length;
							}
							return left;
						} finally {
							await db.close();
						}
					},
					i,
				);
				assert.equal(sessions, 1, 'sessions that are left: that of the database');
			});
		}
	});
}
