// What each browser has: which backends a suite runs over, and what a test may ask for.
import { describe, it } from 'node:test';

/** By target: its backends, first the one that `auto` takes, and why not the others; whether its pages have navigator.storage. */
const TARGETS = {
	chromium: { backends: ['opfs', 'idb'], hasStorage: true, flags: ['--disable-popup-blocking'] },
	firefox: { backends: ['opfs', 'idb'], hasStorage: true, flags: [] },
	webkit: { backends: ['idb'], lacks: { opfs: 'WebKitGTK has no OPFS' }, hasStorage: false, flags: [] },
};

/** Why a test of exports to directories, or of imports from them, is not run. */
export const NO_DIRECTORIES = 'WebKitGTK has no handles of directories';

/** The targets of this run: those of TABDIS_BROWSERS, by default these. */
export const targets = (process.env.TABDIS_BROWSERS ?? 'chromium,firefox').split(',');

export function targetOf(name) {
	if (TARGETS[name] === undefined) {
		throw new Error(`TABDIS_BROWSERS=${name}: known are ${Object.keys(TARGETS).join(', ')}`);
	}
	return TARGETS[name];
}

/** Describes a suite for a target over each of these backends that it has; of the others it is told why not. */
export function overBackends(target, backends, suite, what = '') {
	const { backends: own, lacks } = targetOf(target);
	for (const backend of backends) {
		describe(`${target}, ${backend}${what}`, () => {
			if (own.includes(backend)) {
				suite(target, backend);
			} else {
				it('runs', { skip: lacks[backend] }, () => {});
			}
		});
	}
}
