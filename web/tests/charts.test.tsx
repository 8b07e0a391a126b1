import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { ChartFrame } from "@/components/charts/ChartFrame";
import { bucketLabel, buckets, floorTo, tickLabel, ticks, valueTicks } from "@/components/charts/time";
import type { ChartData } from "@/components/charts/types";
import { duration } from "@/lib/format";
import { show } from "./render";

const HOUR = 3_600_000;
const at = (text: string) => new Date(text).getTime();

describe("buckets of time", () => {
	it("have no holes and begin at round local times", () => {
		const list = buckets(at("2026-11-20T01:20:00"), at("2026-11-21T01:20:00"), 6 * HOUR);
		expect(list.map((time) => new Date(time).getHours())).toEqual([0, 6, 12, 18, 0]);
		expect(floorTo(at("2026-11-20T13:59:59"), HOUR)).toBe(at("2026-11-20T13:00:00"));
	});
	it("end somewhere, whatever the step", () => {
		expect(buckets(0, 1e15, 1).length).toBe(2_000);
		expect(buckets(5, 5, HOUR)).toEqual([]);
	});
	it("get at most as many marks as there is room, at round hours", () => {
		const list = buckets(at("2026-11-20T01:00:00"), at("2026-11-21T01:00:00"), HOUR);
		for (const most of [2, 4, 8, 12, 30]) expect(ticks(list, most).length).toBeLessThanOrEqual(Math.max(most + 1, 3));
		expect(ticks(list, 5).map((time) => new Date(time).getHours())).toEqual([6, 12, 18, 0]);
		expect(ticks([], 5)).toEqual([]);
		expect(ticks([7], 5)).toEqual([7]);
	});
	it("say hour, day or span", () => {
		expect(tickLabel(at("2026-11-20T06:00:00"), 24 * HOUR)).toBe("06:00");
		expect(tickLabel(at("2026-11-20T00:00:00"), 24 * HOUR)).toBe("Nov 20");
		expect(tickLabel(at("2026-11-20T12:00:00"), 100 * HOUR)).toBe("Fri 12:00");
		expect(bucketLabel(at("2026-11-20T14:00:00"), HOUR)).toBe("Fri Nov 20, 14:00 – 15:00");
		expect(bucketLabel(at("2026-11-20T00:00:00"), 24 * HOUR)).toBe("Fri Nov 20");
	});
});

describe("values on an axis", () => {
	it("are round in the unit that people count in, hold the largest, and are few", () => {
		expect(valueTicks(132_000, "ms").map((value) => duration(value))).toEqual(["0 ms", "30 s", "1 min", "1.5 min", "2 min", "2.5 min"]);
		expect(valueTicks(95, "count")).toEqual([0, 50, 100]);
		expect(valueTicks(90, "count")).toEqual([0, 20, 40, 60, 80, 100]);
		for (const unit of ["ms", "count"] as const)
			for (let max = 0.00013; max < 1e13; max *= 1.7) {
				const list = valueTicks(max, unit);
				expect(list.at(-1), `${unit} ${max}`).toBeGreaterThanOrEqual(max);
				expect(list.length, `${unit} ${max}`).toBeLessThanOrEqual(9);
				expect(list.length, `${unit} ${max}`).toBeGreaterThanOrEqual(2);
			}
		expect(valueTicks(0, "ms")).toEqual([0]);
	});
});

describe("a chart", () => {
	const data: ChartData = {
		step: HOUR,
		unit: "ms",
		points: [{ at: at("2026-11-20T13:00:00"), values: { time: 1500 } }, { at: at("2026-11-20T14:00:00"), values: { time: null } }, { at: at("2026-11-20T15:00:00"), values: { time: 20 } }],
		series: [{ key: "time", label: "Time", color: "red", kind: "bar", format: duration }],
		markers: [{ at: at("2026-11-20T15:20:00"), kind: "plan", label: "Plan B <b>" }],
	};
	it("has the same figures as a table, newest first, without the times that nothing is known of", async () => {
		show(<ChartFrame data={data} label="Load" />);
		await userEvent.click(screen.getByRole("button", { name: "View as a table" }));
		const rows = within(screen.getByRole("region", { name: "Load, as a table" })).getAllByRole("row");
		expect(rows).toHaveLength(3);
		expect(rows[1]).toHaveTextContent("20 ms");
		expect(rows[1]).toHaveTextContent("plan change: Plan B <b>");
		expect(rows[2]).toHaveTextContent("1.5 s");
		expect(screen.getByRole("list", { name: "Legend" })).toHaveTextContent("plan change");
	});
});
