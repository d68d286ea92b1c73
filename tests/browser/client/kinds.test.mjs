// What becomes of each kind of session and call when the leader ends: in the tab whose Worker ended, in the one that leads next, and in one that follows.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from './cdp.mjs';
import { Site } from './harness.mjs';

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis kinds</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
globalThis.codes = (calls) => Promise.all(calls.map((call) => call.then((reply) => reply, (e) => e.code)));
globalThis.until = async (condition) => {
	for (const end = Date.now() + 30_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 1))) {
		if (Date.now() > end) throw new Error('it did not come: ' + condition);
	}
};
say('ready');
</script>`;

// The Worker's script: once it leads and is told to, it answers nothing more, and tells how many answers it has kept to itself.
const MUTE = {
	'client/mute.js': "import './mutes.js'; import './worker.js';",
	'client/mutes.js': `const channel = new BroadcastChannel('mute');
let kept, leads;
channel.onmessage = () => leads && channel.postMessage((kept = 0));
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (message, transfer) {
	leads ||= message instanceof Uint8Array;
	if (kept === undefined || !(message instanceof Uint8Array)) post.call(this, message, transfer);
	else channel.postMessage(++kept);
};`,
};

/** Begins everything that a fail-over may break. */
async function begin(options, who) {
	globalThis.db = await tabdis.open(options);
	const sessions = (globalThis.sessions = Object.fromEntries(['watch', 'multi', 'channel', 'tracking', 'state'].map((kind) => [kind, db.session()])));
	globalThis.pushed = [];
	globalThis.restored = [];
	for (const kind of ['channel', 'tracking']) {
		sessions[kind].onPush = ([type]) => pushed.push(type);
		sessions[kind].onRestored = () => restored.push(kind);
	}
	await sessions.watch.call('WATCH', 'w');
	await sessions.multi.call('MULTI');
	await sessions.multi.call('SET', `multi:${who}`, 1);
	await sessions.channel.call('SUBSCRIBE', 'raw');
	await sessions.tracking.call('CLIENT', 'TRACKING', 'ON');
	await sessions.tracking.call('GET', 't');
	await sessions.state.call('SELECT', 5);
	await sessions.state.call('CLIENT', 'SETNAME', who);
	globalThis.news = [];
	await db.subscribe('news', (message) => news.push(message));
	globalThis.popped = codes([db.session().call('BLPOP', `q:${who}`, 0), db.blPop(`q:${who}`, 0)]);
	globalThis.cache = db.cache();
	cache.subscribe('seen', () => undefined);
	await cache.load(['seen']);
	globalThis.live = db.live(['seen'], (q) => q.call('GET', 'seen'), { next: () => undefined, error: (error) => news.push(error.message) });
	await live.refresh();
	pushed.length = 0;
	return db.store.role;
}

/** What has become of it. */
async function look(who) {
	const { watch, multi, state } = sessions;
	await db.call('PING');
	const found = {};
	found.watch = await codes([watch.call('MULTI'), watch.call('SET', `watch:${who}`, 1), watch.call('EXEC')]);
	found.multi = await codes([multi.call('SET', `multi:${who}`, 2), multi.call('EXEC')]);
	found.usable = await codes([watch.call('PING'), multi.call('PING')]);
	found.ran = await db.call('EXISTS', `watch:${who}`, `multi:${who}`);
	found.state = [state.database, await state.call('CLIENT', 'GETNAME')];
	await until(() => restored.length >= 2);
	found.restored = restored.sort();
	return found;
}

describe('Chromium, each kind over a fail-over', () => {
	let site, browser;
	before(async () => {
		site = await new Site().start();
		site.files.set('kinds.html', PAGE);
		Object.entries(MUTE).forEach(([path, text]) => site.files.set(path, text));
		browser = new Chromium();
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});
	const tab = () => browser.open(`${site.url}kinds.html`, () => {});
	const freeze = (tab, state) => browser.call('Page.setWebLifecycleState', { state }, tab.session);
	const led = () => (db.store.role === 'leader' ? true : new Promise((resolve) => db.on('leader', () => resolve(true))));

	it('sessions: WATCH and MULTI end with an error, database and name stay, what listeners, cache and live queries hear of goes on', async () => {
		const options = { name: 'kinds', backend: 'opfs' };
		const tabs = { ended: await tab(), leads: await tab(), follows: await tab() };
		const each = (fn, ...args) => Promise.all(Object.entries(tabs).map(([who, tab]) => tab.run(fn, ...args, who)));
		assert.equal(await tabs.ended.run(begin, options, 'ended'), 'leader');
		assert.equal(await tabs.leads.run(begin, options, 'leads'), 'follower');
		assert.equal(await tabs.follows.run(begin, options, 'follows'), 'follower');
		await freeze(tabs.ended, 'frozen');
		await tabs.leads.run(led);
		await freeze(tabs.ended, 'active');
		await tabs.ended.run(() => until(() => db.store.role === 'follower'));

		const found = {
			watch: ['EXECABORT', 'EXECABORT', 'EXECABORT'],
			multi: ['EXECABORT', 'EXECABORT'],
			usable: ['PONG', 'PONG'],
			ran: 0,
			restored: ['channel', 'tracking'],
		};
		for (const [who, tab] of Object.entries(tabs)) {
			assert.deepEqual(await tab.run(look, who), { ...found, state: [5, who] }, who);
		}

		// A wait of the Worker that ended is over; the others go on, and take one each.
		for (const who of ['leads', 'follows']) {
			await tabs.ended.run((who) => db.call('RPUSH', `q:${who}`, 'one', 'two'), who);
			assert.deepEqual(await tabs[who].run(async () => (await popped).map((reply) => reply.element ?? reply[1]).sort()), ['one', 'two'], who);
		}
		assert.deepEqual(await tabs.ended.run(() => popped), ['UNKNOWN', 'UNKNOWN']);
		assert.equal(await tabs.leads.run(() => db.call('EXISTS', 'q:leads', 'q:follows')), 0);

		// Raw subscriptions and tracking are gone, as onRestored has told; what was made with listeners is there again.
		await tabs.follows.run(async () => {
			while ((await db.call('PUBSUB', 'NUMSUB', 'news'))[1] !== 3) await new Promise((resolve) => setTimeout(resolve, 5));
			await db.call('PUBLISH', 'raw', 'x');
			await db.call('SET', 't', 1);
			await db.call('PUBLISH', 'news', 'hello');
			await db.call('SET', 'seen', 'later');
		});
		await each(() => until(() => news.length > 0 && cache.get('seen') === 'later' && live.value === 'later'));
		assert.deepEqual(await each(() => [news, pushed]), Array(3).fill([['hello'], []]));
		for (const tab of Object.values(tabs)) await tab.close();
	});

	it('calls under way: those with an effect get their reply or hear that it is lost, reads run again, of what is in no log nobody knows', async () => {
		const options = { name: 'under-way', backend: 'opfs', workerUrl: './client/mute.js' };
		const [first, second] = [await tab(), await tab()];
		const open = async (options) => {
			globalThis.db = await tabdis.open(options);
			globalThis.sessions = Array.from({ length: 8 }, () => db.session());
			await Promise.all(sessions.map((session) => session.call('PING')));
			return db.store.role;
		};
		assert.equal(await first.run(open, options), 'leader');
		assert.equal(await second.run(open, options), 'follower');
		await second.run(() => db.call('SET', 'large', 'x'.repeat(100)));
		// All are executed, and none is answered.
		const call = async (who) => {
			const channel = new BroadcastChannel('mute');
			const kept = (count) => new Promise((resolve) => (channel.onmessage = ({ data }) => data === count && resolve()));
			channel.postMessage('be still');
			await kept(0);
			const all = kept(sessions.length);
			const [incr, lost, read, publish, multi, select, behind, pop] = sessions;
			globalThis.outcomes = codes([
				incr.call('INCR', `n:${who}`),
				lost.call('GETSET', `large`, who),
				read.call('GET', 'no such key'),
				publish.call('PUBLISH', 'channel', 'message'),
				Promise.all([multi.call('MULTI'), multi.call('INCR', `m:${who}`), multi.call('EXEC')]),
				select.call('SELECT', 3),
				behind.call('GET', 'no such key'),
				behind.call('INCR', `b:${who}`),
				pop.call('LPUSH', `list:${who}`, 'a', 'b'),
			]);
			await all;
		};
		await second.run(call, 'second');
		await first.run(() => {
			globalThis.outcomes = codes([sessions[0].call('INCR', 'n:first'), sessions[1].call('GET', 'k'), sessions[2].call('PUBLISH', 'channel', 'message')]);
		});
		await freeze(first, 'frozen');
		await second.run(led);
		assert.deepEqual(await second.run(() => outcomes), [1, 'REPLYLOST', null, 'UNKNOWN', ['OK', 'QUEUED', [1]], 'OK', 'NOEFFECT', 1, 2]);
		assert.equal(await second.run(() => sessions[5].database), 3);
		assert.deepEqual(await second.run(() => db.call('MGET', 'n:second', 'm:second', 'b:second', 'large')), ['1', '1', '1', 'second']);
		assert.equal(await second.run(() => db.call('LLEN', 'list:second')), 2);
		await freeze(first, 'active');
		assert.deepEqual(await first.run(() => outcomes), ['UNKNOWN', 'UNKNOWN', 'UNKNOWN'], 'what its own Worker was asked');
		assert.ok([null, '1'].includes(await first.run(() => db.call('GET', 'n:first'))));
		for (const tab of [first, second]) await tab.close();
	});
});
