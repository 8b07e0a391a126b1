/* What the figures of a statement say. */
import type { QueryRow } from "@/api/history";
import type { Period } from "@/lib/url";

export const PAGE = 50;

export const periodWords: Record<Period, { short: string; long: string; before: string }> = {
	hour: { short: "1 h", long: "this hour and the one before", before: "the two hours before" },
	day: { short: "24 h", long: "last 24 hours", before: "the day before" },
	week: { short: "7 d", long: "last 7 days", before: "the week before" },
	month: { short: "30 d", long: "last 30 days", before: "the month before" },
	all: { short: "All", long: "since the statistics began", before: "" },
};

/* Only from here on a change is worth a colour: less is what busy servers do by themselves. */
export const NOTABLE = 1.3;

/* Calls that take longer are bad; more calls are more work, but nobody's fault. */
export const slower = (row: Pick<QueryRow, "mean_change" | "regressed">): boolean => row.regressed || (row.mean_change !== null && row.mean_change >= NOTABLE);

export const perCall = (amount: number | null, calls: number): number | null => (amount === null || calls <= 0 ? null : amount / calls);

/* Pages found in the cache, in percent of all that were asked for. */
export const hitRatio = (hits: number | null, reads: number | null): number | null => (hits === null || reads === null || hits + reads <= 0 ? null : (hits / (hits + reads)) * 100);

/* A short name: what it does, to what. The first words of the text where that is not known. */
export function shortTitle(query: { kind: string; tables: readonly string[]; sql_text: string; other: boolean }): string {
	if (query.other) return "All other statements";
	const verb = query.kind !== "unknown" ? query.kind.toUpperCase() : (/^\s*(?:\/\*[\s\S]*?\*\/\s*|--[^\n]*\n\s*)*([a-z]+)/i.exec(query.sql_text)?.[1]?.toUpperCase() ?? "Statement");
	const named = query.tables.slice(0, 3).map((name) => name.replace(/^.*\./, ""));
	if (named.length === 0) return verb;
	return `${verb} ${named.join(", ")}${query.tables.length > 3 ? ` and ${query.tables.length - 3} more` : ""}`;
}

/* What share of the load the shown rows are, in percent. */
export const covered = (rows: readonly QueryRow[], totalMs: number): number | null => (totalMs > 0 ? Math.min((rows.reduce((sum, row) => sum + row.total_ms, 0) / totalMs) * 100, 100) : null);
