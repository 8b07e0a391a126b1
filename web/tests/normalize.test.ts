import { describe, expect, it } from "vitest";
import { problemFrom } from "@/api/client";
import { toJob, toOptimization, toPlan, toProposal } from "@/api/normalize";
import { opportunities, verdictOf } from "@/features/dashboard/verdict";
import { placeOf } from "@/features/connections/engines";
import { emptyForm, fieldErrors, toInput, validate, withEngine } from "@/features/connections/form";
import { markdown } from "@/features/optimizer/markdown";
import other from "./fixtures/other.json";
import runs from "./fixtures/runs.json";

describe("answers", () => {
	it("survives rubbish without inventing anything", () => {
		for (const rubbish of [null, 7, "x", [], {}, { proposals: [null, 3], findings: "x", plan: { nodes: [{}] }, execution_plan: [] }]) {
			const run = toOptimization(rubbish);
			expect(run.proposals).toEqual([]);
			expect(run.findings).toEqual([]);
			expect(run.plan).toBeNull();
			expect(run.verdict.fine).toBe(false);
		}
	});
	it("reads the older fields when the newer are missing", () => {
		const run = toOptimization({ id: 1, detected_issues: { issues: [{ issue_type: "missing_index", severity: "high", title: "T", description: "D", affected_objects: ["a.b"], recommendations: ["R"], metrics: { rows: 3 } }] } });
		expect(run.findings[0]).toMatchObject({ rule: "missing_index", explanation: "D", objects: ["a.b"], remedy: "R", evidence: [{ name: "rows", value: 3, unit: "" }] });
	});
	it("never carries SQL to run on what is not offered", () => {
		for (const verdict of ["unproved", "rejected", "unknown", undefined]) {
			const proposal = toProposal({ verdict, sql: "DROP TABLE users" })!;
			expect(proposal.sql).toBeNull();
			expect(proposal.shown_sql).toBe("DROP TABLE users");
		}
		expect(toProposal({ verdict: "offered", sql: "S" })!.sql).toBe("S");
	});
	it("has all eight rungs in order, whatever came", () => {
		const proposal = toProposal({ verdict: "offered", proof: [{ rung: "planned", status: "passed" }, { rung: "nonsense", status: "passed" }, { rung: "parsed", status: "sideways" }] })!;
		expect(proposal.proof.map((rung) => `${rung.rung}=${rung.status}`)).toEqual(["parsed=not_run", "resolved=not_run", "planned=passed", "equivalent=not_run", "same_result=not_run", "measured=not_run", "applied=not_run", "confirmed=not_run"]);
	});
	it("keeps what a plan node has beyond the known fields", () => expect(toPlan({ nodes: [{ id: 0, label: "Sort", memory_kb: 27 }] })!.nodes[0]!.memory_kb).toBe(27));
	it("reads jobs in the words of the server", () => {
		const job = toJob({ id: 4, state: "running", result_id: 9, progress: 0.5, steps: [{ name: "parse", state: "done", started_at: "2026-11-22T12:00:00Z", finished_at: "2026-11-22T12:00:01Z" }, { name: "plan", state: "running", note: "n" }] });
		expect(job).toMatchObject({ id: 4, state: "running", optimization_id: 9, progress: 0.5 });
		expect(job.steps.map((step) => [step.name, step.state, step.elapsed_ms, step.detail])).toEqual([["parse", "done", 1000, null], ["plan", "running", null, "n"]]);
		expect(toJob({ id: 1, state: "failed", error: { detail: "no such table" } }).error).toBe("no such table");
	});
});

describe("problems", () => {
	it("shows title, detail and request id", () => expect(problemFrom(403, { title: "Not allowed", detail: "off", request_id: "r1" }, null)).toMatchObject({ title: "Not allowed", detail: "off", requestId: "r1" }));
	it("reads every field of a 422", () => {
		const error = problemFrom(422, { title: "Validation failed", detail: [{ loc: ["body", "port"], msg: "too large", type: "x" }, { loc: ["body", "name"], msg: "missing", type: "y" }] }, "h");
		expect(error.fields).toEqual([{ path: "port", message: "too large" }, { path: "name", message: "missing" }]);
		expect(error.detail).toBe("port: too large; name: missing");
		expect(fieldErrors(error.fields, emptyForm())).toEqual({ port: "too large", name: "missing" });
	});
	it("has words even for a body that says nothing", () => expect(problemFrom(503, null, "h")).toMatchObject({ title: "Not available now", requestId: "h" }));
});

