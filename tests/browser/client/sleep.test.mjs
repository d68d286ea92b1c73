// Pages that sleep: in the back/forward cache after a real navigation, frozen while they are hidden, or because their process stands still. Others lead
// meanwhile, and whoever wakes goes on, with what it had called settled as the log says.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from './cdp.mjs';
import { Site } from './harness.mjs';

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis sleep</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
globalThis.events = [];
for (const type of ['pagehide', 'pageshow']) addEventListener(type, ({ persisted }) => events.push(type + (persisted ? ' persisted' : '')));
for (const type of ['freeze', 'resume']) document.addEventListener(type, () => events.push(type));
say('ready');
</script>`;

describe('Chromium, pages that sleep', () => {
	let site, browser;
	before(async () => {
		site = await new Site().start();
		site.files.set('ports.html', PAGE);
		site.files.set('channels.html', PAGE.replace('import *', 'delete globalThis.SharedWorker;\nimport *'));
		site.files.set('elsewhere.html', '<!doctype html><title>elsewhere</title>');
		browser = new Chromium();
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});

	const tab = async (page, options) => {
		const tab = await browser.open(`${site.url}${page}`, () => {});
		await tab.run(async (options) => {
			globalThis.db = await tabdis.open(options);
			globalThis.outcome = (call) => call.then((reply) => reply, (e) => e.code);
		}, options);
		return tab;
	};
	const role = (tab) => tab.run(() => db.store.role);
	const led = (tab) => tab.run(() => (db.store.role === 'leader' ? true : new Promise((resolve) => db.on('leader', () => resolve(true)))));
	const heard = (tab) => tab.run(() => globalThis.events);
	const end = async (...tabs) => {
		for (const tab of tabs) {
			await tab.close();
		}
	};
	const until = async (done) => {
		for (const end = Date.now() + 60_000; !(await done()); ) {
			assert.ok(Date.now() < end, `it never comes: ${done}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	};

	// By the history, as a user does. The navigation has come about when the page says where it is.
	const at = (tab, path) => until(() => tab.run((path) => location.pathname === path && document.readyState === 'complete', path).catch(() => false));
	const leave = async (tab) => {
		await browser.call('Page.navigate', { url: `${site.url}elsewhere.html` }, tab.session);
		await at(tab, '/elsewhere.html');
	};
	const comeBack = async (tab, page) => {
		const { entries, currentIndex } = await browser.call('Page.getNavigationHistory', {}, tab.session);
		await browser.call('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id }, tab.session);
		await at(tab, `/${page}`);
		await until(() => tab.run(() => globalThis.events?.length > 0 && globalThis.tabdis !== undefined));
	};
	const freeze = (tab, state) => browser.call('Page.setWebLifecycleState', { state }, tab.session);

	for (const [backend, page] of [['opfs', 'ports.html'], ['idb', 'channels.html']]) {
		const named = (what) => ({ name: `${what}-${page.split('.')[0]}`, backend });
		const about = `${backend}, ${page.split('.')[0]}`;

		it(`out of the back/forward cache it leads again, if it was alone (${about})`, async () => {
			const only = await tab(page, named('alone'));
			assert.equal(await only.run(() => db.call('INCR', 'n')), 1);
			await only.run(() => void (globalThis.popped = outcome(db.call('BLPOP', 'q', 0))));
			await leave(only);
			await comeBack(only, page);
			assert.ok((await heard(only)).includes('pageshow persisted'), 'Chromium has kept the page');
			assert.equal(await only.run(() => popped), 'UNKNOWN', 'it had called its own Worker, which is gone');
			assert.equal(await only.run(() => db.call('INCR', 'n')), 2);
			assert.equal(await role(only), 'leader');
			await end(only);
		});

		it(`out of the back/forward cache it follows whoever has opened the store meanwhile (${about})`, async () => {
			const first = await tab(page, named('meanwhile'));
			assert.equal(await first.run(() => db.call('INCR', 'n')), 1);
			await leave(first);
			const second = await tab(page, named('meanwhile'));
			assert.equal(await role(second), 'leader');
			assert.equal(await second.run(() => db.call('INCR', 'n')), 2);
			await comeBack(first, page);
			assert.ok((await heard(first)).includes('pageshow persisted'), 'Chromium has kept the page');
			assert.equal(await first.run(() => db.call('INCR', 'n')), 3);
			assert.equal(await role(first), 'follower');
			await end(first, second);
		});

		it(`a follower out of the back/forward cache hears what was popped for it (${about})`, async () => {
			const first = await tab(page, named('away'));
			const second = await tab(page, named('away'));
			await second.run(async () => {
				globalThis.popped = outcome(db.call('BLPOP', 'q', 0));
				await db.session().call('INCR', 'n');
			});
			await leave(second);
			await first.run(() => db.call('RPUSH', 'q', 'one', 'two'));
			await comeBack(second, page);
			assert.ok((await heard(second)).includes('pageshow persisted'), 'Chromium has kept the page');
			assert.deepEqual(await second.run(() => popped), ['q', 'one']);
			assert.equal(await second.run(() => db.call('INCR', 'n')), 2);
			assert.deepEqual(await first.run(() => db.call('LRANGE', 'q', 0, -1)), ['two']);
			await end(first, second);
		});

		// The lock of its Worker, for which others wait, makes Chromium give the page up. If another version should keep it, it follows.
		it(`another leads at once when a leader leaves, and it comes back as a follower (${about})`, async (t) => {
			const first = await tab(page, named('leaves'));
			const second = await tab(page, named('leaves'));
			await second.run(() => {
				globalThis.counting = true;
				globalThis.counted = (async () => {
					let n = 0;
					while (counting) n = await db.call('INCR', 'n');
					return n;
				})();
			});
			await first.run(() => db.call('SET', 'k', 'acknowledged'));
			await leave(first);
			await led(second);
			await second.run(() => db.call('PING'));
			const n = await second.run(() => ((counting = false), counted));
			assert.deepEqual(await second.run(() => Promise.all([db.call('GET', 'n'), db.call('GET', 'k')])), [String(n), 'acknowledged']);
			await comeBack(first, page);
			const kept = (await heard(first)).includes('pageshow persisted');
			const why = await first.run(() => performance.getEntriesByType('navigation')[0].notRestoredReasons?.reasons.map(({ reason }) => reason));
			t.diagnostic(kept ? 'the page was kept' : `the page was loaded anew: ${why}`);
			if (!kept) {
				assert.deepEqual(why, ['weblocks-contention']);
				await first.run(async (options) => void (globalThis.db = await tabdis.open(options)), named('leaves'));
			}
			assert.equal(await first.run(() => db.call('INCR', 'n')), n + 1);
			assert.equal(await role(first), 'follower');
			await end(first, second);
		});

		it(`another leads while a hidden leader is frozen, which follows when it wakes (${about})`, async () => {
			const first = await tab(page, named('frozen'));
			const second = await tab(page, named('frozen'));
			assert.deepEqual([await first.run(() => document.visibilityState), await second.run(() => document.visibilityState)], ['hidden', 'visible']);
			await first.run(() => void (globalThis.popped = outcome(db.call('BLPOP', 'q', 0))));
			await freeze(first, 'frozen');
			await led(second); // the page hears of its freeze a moment later
			assert.equal(await second.run(() => db.call('INCR', 'n')), 1);
			await freeze(first, 'active');
			assert.equal(await first.run(() => db.call('INCR', 'n')), 2);
			assert.equal(await role(first), 'follower');
			assert.equal(await first.run(() => popped), 'UNKNOWN');
			assert.deepEqual(await heard(first), ['pageshow', 'freeze', 'resume']);
			await end(first, second);
		});

		it(`a hidden follower that was frozen goes on with another leader (${about})`, async () => {
			const first = await tab(page, named('frozen-follower'));
			const second = await tab(page, named('frozen-follower'));
			const third = await tab(page, named('frozen-follower'));
			assert.equal(await second.run(() => document.visibilityState), 'hidden');
			await second.run(async () => {
				globalThis.popped = outcome(db.call('BLPOP', 'q', 0));
				globalThis.waits = outcome(db.session().call('BLPOP', 'never', 'later', 0));
				await db.session().call('INCR', 'n');
			});
			await freeze(second, 'frozen');
			await first.run(() => db.call('RPUSH', 'q', 'one', 'two')); // for a session that is asleep, and told when it wakes
			await first.crash();
			await led(third);
			assert.equal(await third.run(() => db.call('INCR', 'n')), 2);
			await freeze(second, 'active');
			assert.deepEqual(await second.run(() => popped), ['q', 'one']);
			assert.equal(await second.run(() => db.call('INCR', 'n')), 3);
			await third.run(() => db.call('RPUSH', 'later', 'three'));
			assert.deepEqual(await second.run(() => waits), ['later', 'three']);
			assert.deepEqual(await third.run(() => db.call('LRANGE', 'q', 0, -1)), ['two']);
			assert.deepEqual(await heard(second), ['pageshow', 'freeze', 'resume']);
			await end(second, third);
		});
	}

	it('waits for a process that stands still where it comes next, or tells so, as it was asked', async () => {
		const options = { name: 'next-stands-still', backend: 'opfs' };
		const first = await tab('ports.html', options);
		const second = await tab('ports.html', options);
		await second.findRenderer();
		const third = await tab('ports.html', { ...options, unresponsive: 3000 });
		const fourth = await tab('ports.html', options);
		await third.run(() => db.call('SET', 'n', 10));
		second.stop();
		await first.close();
		await fourth.run(() => void (globalThis.waits = outcome(db.call('INCR', 'n'))));
		assert.equal(await third.run(() => db.call('INCR', 'n').catch((e) => `${e.name} ${e.code}`)), 'LeaderUnresponsiveError UNRESPONSIVE');
		second.continue();
		const n = await fourth.run(() => waits);
		assert.equal(n, 11, 'what was given up was never sent');
		assert.equal(await second.run(() => db.call('INCR', 'n')), 12);
		await until(() => third.run(() => outcome(db.call('PING')).then((reply) => reply === 'PONG')));
		assert.equal(await third.run(() => db.call('INCR', 'n')), 13);
		await end(second, third, fourth);
	});
});
