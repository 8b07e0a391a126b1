import type { ApiError } from "@/api/client";

/* The server counts bytes of UTF-8, the editor UTF-16 units. A position inside a character means its beginning. */
export function byteToIndex(text: string, offset: number): number {
	let bytes = 0;
	let index = 0;
	for (const char of text) {
		const code = char.codePointAt(0) ?? 0;
		const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		if (bytes + width > offset) return index;
		bytes += width;
		index += char.length;
	}
	return index;
}

/* Where in the statement an error is, as a range to underline; null when it names no place. */
export function rangeAt(position: unknown, sql: string): { from: number; to: number } | null {
	if (typeof position !== "number" || position < 0) return null;
	const from = Math.min(byteToIndex(sql, position), sql.length);
	const word = /^[\w$"]+|^\S/.exec(sql.slice(from));
	// At the very end there is nothing to underline: take the last character.
	if (!word) return { from: Math.max(from - 1, 0), to: from };
	return { from, to: from + word[0].length };
}

export const errorRange = (error: ApiError, sql: string): { from: number; to: number } | null => rangeAt(error.body.position, sql);

/* The line around a range, cut to what fits beside a line number. */
export function excerpt(sql: string, range: { from: number; to: number }, width = 120): { line: number; column: number; before: string; marked: string; after: string } {
	const start = sql.lastIndexOf("\n", range.from - 1) + 1;
	const newline = sql.indexOf("\n", range.from);
	const end = newline < 0 ? sql.length : newline;
	const from = Math.max(start, range.from - Math.floor(width / 2));
	const to = Math.min(end, Math.max(range.to, from + width));
	return {
		...lineColumn(sql, range.from),
		before: (from > start ? "…" : "") + sql.slice(from, range.from),
		marked: sql.slice(range.from, Math.min(range.to, to)),
		after: sql.slice(Math.min(range.to, to), to) + (to < end ? "…" : ""),
	};
}

export function lineColumn(text: string, index: number): { line: number; column: number } {
	const before = text.slice(0, index).split("\n");
	return { line: before.length, column: (before[before.length - 1]?.length ?? 0) + 1 };
}
