/* The page against the description of the API that the server gives of itself (openapi.json, see npm run api:types). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";
import { describe, expect, it } from "vitest";
import type { components } from "@/api/schema";
import type * as ours from "@/api/types";
import { rungNames } from "@/api/normalize";
import document from "../openapi.json";
import activity from "./fixtures/activity.json";
import alerts from "./fixtures/alerts.json";
import instances from "./fixtures/instances.json";
import other from "./fixtures/other.json";
import monitoring from "./fixtures/monitoring.json";
import queries from "./fixtures/queries.json";
import runs from "./fixtures/runs.json";

type Schemas = components["schemas"];

/* Compile-time: the words of the server are the words of the page. A new kind or rung breaks the build here. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const words: Same<Schemas["Proposal"]["kind"], ours.ProposalKind> &
	Same<Schemas["Proposal"]["verdict"], ours.Verdict> &
	Same<Schemas["ProofRung"]["rung"], ours.RungName> &
	Same<Schemas["ProofRung"]["status"], ours.RungStatus> &
	Same<Schemas["Finding"]["severity"], ours.Severity> &
	Same<Schemas["Job"]["state"], ours.JobState> &
	Same<Schemas["Connection"]["engine"], ours.Engine> = true;
const readable: (connection: Schemas["Connection"]) => ours.Connection = (connection) => connection;
const stats: (value: Schemas["DashboardStats"]) => ours.DashboardStats = (value) => value;

type Schema = { required?: string[]; properties?: Record<string, unknown> };
const schemas = document.components.schemas as unknown as Record<string, Schema>;

function fits(name: string, value: object) {
	const schema = schemas[name];
	expect(schema, name).toBeDefined();
	const known = Object.keys(schema?.properties ?? {});
	expect(Object.keys(value).filter((key) => !known.includes(key)), `${name}: unknown fields`).toEqual([]);
	expect((schema?.required ?? []).filter((key) => key in value || ["shown_sql", "execution_plan", "recommendations", "applied_at", "validated_at", "detected_issues", "parameter_note", "own_cpu_ms", "wait_ms", "error_kind", "error_position", "connection_id", "rows_returned", "buffer_hits", "buffer_reads"].includes(key)).length, `${name}: required fields`).toBe((schema?.required ?? []).length);
}

describe("contract", () => {
	it("has the generated types of the committed document", async () => {
		const made = astToString(await openapiTS(readFileSync(join(import.meta.dirname, "../openapi.json"), "utf8"), { alphabetize: true }));
		const kept = readFileSync(join(import.meta.dirname, "../src/api/schema.d.ts"), "utf8");
		expect(kept.includes(made.trim())).toBe(true);
	}, 60_000);

	it("has every route that the page asks", () => {
		const paths = Object.keys(document.paths).map((path) => path.replace(/\{[^}]+\}/g, "{}"));
		for (const path of ["/health", "/api/connections", "/api/connections/{}", "/api/connections/{}/test", "/api/connections/{}/health-checks", "/api/connections/test", "/api/dashboard/stats", "/api/dashboard/performance-trends", "/api/queries", "/api/queries/sparklines", "/api/queries/{}", "/api/queries/{}/series", "/api/queries/{}/plans", "/api/plans/analyze", "/api/capabilities", "/api/notices", "/api/notices/dismiss", "/api/alerts/channels", "/api/alerts/channels/{}", "/api/alerts/channels/{}/test", "/api/alerts/rules", "/api/alerts/rules/{}", "/api/alerts/deliveries", "/api/instances", "/api/connections/{}/discover", "/api/connections/{}/activity", "/api/connections/{}/activity/past", "/api/annotations", "/api/annotations/{}", "/api/findings", "/api/findings/{}", "/api/findings/{}/acknowledge", "/api/findings/{}/unacknowledge", "/api/findings/{}/mute", "/api/findings/{}/unmute", "/api/findings/{}/comments", "/api/monitoring/status", "/api/monitoring/targets", "/api/monitoring/start", "/api/monitoring/stop", "/api/monitoring/trigger", "/api/optimizer/optimize", "/api/optimizer/optimizations", "/api/optimizer/optimizations/{}", "/api/optimizer/validate-performance", "/api/optimizer/apply", "/api/jobs", "/api/jobs/{}", "/api/jobs/{}/cancel", "/api/events"])
			expect(paths, path).toContain(path);
	});

	it("tests with fixtures of the server's own shape", () => {
		expect([words, typeof readable, typeof stats]).toEqual([true, "function", "function"]);
		for (const run of runs) {
			fits("Optimization", run);
			for (const proposal of run.proposals) fits("Proposal", proposal);
			for (const finding of run.findings) fits("Finding", finding);
		}
		for (const connection of other.connections) fits("Connection", connection);
		for (const job of other.jobs) fits("Job", job);
		fits("QueryPlans", queries.plans);
		for (const plan of queries.plans.plans) fits("QueryPlan", plan);
		for (const one of queries.plans.runs) fits("QueryPlanRun", one);
		fits("QueryPage", queries.page);
		for (const row of queries.page.queries) fits("QueryRow", row);
		fits("QueryDetail", queries.detail);
		fits("QuerySeries", queries.series);
		for (const point of queries.series.points) fits("SeriesPoint", point);
		for (const one of queries.series.annotations) fits("Annotation", one);
		fits("Sparklines", queries.sparklines);
		for (const one of queries.sparklines.series) fits("Sparkline", one);
		for (const finding of queries.findings) fits("FindingRecord", finding);
		fits("FindingDetail", queries.finding);
		fits("Activity", activity.now);
		for (const session of activity.now.sessions) fits("Session", session);
		fits("ActivityPast", activity.past);
		for (const point of activity.past.points) fits("ActivityPoint", point);
		for (const share of activity.past.shares) fits("ActivityShare", share);
		fits("Capabilities", activity.capabilities);
		for (const engine of activity.capabilities.engines) fits("EngineCapabilities", engine);
		for (const channel of alerts.channels) fits("AlertChannel", channel);
		for (const rule of alerts.rules) fits("AlertRule", rule);
		for (const one of alerts.deliveries) fits("AlertDelivery", one);
		for (const one of instances.instances) fits("Instance", one);
		for (const one of instances.instances.flatMap((instance) => instance.connections)) fits("InstanceConnection", one);
		for (const one of instances.found) fits("FoundDatabase", one);
		for (const notice of other.notices) fits("Notice", notice);
		fits("MonitoringStatus", monitoring.status);
		for (const target of monitoring.targets) fits("MonitoringTarget", target);
		for (const trend of monitoring.trends) fits("PerformanceTrend", trend);
		fits("DashboardStats", other.stats);
		fits("ConnectionTest", other.test_ok);
		fits("HealthChecks", other.health_checks);
		for (const check of other.health_checks.checks) fits("HealthCheck", check);
		for (const finding of other.health_checks.findings) fits("Finding", finding);
	});

	it("shows the rungs in the order of the server", () => {
		const rung = (schemas.ProofRung?.properties as { rung: { enum: string[] } }).rung;
		expect(rungNames).toEqual(rung.enum);
	});
});
