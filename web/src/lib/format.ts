/* Numbers the way the page writes them: tabular, short, never more precise than they are. "–" means not available. */

export const NONE = "–";

type Maybe = number | null | undefined;
const known = (value: Maybe): value is number => typeof value === "number" && Number.isFinite(value);

const group = (value: number, digits: number): string =>
	value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: 0 });

/* 950 -> "950", 12_345 -> "12.3k", 4_200_000 -> "4.2M". */
export function compact(value: Maybe): string {
	if (!known(value)) return NONE;
	const size = Math.abs(value);
	for (const [limit, unit] of [
		[1e12, "T"],
		[1e9, "G"],
		[1e6, "M"],
		[1e3, "k"],
	] as const) {
		// 999,950 rounds to 1000.0k: let it be 1M.
		if (size >= limit * 0.99995) return `${group(value / limit, size / limit >= 99.95 ? 0 : 1)}${unit}`;
	}
	return group(value, size < 10 && size > 0 ? 2 : size < 100 ? 1 : 0);
}

/* Whole number with separators, for tooltips and counts that must be exact. */
export const exact = (value: Maybe): string => (known(value) ? group(value, 3) : NONE);

/* "1 call", "12.3k calls". */
export const counted = (value: number, what: string): string => `${compact(value)} ${what}${value === 1 ? "" : "s"}`;

/* Milliseconds to µs, ms, s, min or h. */
export function duration(ms: Maybe): string {
	if (!known(ms)) return NONE;
	const size = Math.abs(ms);
	if (size === 0) return "0 ms";
	if (size < 0.9995) return `${group(ms * 1000, size < 0.01 ? 1 : 0)} µs`;
	if (size < 999.5) return `${group(ms, size < 9.995 ? 2 : size < 99.95 ? 1 : 0)} ms`;
	if (size < 59_950) return `${group(ms / 1000, size < 9995 ? 2 : 1)} s`;
	if (size < 3_597_000) return `${group(ms / 60_000, 1)} min`;
	return `${group(ms / 3_600_000, 1)} h`;
}

export function bytes(value: Maybe): string {
	if (!known(value) || value < 0) return NONE;
	const units = ["B", "kB", "MB", "GB", "TB"];
	let size = value;
	let unit = 0;
	while (size >= 1000 && unit < units.length - 1) {
		size /= 1024;
		unit++;
	}
	return `${group(size, unit === 0 || size >= 100 ? 0 : 1)} ${units[unit]}`;
}

/* Planner cost: no unit, two digits only when small. */
export function cost(value: Maybe): string {
	if (!known(value)) return NONE;
	return Math.abs(value) >= 100_000 ? compact(value) : group(value, Math.abs(value) < 100 ? 2 : Math.abs(value) < 1000 ? 1 : 0);
}

export function percent(value: Maybe, digits = 1): string {
	if (!known(value)) return NONE;
	return `${group(value, digits)} %`;
}

/* Change from before to after in words: "−99.8 %", "+12 %". A drop never rounds up to −100 %. */
export function change(before: Maybe, after: Maybe): string {
	if (!known(before) || !known(after) || before === 0) return NONE;
	const pct = ((after - before) / before) * 100;
	if (Math.abs(pct) < 0.05) return "±0 %";
	if (pct < 0) {
		const size = Math.min(-pct, after > 0 ? 99.99 : 100);
		return `−${group(size, size > 99 ? 2 : size > 10 ? 1 : 1)} %`;
	}
	return `+${compact(pct)} %`;
}

/* A factor as a change: 1.3 -> "+30 %", 0.8 -> "−20 %", 12 -> "12×". */
export function factorText(factor: Maybe): string {
	if (!known(factor) || factor < 0) return NONE;
	if (factor >= 9.95) return `${group(factor, 0)}×`;
	const pct = (factor - 1) * 100;
	if (Math.abs(pct) < 0.5) return "±0 %";
	return pct > 0 ? `+${group(pct, 0)} %` : `−${group(-pct, 0)} %`;
}

