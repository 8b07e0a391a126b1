import { describe, expect, it } from "vitest";
import { connectionSearch, frameSearch, idFrom, jobSearch, planMetrics, planViews, runSearch, runTabs } from "@/lib/url";

/* A small generator with a fixed seed: the property must hold for every value, not for three examples. */
function random(seed: number) {
	let state = seed;
	return (below: number) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state % below;
	};
}

describe("address bar", () => {
	it("parse(write(x)) is x for any value, also through the text of the bar", () => {
		const next = random(7);
		const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
		for (let i = 0; i < 500; i++) {
			const value = {
				tab: pick(runTabs),
				view: pick(planViews),
				metric: pick(["auto", ...planMetrics] as const),
				node: pick([null, 0, next(5000)]),
				p: pick([null, next(90_000)]),
				job: pick([null, 1 + next(90_000)]),
				q: pick([null, 1 + next(90_000)]),
			};
			const written = runSearch.write(value);
			expect(runSearch.parse(written)).toEqual(value);
			const text = new URLSearchParams(Object.entries(written).map(([key, entry]) => [key, String(entry)])).toString();
			expect(runSearch.parse(Object.fromEntries(new URLSearchParams(text)))).toEqual(value);
		}
	});

	it("writes only what is not the default", () => {
		expect(runSearch.write(runSearch.parse({}))).toEqual({});
		expect(runSearch.write({ tab: "plan", view: "outline", node: 0 })).toEqual({ tab: "plan", node: 0 });
		expect(jobSearch.write({ state: "all" })).toEqual({});
		expect(connectionSearch.write({ tab: "health" })).toEqual({});
	});

	it("ignores what it does not know", () => {
		expect(runSearch.parse({ tab: "<script>", node: "-1", view: 7, p: "1e9", job: "0", other: "x" })).toEqual(runSearch.parse({}));
		expect(frameSearch.parse({ c: "3; DROP" })).toEqual({ c: null });
		expect(frameSearch.parse({ c: "3" })).toEqual({ c: 3 });
		expect(frameSearch.parse({ c: "99999999999999999999" })).toEqual({ c: null });
	});

	it("takes only whole numbers as ids", () => {
		expect(idFrom("12")).toBe(12);
		for (const bad of ["0", "-1", "1.5", "abc", "", "1 2", undefined]) expect(idFrom(bad)).toBeNull();
	});
});
