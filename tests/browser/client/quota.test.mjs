// A real Chromium without room: its quota is made small, the store filled, and the room comes back. With TABDIS_QUOTA=all over IndexedDB too,
// of which Chromium lets through many times its quota before it looks.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Chromium } from './cdp.mjs';
import { Site } from './harness.mjs';

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis quota</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
say('ready');
</script>`;

const MB = 1 << 20;

describe('Chromium without room', () => {
	let site, browser;
	before(async () => {
		site = await new Site().start();
		site.files.set('quota.html', PAGE);
	});
	beforeEach(() => (browser = new Chromium())); // it counts what the stores before have left for as long as it likes
	afterEach(() => browser.dispose());
	after(() => site.stop());
	const open = async (name, backend) => {
		const tab = await browser.open(`${site.url}quota.html`, () => {});
		await tab.run(
			async (name, backend) => {
				globalThis.lines = [];
				globalThis.db = await tabdis.open({ name, backend, appendfsync: 'always', onLog: (level, line) => lines.push(line) });
				// What the command is answered: a reply, or the code and the text of an error.
				globalThis.state = async () => (await db.call('INFO', 'persistence')).match(/aof_(state|error|ballast|space_free|current_size|base_size):.*/g).join(' ');
				globalThis.ask = (...words) => db.call(...words).catch((e) => `${e.code} ${e.message}`);
				// Until it is accepted, for half a minute.
				globalThis.until = async (...words) => {
					let reply;
					for (const end = Date.now() + 30_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
						reply = await ask(...words);
						if (!/^(MISCONF|NOTDURABLE) /.test(reply)) {
							return reply;
						}
					}
					throw new Error(`${words[0]}: ${reply}\n${await state()}\n${lines.join('\n')}`);
				};
				// Writes until it is refused: what was acknowledged, and the first refusals.
				const random = new Uint8Array(192 << 10); // which nothing compresses
				for (let at = 0; at < random.length; at += 65536) {
					crypto.getRandomValues(random.subarray(at, at + 65536));
				}
				const text = btoa(Array.from(random, (byte) => String.fromCharCode(byte)).join('')); // 256 KiB
				globalThis.fill = async () => {
					const kept = [];
					for (let n = 0; n < 2000; n++) {
						const reply = await ask('SET', `k${n}`, `${n}:${text.slice(n)}${text.slice(0, n)}`);
						if (reply !== 'OK') {
							return { kept, refusals: [reply, await ask('SET', 'more', 'x'), await ask('SET', 'more', 'x')] };
						}
						kept.push(n);
					}
					throw new Error('nothing is refused');
				};
				// Deletes one after the other until that is acknowledged; how many were.
				globalThis.free = async () => {
					for (let n = 0, end = Date.now() + 30_000; ; ) {
						const reply = await ask('DEL', `k${n}`);
						if (typeof reply === 'number') {
							return n + reply;
						}
						if (Date.now() > end) {
							throw new Error(`DEL: ${reply}\n${await state()}\n${lines.join('\n')}`);
						}
						n += reply.startsWith('NOTDURABLE ') ? 1 : 0;
						await new Promise((resolve) => setTimeout(resolve, 100));
					}
				};
				globalThis.missing = async (kept) => {
					const gone = [];
					for (const n of kept) {
						if (!(await db.call('GET', `k${n}`))?.startsWith(`${n}:`)) {
							gone.push(n);
						}
					}
					return gone;
				};
			},
			name,
			backend,
		);
		return tab;
	};

	for (const backend of process.env.TABDIS_QUOTA === 'all' ? ['opfs', 'idb'] : ['opfs']) {
		it(`${backend}: refuses with the figures, frees room, recovers by itself; nothing acknowledged is lost`, async (t) => {
			const quota = (size) => browser.call('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin, ...(size && { quotaSize: size }) }, tab.session);
			let tab = await open(`quota-${backend}`, backend);
			const used = (await tab.run(() => navigator.storage.estimate())).usage;
			await quota(used + 12 * MB);
			const { kept, refusals } = await tab.run(() => fill());
			t.diagnostic(`${backend}: ${kept.length} values of 256 KiB in 12 MiB; then: ${refusals[0]}`);
			assert.ok(kept.length >= 10, `only ${kept.length} were accepted`);
			assert.match(refusals[0], /^(NOTDURABLE|MISCONF) /);
			assert.match(refusals[2], /^MISCONF .*[Ee]rrors writing to the AOF file: .*the log has [0-9.]+M/);
			assert.deepEqual(await tab.run((kept) => missing(kept), kept), [], 'reads go on');
			if (backend === 'opfs') { // a LevelDB frees the room of what was deleted when it likes
				const deleted = await tab.run(() => free());
				t.diagnostic(`${backend}: ${deleted} deleted until one was acknowledged; ${await tab.run(() => state())}`);
				kept.splice(0, deleted);
			}
			await browser.kill();

			tab = await open(`quota-${backend}`, backend);
			await quota(used + 12 * MB);
			assert.deepEqual(await tab.run((kept) => missing(kept), kept), [], 'after the tab was killed');
			assert.equal(await tab.run(() => until('FLUSHALL')), 'OK');
			assert.equal(await tab.run(() => until('SET', 'after', 'flush')), 'OK', 'the log is rewritten by itself');

			let again = await tab.run(() => fill());
			t.diagnostic(`${backend}: ${again.kept.length} values after a FLUSHALL`);
			assert.ok(again.kept.length >= 10, `only ${again.kept.length} were accepted`);
			if (backend === 'opfs') { // what a file has grown to while it was open comes back, too
				assert.equal(await tab.run(() => until('FLUSHALL')), 'OK');
				assert.equal(await tab.run(() => until('SET', 'after', 'flush')), 'OK');
				const before = again.kept.length;
				again = await tab.run(() => fill());
				t.diagnostic(`${backend}: ${again.kept.length} values after another one`);
				assert.ok(again.kept.length > before / 2, `only ${again.kept.length} were accepted, of ${before} before`);
			}
			await quota();
			assert.equal(await tab.run(() => until('SET', 'room', 'is back')), 'OK');
			await browser.kill();
			tab = await open(`quota-${backend}`, backend);
			assert.deepEqual(await tab.run((kept) => missing(kept), again.kept), []);
			assert.equal(await tab.run(() => db.call('GET', 'room')), 'is back');
			await tab.run(() => db.close());
			await tab.close();
		});
	}
});
