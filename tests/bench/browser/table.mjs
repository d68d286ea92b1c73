// The table: rows × stores, each cell a median and its ratio to the first store's.

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

/** Three digits, or what there is in front of the point. */
export function digits(n) {
	if (n === Infinity) return 'never';
	const size = Math.abs(n);
	return n.toFixed(size >= 100 || n === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** Figures of one row and one store, of all rounds. */
export class Figures {
	#cells = new Map();

	add(row, store, value) {
		const at = `${row} ${store}`;
		this.#cells.set(at, [...(this.#cells.get(at) ?? []), value]);
	}

	median(row, store) {
		const values = this.#cells.get(`${row} ${store}`);
		return values === undefined ? undefined : median(values);
	}
}

/** Lines of columns; the first is aligned to the left, the others to the right. */
export function columns(lines) {
	const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
	const align = (cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
	const [head, ...rest] = lines.map((line) => line.map(align).join('  '));
	return [head, widths.map((w) => '-'.repeat(w)).join('  '), ...rest].join('\n');
}

/** `rows`: those that were measured, with what and unit; a store without a cell has a dash. */
export function table(rows, stores, figures) {
	const lines = [['', 'unit', 'aim', ...stores.map(({ title }) => title)]];
	for (const [id, { what, unit, aim = '' }] of rows) {
		const base = figures.median(id, stores[0].id);
		const cells = stores.map((store, i) => {
			const value = figures.median(id, store.id);
			if (value === undefined) return '–';
			// Of two figures that may be below 0 there is no ratio.
			if (i === 0 || base === undefined || base <= 0 || value <= 0 || value === Infinity) return digits(value);
			return `${digits(value)} (${digits(value / base)}×)`;
		});
		lines.push([what, unit, aim, ...cells]);
	}
	return columns(lines);
}
