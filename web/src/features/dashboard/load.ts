/* The load of a range out of hourly rows: buckets without holes, sums, and the same of the range before. */
import type { components } from "@/api/schema";
import { buckets, floorTo } from "@/components/charts/time";
import type { Point } from "@/components/charts/types";

export type Trend = components["schemas"]["PerformanceTrend"];
const HOUR = 3_600_000;
/* Longest time the server tells of at once, in hours. */
export const MAX_HOURS = 744;

export interface Totals {
	calls: number;
	ms: number;
	mean: number | null;
}
export interface Load {
	points: Point[];
	step: number;
	now: Totals;
	/* null: the range before is not known from its beginning */
	before: Totals | null;
	hours: number;
}

const totals = (rows: readonly Trend[]): Totals => {
	const calls = rows.reduce((sum, row) => sum + row.calls, 0);
	const ms = rows.reduce((sum, row) => sum + row.total_time, 0);
	return { calls, ms, mean: calls > 0 ? ms / calls : null };
};

/* Hours a bucket: as many bars as can be told apart. */
export const stepHours = (hours: number): number => (hours <= 48 ? 1 : hours <= 168 ? 2 : 6);

/* `rows` may hold the range before as well; `to` is now. */
export function loadOf(rows: readonly Trend[], hours: number, to: number): Load {
	const step = stepHours(hours) * HOUR;
	const end = floorTo(to, HOUR, 0) + HOUR;
	const from = end - hours * HOUR;
	const inside: Trend[] = [];
	const earlier: Trend[] = [];
	let first = Number.POSITIVE_INFINITY;
	for (const row of rows) {
		const at = Date.parse(row.timestamp);
		first = Math.min(first, at);
		if (at >= from && at < end) inside.push(row);
		else if (at >= from - hours * HOUR && at < from) earlier.push(row);
	}
	const offset = new Date(end).getTimezoneOffset() * 60_000;
	const groups = new Map<number, Trend[]>();
	for (const row of inside) {
		const at = floorTo(Date.parse(row.timestamp), step, offset);
		groups.set(at, [...(groups.get(at) ?? []), row]);
	}
	const points = buckets(from, end, step).map((at): Point => {
		const here = groups.get(at);
		if (!here) return { at, values: { time: null, calls: null, mean: null } };
		const { calls, ms, mean } = totals(here);
		return { at, values: { time: ms, calls, mean } };
	});
	// A range that began before the first figure would look smaller than it was.
	const covered = first <= from - hours * HOUR + step;
	return { points, step, now: totals(inside), before: covered && earlier.length > 0 ? totals(earlier) : null, hours: inside.length };
}