describe("connection form", () => {
	it("says what is missing before the server is asked", () => {
		expect(Object.keys(validate({ ...emptyForm(), port: "70000" }))).toEqual(["name", "port", "database", "username"]);
		expect(validate({ ...emptyForm(), name: "a", database: "d", username: "u" })).toEqual({});
		expect(validate({ ...emptyForm(), name: "a", engine: "mariadb", username: "u" })).toEqual({});
		expect(Object.keys(validate({ ...emptyForm(), name: "a", engine: "sqlite" }))).toEqual(["database"]);
		expect(toInput({ ...withEngine(emptyForm(), "sqlite"), name: "a", database: "/x.db" })).toMatchObject({ host: "", port: null, username: "" });
		expect(withEngine(emptyForm(), "mysql").port).toBe("3306");
		expect(withEngine({ ...emptyForm(), port: "6000" }, "mysql").port).toBe("6000");
	});
	it("sends trimmed values, and what is empty as nothing, so that it can be cleared", () => {
		const input = toInput({ ...emptyForm(), name: " a ", database: "d", username: "u", password: " p " });
		expect(input).toMatchObject({ name: "a", port: 5432, password: " p " });
		expect(input).toMatchObject({ tls_ca: null, search_path: null });
	});
	it("sends only what the engine takes", () => {
		const filled = { ...emptyForm(), name: "a", database: "d", username: "u", password: "p", tls_ca: "/ca.pem", search_path: "app" };
		expect(toInput(filled)).toMatchObject({ tls_ca: "/ca.pem", search_path: "app" });
		expect(toInput({ ...filled, engine: "mysql" })).toMatchObject({ search_path: null });
		expect(toInput({ ...filled, engine: "mssql" })).toMatchObject({ tls_ca: null });
		expect(toInput({ ...filled, engine: "oracle" })).toMatchObject({ database: "d", search_path: "app" });
		expect(validate({ ...withEngine(filled, "oracle"), database: "" }).database).toContain("sid:NAME");
	});
	it("takes a DSN for everything that says where, and checks its scheme", () => {
		const given = { ...withEngine(emptyForm(), "oracle"), name: "a", dsn: " oracle://u:p@h:1521/S " };
		expect(validate(given)).toEqual({});
		expect(toInput(given)).toMatchObject({ dsn: "oracle://u:p@h:1521/S", host: "", port: null, username: "" });
		expect(toInput(given)).not.toHaveProperty("password");
		expect(validate({ ...given, engine: "mssql" }).dsn).toContain("mssql:");
	});
	it("names a file by its path and a server by user, host, port and database", () => {
		expect(placeOf({ engine: "sqlite", username: "", host: "", port: null, database: "/x.db" })).toBe("/x.db");
		expect(placeOf({ engine: "mysql", username: "u", host: "h", port: 3306, database: "" })).toBe("u@h:3306");
	});
});

describe("dashboard", () => {
	const all = runs.map(toOptimization);
	it("puts the largest saving first and counts a statement once", () => {
		const list = opportunities([...all, { ...all[1]!, id: 99 }]);
		expect(list.map((entry) => entry.run.id)).toEqual([2, 3, 1, 6]);
		expect(verdictOf(other.stats, all)).toMatchObject({ tone: "warn", title: "4 queries can be made cheaper" });
	});
	it("does not call it cheaper without saying what", () => expect(verdictOf(other.stats, all).text).toContain("cost, not time"));
	it("is calm when there is nothing", () => expect(verdictOf({ ...other.stats, total_detected_issues: 0 }, []).tone).toBe("good"));
});

describe("markdown summary", () => {
	it("gives SQL to run only for what is offered", () => {
		const text = markdown(toOptimization(runs[0]));
		expect(text).toContain("users_email_idx");
		expect(text).not.toContain("INCLUDE (country, city);");
		expect(text).toContain("cost, not time");
	});
	it("cannot be broken out of by back-ticks", () => expect(markdown(toOptimization({ original_sql: "SELECT '```'" }))).toContain("````sql"));
});
