// The runner must never turn a failure into a success: node --test tests/browser/exec.test.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const trial = join(here, 'testdata/trial');
const dir = mkdtempSync(join(tmpdir(), 'tabdis-exec-'));
const binary = join(dir, 'trial.test');

const run = (target, name, timeout = 30) => {
	const args = [`--target=${target}`, `--timeout=${timeout}`, binary, `-test.run=^${name}$`];
	const env = { ...process.env, TABDIS_TRIAL: 'value', LONG: 'x'.repeat(20_000) };
	return spawnSync(join(here, 'run.sh'), args, { cwd: trial, encoding: 'utf8', env });
};

before(() => {
	execFileSync('go', ['test', '-c', '-o', binary, '.'], { cwd: trial, env: { ...process.env, GOOS: 'js', GOARCH: 'wasm' } });
});
after(() => {
	rmSync(dir, { recursive: true });
	execFileSync(join(here, 'run.sh'), ['stop']);
});

for (const target of ['node', 'chromium', 'firefox']) {
	test(`${target}: output, files and environment`, () => {
		const { status, stdout, stderr } = run(target, 'TestPass');
		assert.match(stdout, /^stdout a line\n/);
		assert.match(stdout, /\nPASS\n$/);
		assert.equal(stderr, 'stderr value\n');
		assert.equal(status, 0);
	});
	test(`${target}: where it runs`, () => {
		assert.match(run(target, 'TestWhere').stdout, new RegExp(`dedicated worker: ${target !== 'node'}`));
	});
	test(`${target}: a failure`, () => {
		const { status, stdout } = run(target, 'TestFail');
		assert.match(stdout, /as it should/);
		assert.equal(status, 1);
	});
	for (const name of ['TestPanic', 'TestPanicInAnEvent']) {
		test(`${target}: ${name}`, () => {
			const { status, stderr, stdout } = run(target, name);
			assert.match(stdout + stderr, /panic: as it should/);
			assert.equal(status, 2);
		});
	}
	test(`${target}: an endless loop`, () => {
		const { status, signal, stderr } = run(target, 'TestEndlessLoop', 1);
		assert.match(stderr, /timeout after 1 s/);
		assert.ok(status === 1 || signal === 'SIGKILL', `${status} ${signal}`);
	});
}

test('a missing binary', () => {
	for (const target of ['node', 'chromium']) {
		const { status } = spawnSync(join(here, 'run.sh'), [`--target=${target}`, join(dir, 'missing')]);
		assert.ok(status > 0, `${target}: ${status}`);
	}
});
