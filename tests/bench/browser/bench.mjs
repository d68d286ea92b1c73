// The browser of the benchmark, its pages, and what they download.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzipSync } from 'node:zlib';
import { Chromium } from '../../browser/client/cdp.mjs';
import { DIST, Site } from '../../browser/client/harness.mjs';
import { settled } from './rows.mjs';

const BUILT = fileURLToPath(new URL('./dist/', import.meta.url));

const html = (script) => `<!doctype html><meta charset="utf-8"><title>tabdis benchmark</title><script type="module">
${script}
say('ready');
</script>`;

const page = (module) =>
	html(`import * as measure from '/measure.js';
import { open } from '/stores/${module}.js';
globalThis.measure = measure;
globalThis.openStore = open;`);

export class Bench {
	browser = new Chromium();
	site = new Site();

	async start(stores) {
		const { files } = this.site;
		// As a server does that means its files to be used again; else the browser keeps nothing of what it compiles.
		this.site.cached = true;
		this.site.isolated = true;
		for (const name of readdirSync(BUILT, { recursive: true })) {
			if (/\.\w+$/.test(name)) files.set(name, readFileSync(join(BUILT, name)));
		}
		for (const { module } of stores) files.set(`${module}.html`, page(module));
		files.set('empty.html', html(''));
		files.set('engine.html', html("globalThis.tabdis = await import('/client/index.js');"));
		files.set('hand.js', readFileSync(new URL('./hand.js', import.meta.url)));
		files.set('engine.js', readFileSync(`${DIST}bench/engine.js`));
		await this.site.start();
	}

	/** A new tab with this store's page. */
	async tab({ page }) {
		const tab = await this.browser.open(this.site.url + page, () => undefined);
		const run = 'async (name, args) => measure[name](...args)';
		const measure = (name, ...args) =>
			tab.run(run, name, args).catch((error) => {
				throw new Error(`${page}, ${name}(${args.join(', ')}): ${error.message}`);
			});
		return Object.assign(tab, { measure });
	}

	/**
	 * A new tab in which the store is opened by `fn` of measure.mjs, and what that gave. Not every store waits for the files of a tab that
	 * was closed a moment ago: those have the time that they need, and another try.
	 */
	async opened(store, fn, ...args) {
		for (let tries = 0; ; tries++) {
			await sleep(store.rest ?? 0);
			const tab = await this.tab(store);
			try {
				return [tab, await tab.measure(fn, ...args)];
			} catch (error) {
				if (tries === 2) throw error;
				await tab.close();
			}
		}
	}

	/** MB of a page that does nothing. */
	async empty() {
		const tab = await this.tab({ page: 'empty.html' });
		await tab.findRenderer();
		const size = await settled(this, tab);
		await tab.close();
		return size;
	}

	/**
	 * Lets the browser see a store's page for the first time, and work there until it keeps what it has compiled. Gives the files that
	 * this took.
	 */
	async warm(store) {
		this.site.asked.clear();
		for (let visit = 0; visit < 2; visit++) {
			const [tab] = await this.opened(store, 'open', `small-${store.id}`);
			for (const fn of ['sets', 'gets']) await tab.measure(fn, 100, 0);
			await tab.measure('concurrentGets', 3, 0, store.crowd ?? 1000);
			await tab.measure('together', 3, 0);
			if (store.live) await tab.measure('live', 5, 0);
			await sleep(2500); // V8 hands over what it has compiled when it has not compiled for two seconds
			await tab.measure('close');
			await tab.close();
		}
		const harness = ['measure.js', 'favicon.ico'];
		return [...this.site.asked].filter((path) => !harness.includes(path) && !path.endsWith('.html'));
	}

	/** KiB of these files, by row. */
	async download(paths) {
		const all = paths.map((path) => this.site.files.get(path) ?? readFileSync(join(DIST, path.replace(/^client\//, ''))));
		const kib = (sizes) => sizes.reduce((sum, { length }) => sum + length / 1024, 0);
		return {
			download: kib(await Promise.all(all.map(brotli))),
			'download-gzip': kib(all.map((bytes) => gzipSync(bytes, { level: 9 }))),
			'download-plain': kib(all),
		};
	}

	/** What browser this is. */
	async version() {
		return (await this.browser.call('Browser.getVersion')).product;
	}

	/** The wasm whose compiled code the browser keeps in its profile, and how many KiB; it compiles the others each time. */
	compiled() {
		const cache = join(this.browser.profile, 'Default/Code Cache/wasm');
		if (!existsSync(cache)) return [];
		const kept = new Map(); // an entry has the address at its head; a large one is two: a name for the content, and the content
		let unnamed = 0;
		for (const name of readdirSync(cache).filter((name) => name.endsWith('_0'))) {
			const bytes = readFileSync(join(cache, name));
			const [, file] = /([\w.-]+\.wasm)/.exec(bytes.subarray(0, 300).toString('latin1')) ?? [];
			if (file === undefined) unnamed += bytes.length / 1024;
			else kept.set(file, (kept.get(file) ?? 0) + bytes.length / 1024);
		}
		return [...kept, ...(unnamed > 0 ? [['their code', unnamed]] : [])];
	}

	async dispose() {
		await this.browser.dispose();
		this.site.stop();
	}
}

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } };
const compress = promisify(brotliCompress);
const brotli = (bytes) => compress(bytes, BROTLI);
