// The packed package in fresh apps, as its users build them: each is installed, built, served under the strict policy, opened in a real
// Chromium, and opens, sets, closes, opens again and gets.
//
// TABDIS_APPS names them (plain,node: a sample); `make test-apps` runs all.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { App, TARBALL } from './app.mjs';
import { Visitor } from './visitor.mjs';
import { POLICY, Site } from './site.mjs';

const ALL = ['plain', 'vite', 'vite-dev', 'webpack', 'esbuild', 'ssr', 'node'];
const APPS = process.env.TABDIS_APPS === 'all' ? ALL : (process.env.TABDIS_APPS ?? 'plain,node').split(',');

let visitor;
before(() => {
	assert.ok(existsSync(TARBALL), `${TARBALL} is not there: make package`);
	visitor = new Visitor();
});
after(() => visitor.dispose());

/** Visits twice: what the first visit left is there in the second. */
async function visitTwice(url) {
	assert.equal(await visitor.visit(url), 'visit 1');
	assert.equal(await visitor.visit(url), 'visit 2');
	assert.deepEqual(visitor.complaints, []);
}

/** Serves folders of an app while `use` runs. */
async function served(app, folders, use) {
	const site = await Site.start(...folders.map((folder) => join(app.dir, folder)));
	try {
		await use(site);
		assert.deepEqual(site.missing.filter((path) => path !== '/favicon.ico'), []);
	} finally {
		site.stop();
	}
}

const apps = {
	async plain(app) {
		await served(app, ['.'], async (site) => {
			await visitTwice(site.url);
			assert.equal(await visitor.evaluate(() => crossOriginIsolated), false, 'no headers for isolation are needed');
		});
	},
	async vite(app) {
		await app.build();
		await served(app, ['dist'], (site) => visitTwice(site.url));
	},
	async webpack(app) {
		await app.build();
		await served(app, ['dist'], (site) => visitTwice(site.url));
	},
	async esbuild(app) {
		await app.build();
		await served(app, ['dist'], (site) => visitTwice(site.url));
	},
	async ssr(app) {
		await app.build();
		const page = await app.run(process.execPath, 'build/server.js');
		assert.match(page, /<output>opening<\/output>/);
		await served(app, ['dist'], async (site) => {
			site.pages.set('/', page);
			await visitTwice(site.url);
		});
	},
	async node(app) {
		await app.build();
		const first = (await app.run('npm', 'start', '--silent')).split('\n');
		assert.deepEqual(first.slice(0, 2), ['files: visit 1', 'memory: visit null']);
		assert.match(first[2], /^true StoreError: .*tabdis\/node/);
		assert.match(await app.run('npm', 'start', '--silent'), /^files: visit 2\n/);
	},
};

for (const name of APPS) {
	if (name === 'vite-dev') {
		it('is served by Vite while it is being developed, without configuration', async () => {
			const app = new App('vite');
			await app.install();
			const server = await app.serve('vite', '--host', '127.0.0.1', '--port', '0');
			try {
				await visitTwice(server.url);
			} finally {
				server.stop();
			}
		});
	} else {
		it(`works in the app ${name}`, async () => {
			const app = new App(name);
			await app.install();
			await apps[name](app);
		});
	}
}

if (APPS.includes('plain')) {
	describe('the Content-Security-Policy', () => {
		for (const needed of [" 'wasm-unsafe-eval'", "worker-src 'self'", "connect-src 'self'"]) {
			it(`needs ${needed.trim()}, and open() says what is wrong without it`, async (t) => {
				await served(new App('plain'), ['.'], async (site) => {
					site.policy = POLICY.map((directive) => directive.replace(needed, needed.startsWith(' ') ? '' : `${needed.split(' ')[0]} 'none'`));
					await assert.rejects(visitor.visit(site.url), (e) => t.diagnostic(e.message) ?? /StoreError/.test(e.message));
				});
			});
		}
	});
}
