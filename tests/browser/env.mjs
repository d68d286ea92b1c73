// wasm_exec.js passes arguments and environment through 12,288 bytes: a test gets only what it may need.
import { tmpdir } from 'node:os';

const ALLOWED = /^(TMPDIR|HOME|TZ|GODEBUG|GOGC|GOMEMLIMIT|GOTRACEBACK|TABDIS_\w+)$/;

/** The environment of a test binary. */
export function testEnv() {
	const env = { TMPDIR: tmpdir() };
	for (const [name, value] of Object.entries(process.env)) {
		if (ALLOWED.test(name)) {
			env[name] = value;
		}
	}
	return env;
}
