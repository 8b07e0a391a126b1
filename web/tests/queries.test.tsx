import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { FindingRecord } from "@/api/findings";
import type { QueryPlans, QueryRow, QuerySeries } from "@/api/history";
import { staleBy } from "@/api/events";
import { Sparkline } from "@/components/charts/Sparkline";
import { FindingCard } from "@/features/findings/FindingCard";
import { arranged, muteUntil, stateText } from "@/features/findings/words";
import { localInput } from "@/features/queries/Annotate";
import { metricLooks } from "@/features/queries/metrics";
import { letters, planChanges } from "@/features/queries/plans";
import { chartOf } from "@/features/queries/series";
import { covered, hitRatio, perCall, shortTitle, slower } from "@/features/queries/words";
import { factorText } from "@/lib/format";
import { queriesSearch, querySearch } from "@/lib/url";
import queries from "./fixtures/queries.json";
import { show } from "./render";

const rows = queries.page.queries as QueryRow[];
const findings = queries.findings as FindingRecord[];
const open = findings.find((finding) => finding.state === "open")!;
const now = Date.parse("2026-11-22T12:00:00Z");
let sent: { url: string; body: unknown }[] = [];
beforeEach(() => {
	sent = [];
	vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
		sent.push({ url, body: typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : null });
		return new Response(JSON.stringify(url.includes("comments") || init?.method === "POST" ? open : queries.finding));
	});
});

describe("a statement in words", () => {
	it("has a short name from what it does and to what", () => {
		expect(shortTitle({ kind: "select", tables: ["shop.orders", "users"], sql_text: "x", other: false })).toBe("SELECT orders, users");
		expect(shortTitle({ kind: "unknown", tables: [], sql_text: "/* app */ -- why\n vacuum t", other: false })).toBe("VACUUM");
		expect(shortTitle({ kind: "unknown", tables: ["a", "b", "c", "d"], sql_text: "WITH x AS ...", other: false })).toBe("WITH a, b, c and 1 more");
		expect(shortTitle({ kind: "unknown", tables: [], sql_text: "", other: true })).toBe("All other statements");
	});
	it("counts as slower when a call is, not when there are more calls", () => {
		expect(rows.filter(slower).map((row) => row.id)).toEqual([11]);
		expect(slower({ mean_change: 1.29, regressed: false })).toBe(false);
		expect(slower({ mean_change: null, regressed: true })).toBe(true);
	});
	it("divides by calls only where there were some, and tells a ratio only of what was counted", () => {
		expect([perCall(10, 4), perCall(10, 0), perCall(null, 4)]).toEqual([2.5, null, null]);
		expect([hitRatio(3, 1), hitRatio(0, 0), hitRatio(null, null)]).toEqual([75, null, null]);
		expect(covered(rows.slice(0, 1), rows[0]!.total_ms * 2)).toBeCloseTo(50);
		expect(covered(rows, 0)).toBeNull();
	});
	it("writes factors as changes", () => {
		expect([1.3, 0.8, 1, 4.6, 12.4, 0, null].map((factor) => factorText(factor))).toEqual(["+30 %", "−20 %", "±0 %", "+360 %", "12×", "−100 %", "–"]);
	});
});

describe("a series as a chart", () => {
	const series = queries.series as QuerySeries;
	it("has a step for each hour; one without calls is unknown in a mean and 0 in a sum", () => {
		const mean = chartOf(series, metricLooks.mean_time, []);
		expect(mean.points).toHaveLength(24);
		const hole = mean.points.findIndex((point) => point.values.value === null);
		expect(hole).toBe(9);
		expect(chartOf(series, metricLooks.total_time, []).points[hole]?.values.value).toBe(0);
		expect(mean.points.at(-1)?.values.value).toBe(series.points.at(-1)?.value);
	});
	it("has marks for what happened and what was found, but not for what was muted", () => {
		expect(chartOf(series, metricLooks.calls, findings).markers?.map((marker) => marker.kind)).toEqual(["note", "finding", "finding"]);
		expect(chartOf(series, metricLooks.calls, [{ ...open, state: "muted" }]).markers).toHaveLength(1);
	});
	it("marks where one plan followed another, by letters that stay", () => {
		const plans = queries.plans as QueryPlans;
		expect([...letters(plans.plans)]).toEqual([["00000000000000a0", "A"], ["00000000000000b0", "B"]]);
		expect(planChanges(plans)).toEqual([{ at: Date.parse("2026-11-22T07:05:00Z"), kind: "plan", label: "plan B instead of A" }]);
		expect(planChanges({ ...plans, runs: [plans.runs[0]!, plans.runs[0]!] })).toEqual([]);
		expect(chartOf(series, metricLooks.calls, [], plans).markers?.map((marker) => marker.kind)).toEqual(["note", "plan"]);
	});
	it("ends, whatever the step", () => {
		expect(chartOf({ ...series, step_s: 0 }, metricLooks.calls, []).points.length).toBeLessThanOrEqual(1_000);
		expect(chartOf({ ...series, points: [] }, metricLooks.calls, []).points.every((point) => point.values.value === 0)).toBe(true);
	});
});

