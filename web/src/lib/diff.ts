/* Line diff of two statements for the side-by-side view, with the changed words of paired lines marked. */

export interface Piece {
	text: string;
	changed: boolean;
}
export interface DiffSide {
	line: number;
	pieces: Piece[];
}
export interface DiffRow {
	kind: "same" | "changed" | "removed" | "added";
	left: DiffSide | null;
	right: DiffSide | null;
}

/* Longest common subsequence as pairs of indices. Quadratic: callers cap the input. */
function common(a: readonly string[], b: readonly string[]): [number, number][] {
	const width = b.length + 1;
	const table = new Uint32Array((a.length + 1) * width);
	for (let i = a.length - 1; i >= 0; i--)
		for (let j = b.length - 1; j >= 0; j--)
			table[i * width + j] =
				a[i] === b[j]
					? (table[(i + 1) * width + j + 1] ?? 0) + 1
					: Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
	const pairs: [number, number][] = [];
	let i = 0;
	let j = 0;
	while (i < a.length && j < b.length) {
		if (a[i] === b[j]) pairs.push([i++, j++]);
		else if ((table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0)) i++;
		else j++;
	}
	return pairs;
}

const tokens = (line: string): string[] => line.match(/\w+|\s+|[^\w\s]/g) ?? [];

function mark(all: readonly string[], kept: ReadonlySet<number>): Piece[] {
	const pieces: Piece[] = [];
	all.forEach((text, index) => {
		const changed = !kept.has(index);
		const last = pieces[pieces.length - 1];
		if (last && last.changed === changed) last.text += text;
		else pieces.push({ text, changed });
	});
	return pieces;
}

export function diffLines(before: string, after: string, limit = 400): DiffRow[] {
	const a = before.replace(/\s+$/, "").split("\n").slice(0, limit);
	const b = after.replace(/\s+$/, "").split("\n").slice(0, limit);
	const norm = (lines: string[]) => lines.map((line) => line.trim().replace(/\s+/g, " "));
	const rows: DiffRow[] = [];
	const flush = (fromA: number, toA: number, fromB: number, toB: number) => {
		const paired = Math.min(toA - fromA, toB - fromB);
		for (let k = 0; k < Math.max(toA - fromA, toB - fromB); k++) {
			const left = fromA + k < toA ? (a[fromA + k] ?? "") : null;
			const right = fromB + k < toB ? (b[fromB + k] ?? "") : null;
			if (k < paired && left !== null && right !== null) {
				const ta = tokens(left);
				const tb = tokens(right);
				const pairs = ta.length * tb.length > 250_000 ? [] : common(ta, tb);
				rows.push({
					kind: "changed",
					left: { line: fromA + k + 1, pieces: mark(ta, new Set(pairs.map((p) => p[0]))) },
					right: { line: fromB + k + 1, pieces: mark(tb, new Set(pairs.map((p) => p[1]))) },
				});
			} else if (left !== null) {
				rows.push({ kind: "removed", left: { line: fromA + k + 1, pieces: [{ text: left, changed: false }] }, right: null });
			} else {
				rows.push({ kind: "added", left: null, right: { line: fromB + k + 1, pieces: [{ text: right ?? "", changed: false }] } });
			}
		}
	};
	let lastA = 0;
	let lastB = 0;
	for (const [i, j] of common(norm(a), norm(b))) {
		flush(lastA, i, lastB, j);
		rows.push({
			kind: "same",
			left: { line: i + 1, pieces: [{ text: a[i] ?? "", changed: false }] },
			right: { line: j + 1, pieces: [{ text: b[j] ?? "", changed: false }] },
		});
		lastA = i + 1;
		lastB = j + 1;
	}
	flush(lastA, a.length, lastB, b.length);
	return rows;
}
