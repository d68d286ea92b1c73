// How each browser is started: headless, on the given profile, with nothing that calls home.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The first of these that is installed, or what the variable names. */
export function find(variable, candidates) {
	const program = process.env[variable] ?? candidates.find(existsSync);
	if (program === undefined) {
		throw new Error(`none of ${candidates.join(', ')} is installed; set ${variable}`);
	}
	return program;
}

const FIREFOX_PREFS = {
	'app.normandy.enabled': false,
	'app.update.enabled': false,
	'browser.shell.checkDefaultBrowser': false,
	'datareporting.policy.dataSubmissionEnabled': false,
	'dom.disable_open_during_load': false,
	'dom.allow_scripts_to_close_windows': true,
	'dom.ipc.processCount': 1,
	'dom.ipc.processCount.webIsolated': 8, // tabs of one site have processes of their own
	'dom.min_background_timeout_value': 4, // tabs are in the background but for one
	'extensions.update.enabled': false,
	'network.captive-portal-service.enabled': false,
	'network.connectivity-service.enabled': false,
	'services.settings.server': 'data:,',
	'toolkit.telemetry.enabled': false,
};

/** By target: (profile, url) → {program, args}. */
export const browsers = {
	chromium: (profile, url) => ({
		program: find('CHROMIUM', ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']),
		args: [
			'--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
			'--disable-dev-shm-usage', '--no-first-run', '--disable-sync', `--user-data-dir=${profile}`, url,
		],
	}),
	firefox: (profile, url) => {
		const lines = Object.entries(FIREFOX_PREFS).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
		writeFileSync(join(profile, 'user.js'), lines.join(''));
		return {
			program: find('FIREFOX', ['/usr/bin/firefox-esr', '/usr/bin/firefox']),
			args: ['--headless', '--no-remote', '--profile', profile, url],
		};
	},
	webkit: (profile, url) => ({
		program: process.execPath,
		args: [fileURLToPath(new URL('minibrowser.mjs', import.meta.url)), profile, url],
	}),
};
