/* Who waits for whom, and what that means. */
import type { ActivityPast, Session, SessionState } from "@/api/activity";
import type { Point, Series } from "@/components/charts/types";

export interface Line {
	session: Session;
	/* 0: waits for nobody who is shown */
	depth: number;
	/* how many wait for it, directly or behind others */
	holds: number;
}

const time = (session: Session): number => Math.max(session.query_ms ?? 0, session.state === "in_transaction" ? (session.transaction_ms ?? 0) : 0);

/* Holders before those who wait for them; otherwise longest first, a tree as long as its longest. */
export function arrange(sessions: readonly Session[], only: SessionState | "all"): Line[] {
	const byId = new Map(sessions.map((session) => [session.id, session]));
	const waiting = new Map<number, Session[]>();
	const roots: Session[] = [];
	for (const session of sessions) {
		const holder = session.blocked_by;
		if (holder !== null && holder !== session.id && byId.has(holder)) waiting.set(holder, [...(waiting.get(holder) ?? []), session]);
		else roots.push(session);
	}
	const done = new Set<number>();
	const longest = (list: readonly Session[]) => [...list].sort((a, b) => time(b) - time(a) || a.id - b.id);
	// In a ring nobody is first: the first of them met stands for the ring.
	const walk = (session: Session, depth: number, out: Line[]): number => {
		if (done.has(session.id)) return 0;
		done.add(session.id);
		const line: Line = { session, depth, holds: 0 };
		out.push(line);
		for (const one of longest(waiting.get(session.id) ?? [])) line.holds += walk(one, depth + 1, out);
		return line.holds + 1;
	};
	const trees: Line[][] = [];
	for (const session of [...roots, ...sessions]) {
		if (done.has(session.id)) continue;
		const tree: Line[] = [];
		walk(session, 0, tree);
		trees.push(tree);
	}
	const size = (tree: readonly Line[]) => Math.max(...tree.map((line) => time(line.session)));
	trees.sort((a, b) => Number((b[0]?.holds ?? 0) > 0) - Number((a[0]?.holds ?? 0) > 0) || size(b) - size(a) || (a[0]?.session.id ?? 0) - (b[0]?.session.id ?? 0));
	const lines = trees.flat();
	return only === "all" ? lines : lines.filter((line) => line.session.state === only).map((line) => ({ ...line, depth: 0 }));
}

export const count = (sessions: readonly Session[], state: SessionState): number => sessions.filter((session) => session.state === state).length;

/* The one that holds up most others, and how many. */
export function worstHolder(lines: readonly Line[]): Line | null {
	return lines.reduce<Line | null>((worst, line) => (line.depth === 0 && line.holds > (worst?.holds ?? 0) ? line : worst), null);
}

export const stateWords: Record<SessionState, string> = { running: "Running", waiting: "Waiting", in_transaction: "In transaction" };

/* Colours of their own for so many waits; the rest is one. */
const WAITS = 4;
const waitColors = ["var(--s2)", "var(--s6)", "var(--s4)", "var(--s3)"] as const;
const mean = (value: number): string => (value === 0 ? "0" : value < 0.01 ? "< 0.01" : value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 2 : 1 }));
export const meanText = mean;

/* Mean sessions by what they did, stacked: work at the bottom, what holds it up above. */
export function stackOf(past: ActivityPast): { points: Point[]; series: Series[]; looked: number } {
	const named = past.waits.slice(0, WAITS);
	let rest = false;
	let looked = 0;
	const points = past.points.map((point): Point => {
		const values: Record<string, number | null> = { running: point.running, transaction: point.in_transaction };
		let left = point.waiting;
		named.forEach((_name, index) => {
			const value = point.waiting === null ? null : (point.waits[index] ?? 0);
			values[`wait${index}`] = value;
			if (left !== null) left -= value ?? 0;
		});
		values.rest = left === null ? null : left > 1e-9 ? left : 0;
		if (values.rest) rest = true;
		if (point.running !== null) looked++;
		return { at: Date.parse(point.at), values };
	});
	const stack = { kind: "area", stack: "sessions", format: mean } as const;
	return {
		points,
		looked,
		series: [
			{ ...stack, key: "running", label: "Running", color: "var(--s1)" },
			{ ...stack, key: "transaction", label: "In transaction, idle", color: "var(--s5)" },
			...named.map((name, index): Series => ({ ...stack, key: `wait${index}`, label: `Waiting: ${name}`, color: waitColors[index] ?? "var(--fg-3)" })),
			...(rest ? [{ ...stack, key: "rest", label: named.length > 0 ? "Waiting: other" : "Waiting", color: "var(--fg-3)" } satisfies Series] : []),
		],
	};
}
