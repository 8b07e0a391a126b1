import { describe, expect, it } from "vitest";
import { staleBy } from "@/api/events";
import type { Target } from "@/api/monitoring";
import { arrange, condition, conditionText, databasesRead, failureTitle, overhead, sum } from "@/features/monitoring/state";
import { loadOf, stepHours, type Trend } from "@/features/dashboard/load";
import { interval, until } from "@/lib/format";
import { dashboardSearch, targetSearch } from "@/lib/url";
import monitoring from "./fixtures/monitoring.json";

const targets = monitoring.targets as Target[];
const named = (name: string): Target => targets.find((target) => target.connection_name === name)!;
const HOUR = 3_600_000;

describe("targets", () => {
	it("have one condition each, in words with a countdown", () => {
		const now = Date.parse("2026-11-22T11:58:40.000Z");
		expect(targets.map((target) => condition(target))).toEqual(["good", "trouble", "good", "running", "good", "off"]);
		expect(conditionText(named("shop production"), now)).toBe("Next read in 40 s");
		expect(conditionText(named("analytics"), now)).toBe("Fails, next try in 20 s");
		expect(conditionText({ ...named("analytics"), state: "paused" }, now)).toBe("Fails, stopped");
		expect(conditionText({ ...named("shop production"), polls: 0 }, now)).toBe("First read in 40 s");
		expect(conditionText({ ...named("shop production"), state: "paused" }, now)).toBe("Stopped");
	});
	it("sum up without counting the polls of one server twice", () => {
		const all = sum(targets);
		expect([all.watched, all.troubled, all.servers]).toEqual([5, 1, 4]);
		expect(all.waitMs).toBeCloseTo(14.2 + 204 + 540);
		expect(all.statements).toBe(1840 + 410 + 320 + 96 + 20000);
		// 204 ms every 10 s are 2.04 % of the time.
		expect(all.worst).toBeCloseTo(2.04);
	});
	it("that are two logins to one database are one database, with its statements counted once", () => {
		const first = { ...named("shop production"), connection_id: 1, instance_id: 1, statements: 1840 };
		const logins = [first, { ...first, connection_id: 2, statements: 1800 }, { ...first, connection_id: 3, statements: 20 }, { ...first, connection_id: 4, state: "unwatched" as const }, { ...first, connection_id: 5, instance_id: null, statements: 7 }];
		const places = new Map([1, 2, 3, 4, 5].map((id) => [id, { database: id < 3 ? "shop" : "crm" }]));
		expect(databasesRead(logins, places)).toEqual(new Map([[1, new Set(["shop", "crm"])]]));
		expect(sum(logins, places).statements).toBe(1840 + 20 + 7);
		expect(databasesRead(logins, new Map()).get(1)?.size).toBe(3);
	});
	it("know no overhead of what was not read", () => {
		expect(overhead(named("old archive"))).toBeNull();
		expect(overhead({ ...named("ledger"), interval_s: 0 })).toBeNull();
	});
	it("stand in trouble first, then by name, and can be filtered by name and error", () => {
		expect(arrange(targets, { q: "", state: "all" }).map((target) => target.connection_name)).toEqual(["analytics", "ledger", "shop production", "shop reporting", "warehouse", "old archive"]);
		expect(arrange(targets, { q: "SHOP", state: "all" })).toHaveLength(2);
		expect(arrange(targets, { q: "grant select", state: "all" })).toHaveLength(1);
		expect(arrange(targets, { q: "", state: "off" }).map((target) => target.connection_name)).toEqual(["old archive"]);
	});
	it("name the kind of a failure, also of one that is not known yet", () => {
		expect(failureTitle("unreachable")).toBe("The server cannot be reached");
		expect(failureTitle("something new")).toBe("The poll failed");
	});
	it("are asked again after each poll", () => {
		expect(staleBy('{"connection_id":3,"ok":true}', "poll")).toEqual([["monitoring"]]);
		expect(staleBy('{"id":3}', "job")).toContainEqual(["jobs"]);
	});
});

describe("load of a range", () => {
	const row = (at: number, calls: number, mean: number): Trend => ({ timestamp: new Date(at).toISOString(), avg_time: mean, slow_queries: 0, total_queries: 1, calls, total_time: calls * mean });
	const now = Date.parse("2026-11-22T11:30:00Z");
	const hour = Math.floor(now / HOUR) * HOUR;

	it("has a bucket for each hour, the running one included, and none is made up", () => {
		const load = loadOf([row(hour, 10, 2), row(hour - 2 * HOUR, 30, 1)], 24, now);
		expect(load.points).toHaveLength(24);
		expect(load.points.at(-1)).toEqual({ at: hour, values: { time: 20, calls: 10, mean: 2 } });
		expect(load.points.at(-2)?.values).toEqual({ time: null, calls: null, mean: null });
		expect(load.now).toEqual({ calls: 40, ms: 50, mean: 1.25 });
		expect(load.hours).toBe(2);
	});
	it("compares only with a time that is known from its beginning", () => {
		const full = Array.from({ length: 48 }, (_, index) => row(hour - index * HOUR, index < 24 ? 10 : 5, 1));
		expect(loadOf(full, 24, now).before).toEqual({ calls: 120, ms: 120, mean: 1 });
		expect(loadOf(full.slice(0, 40), 24, now).before).toBeNull();
		expect(loadOf([], 24, now)).toMatchObject({ before: null, hours: 0, now: { calls: 0, ms: 0, mean: null } });
	});
	it("adds up hours where bars would be too thin; sums stay", () => {
		const rows = Array.from({ length: 700 }, (_, index) => row(hour - index * HOUR, 1 + (index % 5), 3));
		const load = loadOf(rows, 168, now);
		expect(stepHours(168)).toBe(2);
		expect(load.points.length).toBeLessThanOrEqual(85);
		expect(load.points.reduce((sum, point) => sum + (point.values.calls ?? 0), 0)).toBe(load.now.calls);
		expect(loadOf(rows, 720, now).points.length).toBeLessThanOrEqual(121);
	});
});

describe("words and addresses", () => {
	it("count down and name intervals", () => {
		const now = Date.parse("2026-11-22T11:00:00Z");
		expect(until("2026-11-22T11:00:08Z", now)).toBe("in 8 s");
		expect(until("2026-11-22T10:59:00Z", now)).toBe("now");
		expect(until("2026-11-22T11:30:00Z", now)).toBe("in 30 min");
		expect(until("2026-11-22T15:00:00Z", now)).toBe("in 4 h");
		expect([until(null), until("x")]).toEqual(["–", "–"]);
		expect([10, 60, 90, 300, 3600, 5400, 86400].map((seconds) => interval(seconds))).toEqual(["10 s", "1 min", "90 s", "5 min", "1 h", "90 min", "24 h"]);
	});
	it("keep the choice of the page, and drop rubbish", () => {
		expect(targetSearch.write({ q: "shop", state: "trouble" })).toEqual({ q: "shop", state: "trouble" });
		expect(targetSearch.parse({ q: 12, state: "x" })).toEqual({ q: "12", state: "all" });
		expect(dashboardSearch.write({ range: "24h", load: "time" })).toEqual({});
		expect(dashboardSearch.parse({ range: "99y", load: "mean" })).toEqual({ range: "24h", load: "mean" });
	});
});
