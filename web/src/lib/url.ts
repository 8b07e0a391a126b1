/* What the address bar holds. Each page has a codec: parse drops what it does not know or cannot use, write leaves out
 * what is the default, so that parse(write(x)) = x and a link stays short. */

export type Raw = Record<string, unknown>;

export interface Field<T> {
	parse: (raw: unknown) => T | undefined;
	fallback: T;
}
type Shape = Record<string, Field<unknown>>;
type Value<S extends Shape> = { [K in keyof S]: S[K] extends Field<infer T> ? T : never };

export const oneOf = <T extends string>(allowed: readonly T[], fallback: T): Field<T> => ({
	parse: (raw) => (typeof raw === "string" && (allowed as readonly string[]).includes(raw) ? (raw as T) : undefined),
	fallback,
});

/* Ids, node numbers: integers >= min, else absent. */
export const integer = (min = 0): Field<number | null> => ({
	parse: (raw) => {
		const value = typeof raw === "number" ? raw : typeof raw === "string" && /^\d{1,15}$/.test(raw) ? Number(raw) : Number.NaN;
		return Number.isSafeInteger(value) && value >= min ? value : undefined;
	},
	fallback: null,
});

/* A time, kept as it is written: 2026-11-23T01:00:00Z. */
export const instant = (): Field<string | null> => ({
	parse: (raw) => (typeof raw === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(raw) && !Number.isNaN(Date.parse(raw)) ? raw : undefined),
	fallback: null,
});

/* Free text of a search box; blanks around it and what nobody types are dropped. */
export const words = (max = 200): Field<string> => ({
	parse: (raw) => (typeof raw === "string" || typeof raw === "number" ? String(raw).trim().slice(0, max) : undefined),
	fallback: "",
});

export function codec<S extends Shape>(shape: S) {
	const names = Object.keys(shape) as (keyof S & string)[];
	return {
		parse(raw: Raw): Value<S> {
			const out: Raw = {};
			for (const name of names) {
				const field = shape[name];
				if (field) out[name] = field.parse(raw[name]) ?? field.fallback;
			}
			return out as Value<S>;
		},
		write(value: Partial<Value<S>>): Raw {
			const out: Raw = {};
			for (const name of names) {
				const now = value[name];
				if (now !== undefined && now !== null && now !== shape[name]?.fallback) out[name] = now;
			}
			return out;
		},
	};
}

export const runTabs = ["proposals", "findings", "plan", "explain"] as const;
export type RunTab = (typeof runTabs)[number];
export const planMetrics = ["time", "rows", "estimation", "cost", "buffers"] as const;
export type PlanMetric = (typeof planMetrics)[number];
export const planViews = ["outline", "diagram", "grid"] as const;
export type PlanView = (typeof planViews)[number];

/* Parameters every page shares: the connection that is looked at. */
export const frameSearch = codec({ c: integer(1) });
export const runSearch = codec({
	tab: oneOf(runTabs, "proposals"),
	view: oneOf(planViews, "outline"),
	metric: oneOf(["auto", ...planMetrics] as const, "auto"),
	node: integer(0),
	p: integer(0),
	job: integer(1),
	q: integer(1),
});
export const jobSearch = codec({ state: oneOf(["all", "running", "done", "failed"] as const, "all") });
export const targetSearch = codec({ q: words(), state: oneOf(["all", "trouble", "off"] as const, "all") });
/* How far back a page looks; the names are what stands in the bar. */
export const spans = ["1h", "6h", "24h", "7d", "30d"] as const;
export type Span = (typeof spans)[number];
export const spanHours: Record<Span, number> = { "1h": 1, "6h": 6, "24h": 24, "7d": 168, "30d": 720 };
export const spanWords: Record<Span, string> = { "1h": "hour", "6h": "6 hours", "24h": "24 hours", "7d": "7 days", "30d": "30 days" };
export const loadMetrics = ["time", "calls", "mean"] as const;
export type LoadMetric = (typeof loadMetrics)[number];
export const dashboardSearch = codec({ range: oneOf(["6h", "24h", "7d", "30d"] as const, "24h"), load: oneOf(loadMetrics, "time") });
export const periods = ["hour", "day", "week", "month", "all"] as const;
export type Period = (typeof periods)[number];
export const querySorts = ["total_time", "calls", "mean_time", "rows", "reads", "change", "first_seen"] as const;
export type QuerySort = (typeof querySorts)[number];
export const queryKinds = ["select", "insert", "update", "delete", "merge", "unknown"] as const;
export const queriesSearch = codec({
	q: words(),
	only: oneOf(["all", "findings", "regressed", "new"] as const, "all"),
	kind: oneOf(["any", ...queryKinds] as const, "any"),
	period: oneOf(periods, "day"),
	sort: oneOf(querySorts, "total_time"),
	order: oneOf(["desc", "asc"] as const, "desc"),
	page: integer(2),
});
export const queryMetrics = ["total_time", "calls", "mean_time", "rows_per_call", "reads", "hit_ratio"] as const;
export type QueryMetric = (typeof queryMetrics)[number];
export const querySearch = codec({ period: oneOf(["hour", "day", "week", "month"] as const, "day"), metric: oneOf(queryMetrics, "total_time"), from: instant(), to: instant() });
export const activitySearch = codec({ span: oneOf(["1h", "6h", "24h", "7d"] as const, "1h"), state: oneOf(["all", "running", "waiting", "in_transaction"] as const, "all") });
export const serverSearch = codec({ q: words(), state: oneOf(["all", "trouble"] as const, "all"), server: integer(1) });
export const alertSearch = codec({ state: oneOf(["all", "queued", "sent", "failed", "held"] as const, "all"), page: integer(2) });
export const connectionTabs = ["health", "edit"] as const;
export const connectionSearch = codec({ tab: oneOf(connectionTabs, "health") });

/* "/optimizer/12" -> 12; anything else is null, and the page says that there is no such run. */
export const idFrom = (text: string | undefined): number | null => {
	const value = integer(1).parse(text);
	return value ?? null;
};
