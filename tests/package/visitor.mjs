// Somebody who visits an app in Chromium and reads what its page says.
import { setTimeout as sleep } from 'node:timers/promises';
import { Chromium } from '../browser/client/cdp.mjs';

/** How long a page may take to say something, in ms. */
const PATIENCE = 60_000;

// Runs in the page before its own scripts.
const listen = () => {
	const text = (error) => String(error?.message ? `${error.name}: ${error.message}` : error);
	addEventListener('error', (event) => event.message && globalThis.say({ error: event.message }));
	addEventListener('unhandledrejection', (event) => globalThis.say({ error: text(event.reason) }));
	addEventListener('securitypolicyviolation', (event) => globalThis.say({ blocked: `${event.effectiveDirective} ${event.blockedURI}` }));
};

export class Visitor {
	/** What the policy has refused. */
	complaints = [];
	#browser = new Chromium();
	#tab;
	#failed;

	/** Opens the page in a tab of its own, and gives what its <output> says when it is done; rejects with what the page did not catch. */
	async visit(url) {
		await this.#tab?.close();
		this.complaints = [];
		this.#failed = undefined;
		this.#tab = await this.#browser.open('data:text/html,<script>say("ready")</script>', (said) => this.#hear(said));
		const { session } = this.#tab;
		await this.#browser.call('Page.addScriptToEvaluateOnNewDocument', { source: `(${listen})()` }, session);
		await this.#browser.call('Page.navigate', { url }, session);
		for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(20)) {
			const output = await this.evaluate(() => document.querySelector('output')?.textContent ?? '');
			if (output !== '' && output !== 'opening') {
				return output;
			}
			if (this.#failed !== undefined) {
				throw new Error(this.#failed);
			}
		}
		throw new Error(`${url} says nothing`);
	}

	/** Runs a function in the page that was visited last. */
	evaluate(fn) {
		return this.#tab.run(fn);
	}

	#hear({ error, blocked }) {
		if (blocked !== undefined) {
			this.complaints.push(blocked);
		} else {
			this.#failed ??= error;
		}
	}

	dispose() {
		return this.#browser.dispose();
	}
}
