// What a visitor downloads.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzipSync } from 'node:zlib';
import { DIST } from './harness.mjs';

const KIB = 1024;

const compressed = (name) =>
	promisify(brotliCompress)(readFileSync(DIST + name), {
		params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
	});

// Of the engine's, 564 KiB are an empty Go program with the fmt that safejs brings. It has 1,464, and a hundredth to spare. 58 of them came with
// what a log is worth having for: bases and logs with RDB data, the history, what happens on a full disk (figures, ballast, orphans), and an
// IndexedDB that is read again when its connection or a transaction is lost.
// 18 more are what an open store does beside its sessions: exports, and looks at its log while it is written. What works on stores that are not open
// is in a module of its own, the engine with 91 KiB more.
for (const [name, budget] of [
	['tabdis.wasm', 1500 * KIB],
	['tabdis-tools.wasm', 1600 * KIB],
	['worker.js', 10 * KIB],
]) {
	const small = compressed(name); // all at once: it takes long
	it(`${name} is within its budget in brotli`, async (t) => {
		const size = (await small).length;
		t.diagnostic(`${name}: ${(size / KIB).toFixed(1)} of ${budget / KIB} KiB`);
		assert.ok(size <= budget, `${size} bytes`);
	});
}

/** A module and all that it imports. */
function withImports(name, seen = new Set()) {
	if (!seen.has(name)) {
		seen.add(name);
		for (const [, imported] of readFileSync(DIST + name, 'utf8').matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
			withImports(imported, seen);
		}
	}
	return seen;
}

it('the client, with all that it imports, is within its budget in gzip', (t) => {
	const names = [...withImports('index.js')];
	const size = names.reduce((sum, name) => sum + gzipSync(readFileSync(DIST + name), { level: 9 }).length, 0);
	t.diagnostic(`${names.join(', ')}: ${(size / KIB).toFixed(1)} of 25 KiB`);
	assert.ok(names.length > 1, 'it has parts that other entry points share');
	assert.ok(size <= 25 * KIB, `${size} bytes`);
});
