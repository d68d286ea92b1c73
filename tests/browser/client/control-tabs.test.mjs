// Operations beside the sessions, called from a tab that follows: over ports and over BroadcastChannels, and over the end of the tab that leads.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Site } from './harness.mjs';
import { targetOf, targets } from './targets.mjs';
import { browserOf } from './windows.mjs';

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis control</title><script type="module">
import * as tabdis from './client/index.js';
import * as tools from './client/tools.js';
import { lab, openLab } from './client/lab.js';
Object.assign(globalThis, { tabdis, tools, lab, openLab });
say('ready');
</script>`;

for (const target of targets) describe(`${target}, operations of a follower`, () => {
	const [backend] = targetOf(target).backends;
	let site, browser;
	before(async () => {
		site = await new Site().start();
		site.files.set('tabs.html', PAGE);
		site.files.set('bare.html', PAGE.replace("import *", "delete globalThis.SharedWorker;\nimport *"));
		browser = browserOf(target, site);
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});
	const tab = (page) => browser.open(`${site.url}${page}`, () => {});
	const open = async (options) => {
		globalThis.db = await tabdis.open({ config: { 'enable-debug-command': 'yes' }, ...options });
		return db.store.role;
	};

	for (const page of ['tabs.html', 'bare.html']) {
		it(`give what they give to the leader (${page})`, async () => {
			const name = `follower-${page.split('.')[0]}`;
			const [first, second] = [await tab(page), await tab(page)];
			assert.equal(await first.run(open, { name }), 'leader');
			assert.equal(await second.run(open, { name }), 'follower');
			const [same, files, blocks, role] = await second.run(async (name, backend) => {
				await Promise.all(Array.from({ length: 6000 }, (_, i) => db.call('SET', `key${i}`, crypto.randomUUID().repeat(40))));
				const digest = await db.call('DEBUG', 'DIGEST');
				const { readable, writable } = new TransformStream();
				const archive = new Response(readable).blob();
				const { files } = await db.exportTo(writable);
				await tools.importFrom(`${name}-copy`, await archive, { backend });
				const copy = await tabdis.open({ name: `${name}-copy`, backend, config: { 'enable-debug-command': 'yes' } });
				const same = (await copy.call('DEBUG', 'DIGEST')) === digest;
				await copy.close();
				const blocks = [];
				const controller = new AbortController();
				let begins;
				const begun = new Promise((resolve) => (begins = resolve));
				const log = db.log((event) => (begins(), event.type === 'block' && blocks.push(...event.commands)), { signal: controller.signal });
				await begun;
				await db.call('SET', 'seen', 'yes');
				await db.durable();
				controller.abort();
				await log;
				return [same, files.length, blocks, (await db.status()).role];
			}, name, backend);
			assert.deepEqual([same, role], [true, 'follower']);
			assert.ok(files > 3, `${files} files`);
			assert.deepEqual(blocks.find(([command]) => command === 'SET'), ['SET', 'seen', 'yes']);
			await second.run(() => db.close());
			await first.run(() => db.close());
			await first.close();
			await second.close();
		});
	}

	it('end with an error when the leader ends, and work with the next one', async () => {
		const name = 'succession';
		const [first, second] = [await tab('tabs.html'), await tab('tabs.html')];
		assert.equal(await first.run(open, { name }), 'leader');
		assert.equal(await second.run(open, { name }), 'follower');
		await second.run(async () => {
			await Promise.all(Array.from({ length: 6000 }, (_, i) => db.call('SET', `key${i}`, crypto.randomUUID().repeat(40))));
			// It takes nothing once it has begun, so the export goes on until the leader ends.
			await new Promise((begun) => {
				const takesNothing = new WritableStream({ write: () => (begun(), new Promise(() => {})) });
				globalThis.stuck = db.exportTo(takesNothing, { format: 'rdb' }).catch((e) => `${e.name} ${e.code}`);
			});
		});
		await first.close();
		const [stuck, files] = await second.run(async () => {
			const stuck = await globalThis.stuck;
			const { readable, writable } = new TransformStream();
			const archive = new Response(readable).blob();
			const { files } = await db.exportTo(writable);
			await archive;
			await db.durable();
			await db.close();
			return [stuck, files.length];
		});
		assert.match(stuck, /^StoreError (LEADER|NOLEADER|CLOSED|STOPPED)$/);
		assert.ok(files > 3);
		await second.close();
	});

	it('end with it also when it has nothing more to tell, or ran a rewrite, of which the log keeps no trace', async () => {
		const options = { name: 'unfinished', config: { 'auto-aof-rewrite-percentage': 0 } };
		const [first, second] = [await tab('tabs.html'), await tab('tabs.html')];
		await first.run(async (options) => void (globalThis.db = await openLab(options)), options);
		const role = await second.run(async (options) => {
			globalThis.db = await openLab(options);
			await db.call('SET', 'k', 'v');
			globalThis.ended = [];
			const said = (e) => void ended.push(`${e.name} ${e.code} ${e.message}`);
			db.exportTo(new WritableStream({ start: (c) => void (globalThis.target = c.signal), write: () => new Promise(() => {}) })).catch(said);
			await lab(db).delay(600_000); // the new base is not known to be durable, and never in force
			await new Promise((begun) => db.rewrite({ onProgress: begun }).catch(said));
			await db.call('SET', 'k', 'newer');
			return db.store.role;
		}, options);
		assert.equal(role, 'follower');
		assert.deepEqual(await second.run(() => ended), []);
		await first.close();
		const [ended, aborted, value] = await second.run(async () => {
			while (ended.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
			await db.rewrite();
			const value = await db.call('GET', 'k');
			await db.close();
			return [ended, target.aborted, value];
		});
		assert.deepEqual([aborted, value], [true, 'newer']);
		assert.match(ended[0], /^StoreError LEADER the tab that ran the engine is gone/);
		assert.match(ended[1], /^StoreError LEADER the rewrite was given up with the tab that ran the engine/);
		await second.close();
	});
});
