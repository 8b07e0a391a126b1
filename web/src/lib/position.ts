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
export function errorRange(error: ApiError, sql: string): { from: number; to: number } | null {
	const position = error.body.position;
	if (typeof position !== "number" || position < 0) return null;
	const from = Math.min(byteToIndex(sql, position), sql.length);
	const word = /^[\w$"]+|^\S/.exec(sql.slice(from));
	// At the very end there is nothing to underline: take the last character.
	if (!word) return { from: Math.max(from - 1, 0), to: from };
	return { from, to: from + word[0].length };
}

export function lineColumn(text: string, index: number): { line: number; column: number } {
	const before = text.slice(0, index).split("\n");
	return { line: before.length, column: (before[before.length - 1]?.length ?? 0) + 1 };
}
