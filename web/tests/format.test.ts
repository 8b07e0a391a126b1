import { describe, expect, it } from "vitest";
import { ago, bytes, capital, change, compact, cost, duration, evidence, misestimate, NONE, oneLine, times, counted } from "@/lib/format";

describe("numbers", () => {
	it.each([
		[0, "0"],
		[0.0523, "0.05"],
		[9.31, "9.31"],
		[950, "950"],
		[999.96, "1k"],
		[12_345, "12.3k"],
		[199_999, "200k"],
		[999_960, "1M"],
		[4_200_000, "4.2M"],
		[-12_345, "-12.3k"],
	])("compact %d is %s", (value, text) => expect(compact(value)).toBe(text));

	it.each([
		[0, "0 ms"],
		[0.052, "52 µs"],
		[0.24, "240 µs"],
		[0.9999, "1 ms"],
		[21.7, "21.7 ms"],
		[412.3, "412 ms"],
		[999.7, "1 s"],
		[46_404, "46.4 s"],
		[60_000, "1 min"],
		[7_200_000, "2 h"],
	])("duration %d is %s", (value, text) => expect(duration(value)).toBe(text));

	it.each([
		[0, "0 B"],
		[999, "999 B"],
		[7_987_200, "7.6 MB"],
		[33_554_432, "32 MB"],
		[-1, NONE],
	])("bytes %d is %s", (value, text) => expect(bytes(value)).toBe(text));

	it("writes what is unknown as a dash, never as zero", () => {
		for (const write of [compact, duration, bytes, cost]) {
			expect(write(null)).toBe(NONE);
			expect(write(undefined)).toBe(NONE);
			expect(write(Number.NaN)).toBe(NONE);
		}
		expect(change(null, 3)).toBe(NONE);
		expect(change(0, 3)).toBe(NONE);
	});
});

describe("change", () => {
	it("never rounds a drop up to everything", () => {
		expect(change(4826, 8.44)).toBe("−99.83 %");
		expect(change(1_000_000, 0.001)).toBe("−99.99 %");
		expect(change(5, 0)).toBe("−100 %");
	});
	it("shows growth and standstill", () => {
		expect(change(100, 150)).toBe("+50 %");
		expect(change(402, 402.01)).toBe("±0 %");
	});
	it("says how many times", () => {
		expect(times(4826, 8.44)).toBe("572×");
		expect(times(12, 10)).toBe("1.2×");
		expect(times(12, 0)).toBe(NONE);
	});
});

describe("misestimate", () => {
	it("has a direction and is never below one", () => {
		expect(misestimate(916, 10_000)).toEqual({ factor: 10_000 / 916, direction: "under" });
		expect(misestimate(10, 1)).toEqual({ factor: 10, direction: "over" });
		expect(misestimate(0, 0)).toEqual({ factor: 1, direction: "exact" });
		expect(misestimate(10, null)).toBeNull();
	});
});

describe("evidence", () => {
	it("follows the unit", () => {
		expect(evidence(599_980, "rows")).toBe("600k rows");
		expect(evidence(1, "rows")).toBe("1 row");
		expect(evidence(21.7, "ms")).toBe("21.7 ms");
		expect(evidence(9.31, "x")).toBe("9.31×");
		expect(evidence(4826, "cost")).toBe("4,826 cost");
		expect(evidence(2, "")).toBe("2");
	});
});

describe("messages", () => {
	it("begin with a capital, unless they begin with a name", () => {
		expect(capital("the server answers")).toBe("The server answers");
		expect(capital("users_email_idx is unused")).toBe("users_email_idx is unused");
		expect(capital("pg_stat_statements 1.10")).toBe("pg_stat_statements 1.10");
		expect(capital("shop.users has")).toBe("shop.users has");
		expect(capital("")).toBe("");
	});
});

describe("time", () => {
	const now = Date.parse("2026-11-22T12:00:00Z");
	it("takes times with and without a zone as UTC", () => {
		expect(ago("2026-11-22T11:50:00Z", now)).toBe(ago("2026-11-22T11:50:00", now));
		expect(ago("2026-11-22T11:59:50Z", now)).toBe("just now");
		expect(ago("2026-11-22T11:50:00Z", now)).toMatch(/10\s?m/);
		expect(ago("rubbish", now)).toBe(NONE);
	});
	it("puts a statement on one line", () => expect(oneLine(" SELECT 1\n\t FROM t ")).toBe("SELECT 1 FROM t"));
});

describe("counts in words", () => {
	it("have one call, and any other number of calls", () => {
		expect([0, 1, 2, 12_345, 4_200_000].map((n) => counted(n, "call"))).toEqual(["0 calls", "1 call", "2 calls", "12.3k calls", "4.2M calls"]);
	});
});