/* How many times cheaper: "644x". */
export function times(before: Maybe, after: Maybe): string {
	if (!known(before) || !known(after) || after <= 0 || before <= 0) return NONE;
	const ratio = before / after;
	return `${group(ratio, ratio < 10 ? 1 : 0)}×`;
}

/* How wrong the planner's row estimate was; >= 1 whichever way, with the direction. */
export function misestimate(estimated: Maybe, actual: Maybe): { factor: number; direction: "over" | "under" | "exact" } | null {
	if (!known(estimated) || !known(actual)) return null;
	const e = Math.max(estimated, 1);
	const a = Math.max(actual, 1);
	if (e === a) return { factor: 1, direction: "exact" };
	return e > a ? { factor: e / a, direction: "over" } : { factor: a / e, direction: "under" };
}

/* One number of a finding, by its unit. */
export function evidence(value: number, unit: string): string {
	switch (unit) {
		case "ms":
			return duration(value);
		case "bytes":
			return bytes(value);
		case "%":
			return percent(value);
		case "x":
			return `${compact(value)}×`;
		case "cost":
			return `${cost(value)} cost`;
		case "":
			return compact(value);
		default:
			return `${compact(value)} ${value === 1 && unit.endsWith("s") ? unit.slice(0, -1) : unit}`;
	}
}

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });

export function ago(iso: string | null | undefined, now: number = Date.now()): string {
	if (!iso) return NONE;
	const at = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso}Z`);
	if (Number.isNaN(at)) return NONE;
	const seconds = Math.round((at - now) / 1000);
	const size = Math.abs(seconds);
	if (size < 45) return "just now";
	if (size < 3600) return RELATIVE.format(Math.round(seconds / 60), "minute");
	if (size < 86_400) return RELATIVE.format(Math.round(seconds / 3600), "hour");
	return RELATIVE.format(Math.round(seconds / 86_400), "day");
}

/* How long until then, in seconds and minutes: a countdown. What is over is "now". */
export function until(iso: string | null | undefined, now: number = Date.now()): string {
	if (!iso) return NONE;
	const at = Date.parse(iso);
	if (Number.isNaN(at)) return NONE;
	const seconds = Math.ceil((at - now) / 1000);
	if (seconds <= 0) return "now";
	if (seconds < 120) return `in ${seconds} s`;
	if (seconds < 7200) return `in ${Math.round(seconds / 60)} min`;
	return `in ${Math.round(seconds / 3600)} h`;
}

/* A length of time that somebody chose: "10 s", "5 min", "1 h". */
export function interval(seconds: Maybe): string {
	if (!known(seconds)) return NONE;
	if (seconds < 120 && seconds !== 60) return `${group(seconds, 0)} s`;
	if (seconds < 7200 && seconds !== 3600) return `${group(seconds / 60, 1)} min`;
	return `${group(seconds / 3600, 1)} h`;
}

/* For tooltips: local and UTC. */
export function fullTime(iso: string | null | undefined): string {
	if (!iso) return "not available";
	const at = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso}Z`);
	if (Number.isNaN(at.getTime())) return iso;
	return `${at.toLocaleString()} · ${at.toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

/* snake_case or kebab-case to words. */
export const words = (name: string): string => name.replace(/[_-]+/g, " ").trim();
export const sentence = (name: string): string => {
	const text = words(name);
	return text.charAt(0).toUpperCase() + text.slice(1);
};
/* Messages of the server begin in lower case, so that they can follow a prefix. Names stay as they are: "users_email_idx is". */
export const capital = (text: string): string => (/^[a-z]+(?=[ ,;:]|'s |$)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text);
/* A message as a sentence of its own. */
export const fullSentence = (text: string): string => (text === "" ? "" : `${capital(text)}${/[.!?…:]$/.test(text) ? "" : "."}`);
/* A statement on one line. */
export const oneLine = (sql: string): string => sql.replace(/\s+/g, " ").trim();
