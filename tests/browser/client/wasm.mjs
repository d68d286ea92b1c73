// What tests do to a WebAssembly binary.

const MEMORY_SECTION = 5;
const PAGES_A_MIB = 16;

/** A copy of a module whose memory may grow to so many MiB and no further. */
export function withMemoryLimit(wasm, mib) {
	let at = 8; // behind magic and version
	const number = () => {
		let n = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = wasm[at++];
			n += (byte & 127) * 2 ** shift;
			if (byte < 128) {
				return n;
			}
		}
	};
	for (;;) {
		const start = at;
		const id = wasm[at++];
		const length = number();
		if (id !== MEMORY_SECTION) {
			at += length;
			continue;
		}
		const end = at + length;
		at += 2; // one memory, of no limit
		const body = [1, 1, ...leb128(number()), ...leb128(mib * PAGES_A_MIB)];
		return Buffer.concat([wasm.subarray(0, start), Buffer.from([id, ...leb128(body.length), ...body]), wasm.subarray(end)]);
	}
}

function leb128(n) {
	const bytes = [];
	for (; n > 127; n = Math.floor(n / 128)) {
		bytes.push((n % 128) | 128);
	}
	return [...bytes, n];
}
