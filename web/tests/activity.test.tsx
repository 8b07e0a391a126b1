import { screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { ActivityPast, Capabilities, Session } from "@/api/activity";
import type { Connection } from "@/api/types";
import { PastPanel } from "@/features/activity/PastPanel";
import { arrange, count, meanText, stackOf, worstHolder } from "@/features/activity/sessions";
import { activitySearch } from "@/lib/url";
import fixture from "./fixtures/activity.json";
import other from "./fixtures/other.json";
import { show } from "./render";

const sessions = fixture.now.sessions as Session[];
const past = fixture.past as ActivityPast;
const named = (id: number): Session => sessions.find((session) => session.id === id)!;

describe("sessions", () => {
	it("stand below the one that holds them up, trees first, longest first", () => {
		expect(arrange(sessions, "all").map(({ session, depth, holds }) => [session.id, depth, holds])).toEqual([
			[4711, 0, 3],
			[4811, 1, 1],
			[4850, 2, 0],
			[4830, 1, 0],
			[4902, 0, 0],
			[4903, 0, 0],
		]);
		expect(worstHolder(arrange(sessions, "all"))?.session.id).toBe(4711);
		expect(worstHolder(arrange([named(4902)], "all"))).toBeNull();
	});
	it("that wait in a ring, for themselves or for somebody who is not shown are all there once", () => {
		const ring = [{ ...named(4811), blocked_by: 4850 }, { ...named(4850), blocked_by: 4811 }, { ...named(4902), blocked_by: 4902 }, { ...named(4903), blocked_by: 99 }];
		const lines = arrange(ring, "all");
		expect(lines.map((line) => line.session.id).sort()).toEqual([4811, 4850, 4902, 4903]);
		expect(lines.filter((line) => line.depth > 0)).toHaveLength(1);
	});
	it("are counted and filtered by what they do, without the tree", () => {
		expect([count(sessions, "running"), count(sessions, "waiting"), count(sessions, "in_transaction")]).toEqual([1, 4, 1]);
		const waiting = arrange(sessions, "waiting");
		expect(waiting.map((line) => line.session.state)).toEqual(["waiting", "waiting", "waiting", "waiting"]);
		expect(waiting.every((line) => line.depth === 0)).toBe(true);
	});
});

describe("the minutes behind", () => {
	it("are stacked by what sessions waited for, and add up to what waited", () => {
		const { points, series, looked } = stackOf(past);
		expect(looked).toBe(57);
		expect(series.map((one) => one.label)).toEqual(["Running", "In transaction, idle", "Waiting: IO: DataFileRead", "Waiting: Lock: transactionid", "Waiting: other"]);
		points.forEach((point, index) => {
			const was = past.points[index]!;
			if (was.waiting === null) return expect(Object.values(point.values)).toEqual([null, null, null, null, null]);
			expect((point.values.wait0 ?? 0) + (point.values.wait1 ?? 0) + (point.values.rest ?? 0)).toBeCloseTo(was.waiting, 6);
		});
	});
	it("have no series for waits that there were not", () => {
		const none = stackOf({ ...past, waits: [], points: past.points.map((point) => ({ ...point, waiting: point.waiting === null ? null : 0, waits: [] })) });
		expect(none.series.map((one) => one.key)).toEqual(["running", "transaction"]);
		expect(stackOf({ ...past, waits: [], points: past.points.map((point) => ({ ...point, waits: [] })) }).series.at(-1)?.label).toBe("Waiting");
	});
	it("write means short, and never as 0 what is not", () => {
		expect([0, 0.004, 0.346, 1.5, 12.34].map(meanText)).toEqual(["0", "< 0.01", "0.35", "1.5", "12.3"]);
	});
	it("have an address", () => {
		expect(activitySearch.parse({ span: "7d", state: "waiting" })).toEqual({ span: "7d", state: "waiting" });
		expect(activitySearch.write(activitySearch.parse({ span: "9d", state: "x" }))).toEqual({});
	});
});

describe("a server that nobody looks at", () => {
	it("says what is switched off and the line that switches it on", async () => {
		vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ ...past, points: past.points.map((point) => ({ ...point, running: null, waiting: null, in_transaction: null, waits: [] })), shares: [], waits: [] })));
		const can = { ...fixture.capabilities, activity_s: 0 } as Capabilities;
		show(<PastPanel connection={other.connections[0] as Connection} can={can} span="1h" choose={() => undefined} />);
		expect(await screen.findByRole("heading", { name: "Nobody looks while this page is closed" })).toBeVisible();
		expect(screen.getByText("MONITORING_ACTIVITY_SECONDS=5")).toBeVisible();
		expect(screen.getByRole("button", { name: /Copy the setting/ })).toBeVisible();
		expect(screen.queryByRole("group", { name: "Range" })).toBeNull();
	});
	it("says when a connection is not watched", async () => {
		vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ ...past, points: [], shares: [], waits: [] })));
		show(<PastPanel connection={{ ...other.connections[0], monitoring_enabled: false } as Connection} can={fixture.capabilities as Capabilities} span="6h" choose={() => undefined} />);
		expect(await screen.findByText(/Only watched connections are looked at/)).toBeVisible();
	});
});
