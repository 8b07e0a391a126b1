/* What the figures of a target say, in words. */
import type { Target } from "@/api/monitoring";
import type { Connection } from "@/api/types";
import { until } from "@/lib/format";

export type Condition = "running" | "good" | "trouble" | "stopped" | "off" | "new";

/* What a target and a server have in common. */
export type Progress = Pick<Target, "state" | "failures" | "polls" | "next_poll_at">;

export function condition(target: Omit<Progress, "next_poll_at">): Condition {
	if (target.state === "unwatched") return "off";
	if (target.state === "running") return "running";
	if (target.failures > 0) return "trouble";
	if (target.state === "paused") return "stopped";
	return target.polls === 0 ? "new" : "good";
}

export function conditionText(target: Progress, now: number): string {
	switch (condition(target)) {
		case "off":
			return "Not watched";
		case "running":
			return "Reading now";
		case "trouble":
			return target.state === "paused" ? "Fails, stopped" : `Fails, next try ${until(target.next_poll_at, now)}`;
		case "stopped":
			return "Stopped";
		case "new":
			return `First read ${until(target.next_poll_at, now)}`;
		default:
			return `Next read ${until(target.next_poll_at, now)}`;
	}
}

/* What kind of failure it was, as a headline. */
const kinds: Record<string, string> = {
	denied_by_target: "The database refuses the login or a right",
	unreachable: "The server cannot be reached",
	timeout: "The server did not answer in time",
	unsupported: "The server has no statistics to read",
	target_error: "The database answered with an error",
	limit_exceeded: "A limit was reached",
	store_error: "The result could not be stored",
	cancelled: "The poll was cancelled",
};
export const failureTitle = (kind: string | null): string => kinds[kind ?? ""] ?? "The poll failed";

/* Share of the interval that the server worked for us, in percent of one of its processors at most. */
export const overhead = (target: Target): number | null => (target.wait_ms === null || target.interval_s <= 0 || target.state === "unwatched" ? null : target.wait_ms / (target.interval_s * 10));

export interface Sum {
	watched: number;
	troubled: number;
	servers: number;
	statements: number;
	waitMs: number | null;
	/* of the server that pays most, in percent */
	worst: number | null;
}

type Places = ReadonlyMap<number, Pick<Connection, "database">>;
const serverOf = (target: Target): string => (target.instance_id === null ? `c${target.connection_id}` : `i${target.instance_id}`);

/* Databases of one server share its polls: what a poll cost is counted once for each server. Two connections to one database see the same statements. */
export function sum(targets: readonly Target[], places: Places = new Map()): Sum {
	const statements = new Map<string, number>();
	const servers = new Map<string, { wait: number | null; share: number | null }>();
	const out: Sum = { watched: 0, troubled: 0, servers: 0, statements: 0, waitMs: null, worst: null };
	for (const target of targets) {
		if (target.state === "unwatched") continue;
		out.watched++;
		if (target.failures > 0) out.troubled++;
		const key = serverOf(target);
		const place = `${key} ${places.get(target.connection_id)?.database ?? `#${target.connection_id}`}`;
		statements.set(place, Math.max(statements.get(place) ?? 0, target.statements));
		const known = servers.get(key);
		servers.set(key, { wait: Math.max(known?.wait ?? 0, target.wait_ms ?? 0), share: Math.max(known?.share ?? 0, overhead(target) ?? 0) });
	}
	out.servers = servers.size;
	for (const count of statements.values()) out.statements += count;
	for (const { wait, share } of servers.values()) {
		if (wait) out.waitMs = (out.waitMs ?? 0) + wait;
		if (share) out.worst = Math.max(out.worst ?? 0, share);
	}
	return out;
}

/* Which databases of each server are read. Two connections to one database are two logins, not two databases. */
export function databasesRead(targets: readonly Target[], places: Places): Map<number, Set<string>> {
	const out = new Map<number, Set<string>>();
	for (const target of targets) {
		if (target.instance_id === null || target.state === "unwatched") continue;
		const known = out.get(target.instance_id) ?? new Set();
		out.set(target.instance_id, known.add(places.get(target.connection_id)?.database ?? `#${target.connection_id}`));
	}
	return out;
}

export interface View {
	q: string;
	state: "all" | "trouble" | "off";
}

/* Trouble first, then by name. */
export function arrange(targets: readonly Target[], view: View): Target[] {
	const wanted = view.q.toLowerCase();
	const rank = (target: Target) => (condition(target) === "trouble" ? 0 : condition(target) === "off" ? 2 : 1);
	return targets
		.filter((target) => wanted === "" || target.connection_name.toLowerCase().includes(wanted) || (target.error ?? "").toLowerCase().includes(wanted))
		.filter((target) => view.state === "all" || (view.state === "trouble" ? condition(target) === "trouble" : condition(target) === "off"))
		.sort((a, b) => rank(a) - rank(b) || a.connection_name.localeCompare(b.connection_name));
}
