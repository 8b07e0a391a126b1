/* Times on an axis: buckets without holes, where the marks stand, and what they say. Local time, like every clock. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface Bucket {
	at: number;
}

/* The begin of the bucket of local time that holds `at`: buckets of six hours begin at 0, 6, 12 and 18 o'clock. */
export function floorTo(at: number, step: number, offsetMs = new Date(at).getTimezoneOffset() * 60_000): number {
	return Math.floor((at - offsetMs) / step) * step + offsetMs;
}

/* Every bucket between two times, also those that nothing is known about. At most 2,000: a step that is too small is a bug. */
export function buckets(from: number, to: number, step: number): number[] {
	const out: number[] = [];
	if (from >= to) return out;
	const offset = new Date(to).getTimezoneOffset() * 60_000;
	for (let at = floorTo(from, step, offset); at < to && out.length < 2_000; at += step) out.push(at);
	return out;
}

const STEPS = [1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000).concat([1, 2, 3, 6, 12].map((hours) => hours * HOUR), [1, 2, 5, 7, 14].map((days) => days * DAY));

/* Those of the given times that get a mark: full hours or days, at most `most`. */
export function ticks(times: readonly number[], most: number): number[] {
	const first = times[0];
	const last = times[times.length - 1];
	if (first === undefined || last === undefined) return [];
	const span = last - first;
	const step = STEPS.find((size) => span / size <= Math.max(most, 1)) ?? span;
	const out: number[] = [];
	let previous = Number.NaN;
	for (const at of times) {
		// The first bucket after each round time, so that steps which do not divide an hour get marks, too.
		const round = floorTo(at, step);
		if (round !== previous && !Number.isNaN(previous)) out.push(at);
		else if (Number.isNaN(previous) && round === at) out.push(at);
		previous = round;
	}
	// A mark for each point when there are few.
	return out.length > 0 ? out : times.length <= most ? [...times] : [first];
}

const two = (value: number): string => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export const clock = (at: number): string => {
	const date = new Date(at);
	return `${two(date.getHours())}:${two(date.getMinutes())}`;
};
export const day = (at: number): string => {
	const date = new Date(at);
	return `${MONTHS[date.getMonth()]} ${date.getDate()}`;
};

/* What a mark says: the hour within two days, the day beyond. Midnight always says its day. */
export function tickLabel(at: number, span: number): string {
	const date = new Date(at);
	const midnight = date.getHours() === 0 && date.getMinutes() === 0;
	if (midnight) return day(at);
	return span <= 2 * DAY ? clock(at) : `${DAYS[date.getDay()]} ${clock(at)}`;
}

/* "Mon Nov 23, 14:00 – 15:00": what a bucket stands for. */
export function bucketLabel(at: number, step: number): string {
	const date = new Date(at);
	const head = `${DAYS[date.getDay()]} ${day(at)}`;
	const end = at + step;
	if (step >= DAY && step % DAY === 0) return step === DAY ? head : `${head} – ${day(end - 1)}`;
	return `${head}, ${clock(at)} – ${day(end) === day(at) || end - at < DAY ? clock(end) : `${day(end)} ${clock(end)}`}`;
}

export type Unit = "ms" | "count";
/* What people count a unit in: 30 s and 1 min rather than 50 s and 1.7 min. */
const bases: Record<Unit, readonly number[]> = { ms: [0.001, 1, 1_000, 60_000, HOUR], count: [1] };
const clockSteps = [1, 2, 5, 10, 15, 30] as const;

/* Some five round values from 0 to what holds `max`. */
export function valueTicks(max: number, unit: Unit): number[] {
	if (!(max > 0)) return [0];
	const want = max / 4.5;
	const base = [...bases[unit]].reverse().find((size) => want >= size * (unit === "ms" && size >= 1_000 ? 0.3 : 1)) ?? (bases[unit][0] as number);
	let step: number;
	if (unit === "ms" && (base === 1_000 || base === 60_000)) {
		step = [base / 2, ...clockSteps.map((factor) => factor * base)].find((size) => size >= want) ?? base * 60;
	} else {
		// 1, 2 or 5 times a power of ten of the unit.
		const power = 10 ** Math.floor(Math.log10(want / base));
		step = ([1, 2, 5, 10].find((factor) => factor * power * base >= want) ?? 10) * power * base;
	}
	const out: number[] = [];
	for (let value = 0; out.length < 12; value += step) {
		out.push(Number(value.toPrecision(12)));
		if (value >= max) break;
	}
	return out;
}
