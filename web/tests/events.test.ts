import { describe, expect, it } from "vitest";
import { staleBy } from "@/api/events";

const stale = (event: unknown): string[] => staleBy(typeof event === "string" ? event : JSON.stringify(event)).map((key) => key.join(":"));

describe("live events", () => {
	it("a step makes its job stale, nothing else", () => {
		expect(stale({ id: 7, name: "plan", state: "running", note: null })).toEqual(["jobs", "job:7"]);
		expect(stale({ id: 7, name: "plan", state: "done", note: null })).toEqual(["jobs", "job:7"]);
	});
	it("the end of a job makes stale what it wrote", () => {
		expect(stale({ id: 7, kind: "optimize", state: "done", progress: 1, result_id: 3, error: null })).toEqual(["jobs", "job:7", "runs", "stats", "connections", "run:3"]);
		expect(stale({ id: 8, kind: "discover", state: "failed", progress: 0, result_id: null, error: "x" })).not.toContain("run:null");
	});
	it("takes a comment, a gap and rubbish", () => {
		for (const text of ["", "{", "null", "[]", "7"]) expect(stale(text)[0]).toBe("jobs");
	});
});
