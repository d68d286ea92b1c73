// How tabs find, serve and replace the one that leads: with ports and without, builds that differ, pages that sleep, Workers and processes
// that stand still.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Site } from './harness.mjs';
import { targets } from './targets.mjs';
import { browserOf } from './windows.mjs';

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis tabs</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
say('ready');
</script>`;

for (const target of targets) describe(`${target}, tabs`, () => {
	let site, browser;
	before(async () => {
		site = await new Site().start();
		site.files.set('tabs.html', PAGE);
		site.files.set('bare.html', PAGE.replace("import *", "delete globalThis.SharedWorker;\nimport *"));
		site.files.set('client/other.js', "import './worker.js';"); // another build, as far as its address tells
		browser = browserOf(target, site);
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});
	const tab = (page = 'tabs.html') => browser.open(`${site.url}${page}`, () => {});
	const open = async (options) => {
		globalThis.db = await tabdis.open({ config: { 'enable-debug-command': 'yes' }, ...options });
		return db.store.role;
	};
	const led = () => (db.store.role === 'leader' ? true : new Promise((resolve) => db.on('leader', () => resolve(true))));
	const end = async (...tabs) => {
		for (const tab of tabs) {
			await tab.close();
		}
	};

	for (const [how, pages, options] of [
		['by a broker', ['tabs.html', 'tabs.html'], {}],
		['without SharedWorkers', ['bare.html', 'bare.html'], {}],
		['where only the leader has SharedWorkers', ['tabs.html', 'bare.html'], {}],
		['with builds at other addresses', ['tabs.html', 'tabs.html'], { workerUrl: './client/other.js' }],
	]) {
		it(`link ${how}: large and small values, bytes, sessions, pushes, streams`, async () => {
			const name = `link-${how.replaceAll(' ', '-')}`;
			const [first, second] = [await tab(pages[0]), await tab(pages[1])];
			assert.equal(await first.run(open, { name }), 'leader');
			assert.equal(await second.run(open, { name, ...options }), 'follower');
			const seen = await second.run(async () => {
				const large = 'x'.repeat(3 << 20);
				const all = new Uint8Array(256).map((_, i) => i);
				const calls = Array.from({ length: 5000 }, (_, i) => db.call('RPUSH', 'list', i));
				calls.push(db.call('SET', 'large', large), db.call('SET', all, all));
				const lengths = await Promise.all(calls);
				const back = await db.binary.call('GET', all);
				const listener = db.session();
				const messages = [];
				listener.onPush = (message) => messages.push(message);
				await listener.call('SUBSCRIBE', 'a', 'b');
				const other = db.session();
				await other.call('SELECT', 3);
				await other.call('SET', 'k', 'three');
				const popped = other.call('BLPOP', 'later', 0);
				await db.call('PUBLISH', 'b', 'hello');
				await db.call('RPUSH', 'unrelated', 1);
				await db.session().call('SELECT', 3);
				const waker = db.session();
				await waker.call('SELECT', 3);
				await waker.call('RPUSH', 'later', 'x');
				const stream = db.stream();
				const text = new Promise((resolve) => {
					let all = '';
					stream.onData = (bytes) => (all += new TextDecoder().decode(bytes)).endsWith('+BYE\r\n') && resolve(all);
				});
				stream.write(new TextEncoder().encode('PING\r\nECHO'));
				stream.write(new TextEncoder().encode(' hi\r\n'));
				stream.write(new TextEncoder().encode('*2\r\n$3\r\nGET\r\n$4\r\nnone\r\nEVAL\r\n'));
				setTimeout(() => stream.onData(new TextEncoder().encode('+BYE\r\n')), 100);
				const streamed = await text;
				stream.end();
				// The stream's end comes on a port of its own.
				let clients;
				for (let tries = 0; clients !== 6 && tries < 1000; tries++) clients = (await db.call('CLIENT', 'LIST')).trim().split('\n').length;
				await listener.close();
				return {
					in_order: lengths.slice(0, 5000).every((n, i) => n === i + 1),
					bytes: back.length === 256 && back.every((b, i) => b === i),
					large: (await db.call('GET', 'large')) === large,
					messages,
					popped: await popped,
					none: await db.call('GET', 'k'),
					streamed: streamed.startsWith('+PONG\r\n$2\r\nhi\r\n$-1\r\n-ERR'),
					clients,
				};
			});
			assert.deepEqual(seen, {
				in_order: true, bytes: true, large: true,
				messages: [['subscribe', 'a', 1], ['subscribe', 'b', 2], ['message', 'b', 'hello']],
				popped: ['later', 'x'], none: null, streamed: true, clients: 6,
			});
			assert.equal(await first.run(() => db.call('LLEN', 'list')), 5000);
			await first.close();
			await second.run(led);
			assert.equal(await second.run(() => db.call('LLEN', 'list')), 5000);
			await end(second);
		});
	}

	it('refuses a leader of another protocol, and says what to do', async () => {
		const [first, second] = [await tab(), await tab()];
		await first.run(async () => {
			// As a build of the future would answer.
			navigator.locks.request('tabdis:future:leader', () => new Promise(() => {}));
			const notices = new BroadcastChannel('tabdis:future');
			notices.onmessage = ({ data }) => data.type === 'seek' && notices.postMessage({ type: 'leader', tab: 'f00df00df00d', term: 'x', protocol: 99, backend: 'opfs', broker: '' });
		});
		const refusal = await second.run(() => tabdis.open({ name: 'future' }).then(() => 'opened', (e) => `${e.name} ${e.code} ${e.message}`));
		assert.match(refusal, /^StoreError VERSION .*another build of tabdis.*reload/);
		await end(first, second);
	});

	it('keeps names apart, and memory stores to themselves', async () => {
		const [first, second] = [await tab(), await tab()];
		const write = async (value) => {
			const dbs = await Promise.all([{ name: 'one' }, { name: 'two' }, { name: 'one', backend: 'memory' }].map((o) => tabdis.open(o)));
			await dbs[0].call('SET', 'k', `one ${value}`);
			await dbs[2].call('SET', 'k', `memory ${value}`);
			return Promise.all(dbs.map((db) => db.call('GET', 'k')));
		};
		assert.deepEqual(await first.run(write, 'a'), ['one a', null, 'memory a']);
		assert.deepEqual(await second.run(write, 'b'), ['one b', null, 'memory b']);
		await end(first, second);
	});

	it('is one store for all who open it in a page, until the last one closes', async () => {
		const first = await tab();
		const seen = await first.run(async () => {
			const [a, b] = await Promise.all([tabdis.open({ name: 'twice' }), tabdis.open({ name: 'twice' })]);
			await a.call('SELECT', 1);
			await b.call('SET', 'k', 'in 0');
			const apart = await a.call('GET', 'k');
			await a.close();
			const refused = await a.call('GET', 'k').catch((e) => e.code);
			const value = await b.call('GET', 'k');
			await b.close();
			const again = await tabdis.open({ name: 'twice' });
			return [apart, refused, value, await again.call('GET', 'k'), again.store.load.truncated ?? 'clean'];
		});
		assert.deepEqual(seen, [null, 'CLOSED', 'in 0', 'in 0', 'clean']);
		await end(first);
	});

	it('replaces a Worker that hangs, and settles what it was asked', async () => {
		const [first, second] = [await tab(), await tab()];
		await first.run(open, { name: 'hangs' });
		await second.run(open, { name: 'hangs' });
		await second.run(() => db.call('SET', 'k', 'v'));
		const hung = first.run(() => db.call('DEBUG', 'SLEEP', 600).catch((e) => e.code));
		const value = await second.run(() => db.call('INCR', 'n'));
		assert.equal(value, 1);
		assert.equal(await hung, 'UNKNOWN');
		assert.equal(await first.run(() => db.call('INCR', 'n')), 2);
		await end(first, second);
	});

	it('goes on when the page that leads is frozen', { skip: target !== 'chromium' && 'only Chromium freezes a page when told to' }, async () => {
		const [first, second] = [await tab(), await tab()];
		await first.run(open, { name: 'frozen' });
		await second.run(open, { name: 'frozen' });
		await browser.call('Page.setWebLifecycleState', { state: 'frozen' }, first.session);
		assert.equal(await second.run(() => db.call('INCR', 'n')), 1);
		await browser.call('Page.setWebLifecycleState', { state: 'active' }, first.session);
		assert.equal(await first.run(() => db.call('INCR', 'n')), 2);
		await end(first, second);
	});

	it('waits for a leader whose process stands still, or tells so, as it was asked, and does nothing twice', async () => {
		const first = await tab();
		await first.findRenderer();
		const [second, third] = [await tab(), await tab()];
		await first.run(open, { name: 'stopped' });
		await second.run(open, { name: 'stopped' });
		await third.run(open, { name: 'stopped', unresponsive: 3000 });
		await second.run(() => db.call('SET', 'n', 10));
		await third.run(() => db.call('INCR', 'n'));
		first.stop();
		const waits = second.run(() => db.call('INCR', 'n'));
		const told = await third.run(() => db.call('INCR', 'n').catch((e) => `${e.name} ${e.code}`));
		assert.equal(told, 'LeaderUnresponsiveError UNRESPONSIVE');
		first.continue();
		const n = await waits;
		assert.ok(n === 12 || n === 13, `${n}`);
		assert.equal(await third.run(async () => {
			for (;;) {
				try {
					return await db.call('GET', 'n');
				} catch (e) {
					if (e.code !== 'UNRESPONSIVE') throw e;
					await new Promise((resolve) => setTimeout(resolve, 100));
				}
			}
		}), '13');
		await end(first, second, third);
	});

	it('ends streams, and lets calls that wait be taken back, when another tab leads', async () => {
		const [first, second] = [await tab(), await tab()];
		await first.run(open, { name: 'waits' });
		await second.run(open, { name: 'waits' });
		await second.run(async () => {
			globalThis.stream = db.stream();
			globalThis.ended = new Promise((resolve) => (stream.onEnd = (error) => resolve(error?.message)));
			await new Promise((resolve) => {
				stream.onData = resolve;
				stream.write(new TextEncoder().encode('PING\r\n'));
			});
			globalThis.popped = db.blPop('q', 0).catch((e) => e.code);
			await db.call('PING');
		});
		await first.close();
		assert.match(await second.run(() => ended), /^the engine is gone/);
		await second.run(led);
		const other = await second.run(async () => {
			const other = await tabdis.open({ name: 'waits' });
			globalThis.other = other;
			await db.close();
			return popped;
		});
		assert.equal(other, 'CLOSED');
		const late = await second.run(() => db.session().call('PING').catch((e) => e.code));
		assert.equal(late, 'CLOSED');
		assert.equal(await second.run(() => other.call('PING')), 'PONG');
		await end(second);
	});

	it('closes cleanly while others go on asking', async () => {
		const [first, second] = [await tab(), await tab()];
		await first.run(open, { name: 'asked', appendfsync: 'always' });
		await second.run(open, { name: 'asked' });
		await second.run(() => {
			globalThis.asking = (async () => {
				let n = 0;
				for (let i = 0; i < 200; i++) {
					const session = db.session();
					n = await session.call('INCR', 'n');
					await session.close();
				}
				return n;
			})();
		});
		assert.equal(await first.run(() => db.close().then(() => 'clean', (e) => `${e.code} ${e.message}`)), 'clean');
		assert.equal(await second.run(() => asking), 200);
		assert.equal(await second.run(() => db.store.load.truncated ?? 'clean'), 'clean');
		await end(first, second);
	});

	it('forgets what a tab was answered when that tab is gone', async () => {
		const [first, second] = [await tab(), await tab()];
		await first.run(open, { name: 'forgets' });
		await second.run(open, { name: 'forgets' });
		await second.run(() => db.call('INCR', 'n'));
		await second.close();
		const left = await first.run(async () => {
			for (;;) {
				const clients = (await db.call('CLIENT', 'LIST')).trim().split('\n').length;
				if (clients === 1) return clients;
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		});
		assert.equal(left, 1);
		await end(first);
	});
});
