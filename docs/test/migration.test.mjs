// Runs the code of migration.md: a fake IndexedDB and localStorage, a real redis-server, and tabdis in Node in place of a page.
// A line `expression; // value` must give that value.
import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as keyval from 'idb-keyval';
import * as redis from 'redis';
import { RedisServer } from '../../tests/package/redis.mjs';

const node = await import(process.env.TABDIS_NODE ?? '../../jsbridge/client/dist/node.js');
const page = readFileSync(new URL('../migration.md', import.meta.url), 'utf8');
const root = mkdtempSync(join(tmpdir(), 'tabdis-migration-'));
const AsyncFunction = (async () => {}).constructor;

let server;
before(async () => {
	server = await RedisServer.start();
	Object.defineProperty(globalThis, 'localStorage', { value: fakeStorage() });
});
after(async () => {
	await server.stop();
	rmSync(root, { recursive: true });
});

// A store of a page is a directory here.
const dir = ({ name, ...options }) => ({ ...options, dir: join(root, name) });
const modules = {
	tabdis: { ...node, open: (options) => node.open(dir(options)) },
	'tabdis/client': { createClient: (options) => node.createClient(dir(options)) },
	'idb-keyval': keyval,
	redis: { createClient: () => redis.createClient({ url: `redis://127.0.0.1:${server.port}` }) },
};

/** A Storage: its items are its own enumerable properties. */
function fakeStorage() {
	const methods = {
		getItem(key) {
			return this[key] ?? null;
		},
		setItem(key, value) {
			this[key] = String(value);
		},
	};
	return Object.create(methods);
}

/** The block as the body of a function, and how many values it claims. */
function compile(code) {
	let values = 0;
	const body = code
		.replace(/^import (\{[^}]*\}) from ("[^"]*");$/gm, 'const $1 = modules[$2];')
		.replace(/^(.+); \/\/ (.+)$/gm, (_, expression, value) => {
			values++;
			return `assert.deepEqual(${expression}, ${value}, ${JSON.stringify(expression)});`;
		});
	assert.doesNotMatch(body, /^import/m, 'an import that this test does not understand');
	return { run: new AsyncFunction('modules', 'assert', body), values };
}

describe('the code of the migration page', () => {
	const blocks = page.split(/^```/m).filter((part) => part.startsWith('js\n'));
	assert.ok(blocks.length >= 8, `${blocks.length} blocks`);
	for (const [i, block] of blocks.entries()) {
		const { run, values } = compile(block.slice('js\n'.length));
		it(`block ${i + 1} gives its ${values} values`, async () => {
			assert.ok(values > 0, 'a block that claims nothing');
			await run(modules, assert);
		});
	}
});