describe("a small line", () => {
	it("breaks where nothing is known, and is a base line where nothing ran", () => {
		const { container, rerender } = show(<Sparkline points={[1, null, 2, 3]} />);
		expect(container.querySelectorAll("path")[1]?.getAttribute("d")?.match(/M/g)).toHaveLength(2);
		rerender(<Sparkline points={[0, 0]} />);
		expect(container.querySelector("path")).toBeNull();
		expect(container.querySelector("line")).not.toBeNull();
	});
});

describe("findings of the monitor", () => {
	it("say their state", () => {
		expect(stateText(open, now)).toBe("open, came back once");
		expect(stateText({ ...open, state: "closed", ended: "settled", closed_at: "2026-11-22T10:00:00Z" }, now)).toBe("the new normal 2h ago");
		expect(stateText({ ...open, state: "muted", muted_for_ever: true }, now)).toBe("muted for ever");
		expect(stateText({ ...open, state: "muted", muted_until: "2026-11-22T18:00:00Z" }, now)).toBe("muted, speaks again in 6 h");
	});
	it("stand with the open and the heavy ones first", () => {
		const heavy = { ...open, id: 9, severity: "critical" as const };
		expect(arranged([findings[0]!, open, heavy]).map((finding) => finding.id)).toEqual([9, 7, 5]);
	});
	it("can be acknowledged, muted for a time, and commented", async () => {
		expect(muteUntil(1, now)).toBe("2026-11-23T12:00:00.000Z");
		expect(muteUntil(null)).toBeNull();
		show(<ul><FindingCard finding={open} /></ul>);
		await userEvent.click(screen.getByRole("button", { name: "Acknowledge" }));
		await waitFor(() => expect(sent.at(-1)?.url).toBe("/api/findings/7/acknowledge"));
		await userEvent.click(screen.getByRole("button", { name: "Mute" }));
		await userEvent.click(screen.getByRole("menuitem", { name: "For ever" }));
		await waitFor(() => expect(sent.at(-1)).toEqual({ url: "/api/findings/7/mute", body: {} }));
		await userEvent.click(screen.getByRole("button", { name: "Comments 1" }));
		expect(await screen.findByText("The release dropped the index by mistake.")).toBeVisible();
		await userEvent.type(screen.getByRole("textbox", { name: "Comment" }), " fixed {Enter}");
		await waitFor(() => expect(sent).toContainEqual({ url: "/api/findings/7/comments", body: { text: "fixed" } }));
	});
	it("that are over are not acted on; markup in them is text", () => {
		const { container } = show(<ul><FindingCard finding={{ ...findings[0]!, title: "<img src=x onerror=alert(1)>", docs: "javascript:alert(1)" }} /></ul>);
		expect(screen.queryByRole("button", { name: /Acknowledge|Mute/ })).toBeNull();
		expect(container.querySelector("img")).toBeNull();
		expect(screen.getByRole("link", { name: /About the rule/ })).toHaveAttribute("href", "/docs/findings/query-regression");
	});
	it("are read again when one opens or closes", () => {
		expect(staleBy("{}", "finding")).toEqual([["findings"], ["queries"], ["stats"]]);
	});
});

describe("addresses", () => {
	it("hold the whole list, and only what is not the default", () => {
		expect(queriesSearch.write(queriesSearch.parse({}))).toEqual({});
		const view = queriesSearch.parse({ q: " orders ", only: "regressed", kind: "select", period: "week", sort: "mean_time", order: "asc", page: "3" });
		expect(queriesSearch.write(view)).toEqual({ q: "orders", only: "regressed", kind: "select", period: "week", sort: "mean_time", order: "asc", page: 3 });
		expect(queriesSearch.parse({ page: "1", sort: "x", order: "up", kind: "drop" })).toEqual(queriesSearch.parse({}));
	});
	it("keep times as they are written, and drop what is none", () => {
		expect(querySearch.parse({ from: "2026-11-23T01:00:00Z", to: "2026-13-99T00:00:00Z" })).toMatchObject({ from: "2026-11-23T01:00:00Z", to: null });
		expect(localInput(new Date(2026, 10, 3, 4, 5))).toBe("2026-11-03T04:05");
	});
});
