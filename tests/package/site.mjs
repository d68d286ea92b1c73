// A server on 127.0.0.1 for one folder, with the strictest Content-Security-Policy that tabdis runs under.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.map': 'application/json' };

/** What a page needs: scripts and Workers of its own origin, WebAssembly, and to fetch the engine. */
export const POLICY = ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'", "connect-src 'self'"];

/** `policy` with the scripts that stand in the page. */
function header(policy, html) {
	const hashes = [...html.matchAll(/<script(?![^>]* src=)[^>]*>([^]*?)<\/script>/g)].map(([, script]) => ` 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
	return policy.map((directive) => (directive.startsWith('script-src') ? directive + hashes.join('') : directive)).join('; ');
}

export class Site {
	/** Sent with everything, for a Worker has the policy that its own script came with. */
	policy = POLICY;
	/** Pages that no file holds: path → HTML. */
	pages = new Map();
	/** Paths that were asked for and are not there. */
	missing = [];
	#server = createServer((request, response) => this.#serve(request, response));

	/** Serves the folders, the first that has a file. */
	static async start(...folders) {
		const site = new Site();
		site.folders = folders;
		site.#server.listen(0, '127.0.0.1');
		await once(site.#server, 'listening');
		site.url = `http://127.0.0.1:${site.#server.address().port}/`;
		return site;
	}

	stop() {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	#serve(request, response) {
		const { pathname } = new URL(request.url, this.url);
		const path = pathname === '/' ? 'index.html' : decodeURIComponent(pathname.slice(1));
		const bytes = this.pages.get(pathname) ?? this.folders.map((folder) => read(join(folder, path))).find((found) => found !== null);
		if (bytes === undefined) {
			this.missing.push(pathname);
			response.writeHead(404).end();
			return;
		}
		const type = TYPES[extname(path)] ?? 'application/octet-stream';
		response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': header(this.policy, type === 'text/html' ? bytes.toString() : '') });
		response.end(bytes);
	}
}

function read(path) {
	try {
		return readFileSync(path);
	} catch {
		return null; // 404
	}
}
