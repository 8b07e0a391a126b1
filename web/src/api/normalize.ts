/* Brings answers into the shapes of types.ts. The only place that knows alternative spellings and missing parts, so that
 * no component has to ask twice. Nothing is invented: what is absent stays absent. */
import type { Evidence, Finding, Job, JobState, JobStep, Optimization, Plan, PlanNode, Proposal, Rung, RungName, RungStatus, Severity } from "./types";

type Raw = Record<string, unknown>;
const record = (value: unknown): Raw | null => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : null);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const strings = (value: unknown): string[] => list(value).filter((item): item is string => typeof item === "string" && item !== "");

const severities: readonly Severity[] = ["low", "medium", "high", "critical"];
export const rungNames: readonly RungName[] = ["parsed", "resolved", "planned", "equivalent", "same_result", "measured", "applied", "confirmed"];
const rungStatuses: readonly RungStatus[] = ["not_run", "passed", "failed", "not_possible"];

export function toFinding(value: unknown): Finding | null {
	const raw = record(value);
	if (!raw) return null;
	const severity = severities.find((name) => name === raw.severity) ?? "low";
	const span = list(raw.span);
	let evidence: Evidence[] = [];
	for (const item of list(raw.evidence)) {
		const entry = record(item);
		const amount = number(entry?.value);
		if (entry && amount !== null) evidence.push({ name: String(entry.name ?? ""), value: amount, unit: text(entry.unit) ?? "" });
	}
	const metrics = record(raw.metrics);
	if (evidence.length === 0 && metrics)
		evidence = Object.entries(metrics).flatMap(([name, amount]) => (number(amount) === null ? [] : [{ name, value: amount as number, unit: "" }]));
	return {
		rule: text(raw.rule) ?? text(raw.issue_type) ?? "finding",
		issue_type: text(raw.issue_type) ?? undefined,
		severity,
		title: text(raw.title) ?? "Finding",
		explanation: text(raw.explanation) ?? text(raw.description) ?? "",
		remedy: text(raw.remedy) ?? (strings(raw.recommendations).join(" ") || null),
		docs: text(raw.docs),
		node: number(raw.node),
		span: span.length === 2 && number(span[0]) !== null && number(span[1]) !== null ? [span[0] as number, span[1] as number] : null,
		objects: strings(raw.objects ?? raw.affected_objects),
		evidence,
	};
}

function toProof(value: unknown): Rung[] {
	const found = new Map<string, Rung>();
	for (const item of list(value)) {
		const raw = record(item);
		const rung = rungNames.find((name) => name === raw?.rung);
		if (!raw || !rung) continue;
		found.set(rung, { rung, status: rungStatuses.find((name) => name === raw.status) ?? "not_run", reason: text(raw.reason) });
	}
	return rungNames.map((rung) => found.get(rung) ?? { rung, status: "not_run", reason: null });
}

export function toProposal(value: unknown): Proposal | null {
	const raw = record(value);
	if (!raw) return null;
	const cost = record(raw.cost);
	const measured = record(raw.measured);
	const verdict = raw.verdict === "offered" || raw.verdict === "unproved" ? raw.verdict : "rejected";
	const before = number(measured?.before_ms);
	const after = number(measured?.after_ms);
	return {
		id: number(raw.id) ?? 0,
		kind: (text(raw.kind) ?? "index") as Proposal["kind"],
		verdict,
		title: text(raw.title) ?? "Proposal",
		explanation: text(raw.explanation) ?? "",
		// Only an offered proposal may ever carry SQL to run, whatever the answer says.
		sql: verdict === "offered" ? text(raw.sql) : null,
		shown_sql: text(raw.shown_sql) ?? (verdict === "offered" ? null : text(raw.sql)),
		undo_sql: text(raw.undo_sql),
		origin: text(raw.origin) ?? "unknown",
		verdict_reason: text(raw.verdict_reason),
		lock: text(raw.lock),
		finding_rule: text(raw.finding_rule),
		objects: strings(raw.objects),
		caveats: strings(raw.caveats),
		combined: strings(raw.combined),
		cost: cost
			? { before: number(cost.before), after: number(cost.after), source: (text(cost.source) ?? "none") as "none", note: text(cost.note) ?? undefined }
			: null,
		measured: before !== null && after !== null ? { before_ms: before, after_ms: after, spread: number(measured?.spread), runs: number(measured?.runs) ?? 0 } : null,
		size_bytes: number(raw.size_bytes),
		build_bytes: number(raw.build_bytes),
		write_cost: text(raw.write_cost),
		proof: toProof(raw.proof),
	};
}

export function toPlan(value: unknown): Plan | null {
	let raw = record(value);
	if (raw && !Array.isArray(raw.nodes)) raw = record(raw.plan) ?? record(raw.tree);
	if (!raw) return null;
	const nodes: PlanNode[] = [];
	for (const item of list(raw.nodes)) {
		const node = record(item);
		const id = number(node?.id);
		if (!node || id === null) continue;
		nodes.push({
			...node,
			id,
			parent: number(node.parent),
			depth: number(node.depth) ?? 0,
			operation: text(node.operation) ?? "other",
			label: text(node.label) ?? text(node.operation) ?? "Node",
			relation: text(node.relation),
			alias: text(node.alias),
			index: text(node.index),
			conditions: list(node.conditions).flatMap((entry) => {
				const condition = record(entry);
				const body = text(condition?.text);
				return body ? [{ kind: text(condition?.kind) ?? "filter", text: body }] : [];
			}),
			rows_est: number(node.rows_est),
			rows_actual: number(node.rows_actual),
			loops: number(node.loops),
			cost: number(node.cost),
			cost_exclusive: number(node.cost_exclusive),
			time_ms: number(node.time_ms),
			time_exclusive_ms: number(node.time_exclusive_ms),
			share: number(node.share),
			rows_removed: number(node.rows_removed),
			buffers: (record(node.buffers) as Record<string, number> | null) ?? number(node.buffers),
		});
	}
	if (nodes.length === 0) return null;
	return {
		engine: text(raw.engine) ?? undefined,
		format: text(raw.format) ?? undefined,
		total_cost: number(raw.total_cost),
		planning_ms: number(raw.planning_ms),
		execution_ms: number(raw.execution_ms),
		analyzed: raw.analyzed === true,
		nodes,
	};
}

export function toOptimization(value: unknown): Optimization {
	const raw = record(value) ?? {};
	const detected = record(raw.detected_issues);
	const verdict = record(raw.verdict);
	const findings = list(raw.findings ?? detected?.issues).flatMap((item) => toFinding(item) ?? []);
	const proposals = list(raw.proposals).flatMap((item) => toProposal(item) ?? []);
	const explanation = text(raw.explanation) ?? "";
	const model = record(raw.model);
	const note = text(model?.note);
	const asked = model?.status === "done" || model?.status === "pending";
	return {
		id: number(raw.id) ?? 0,
		query_id: number(raw.query_id),
		connection_id: number(raw.connection_id) ?? 0,
		original_sql: typeof raw.original_sql === "string" ? raw.original_sql : "",
		optimized_sql: typeof raw.optimized_sql === "string" ? raw.optimized_sql : "",
		explanation,
		plan: toPlan(raw.plan) ?? toPlan(raw.execution_plan),
		findings,
		proposals,
		verdict: {
			fine: verdict ? verdict.fine === true : raw.fine === true,
			reason: text(verdict?.reason) ?? (explanation || null),
		},
		estimated_improvement_pct: number(raw.estimated_improvement_pct),
		status: text(raw.status) ?? "pending",
		created_at: text(raw.created_at) ?? "",
		complete: raw.complete !== false,
		job_id: number(raw.job_id),
		// The server names the model it would use also when it uses none.
		model: asked ? text(model?.name) : null,
		notes: [...strings(raw.notes), ...(text(raw.parameter_note) ? [raw.parameter_note as string] : []), ...(note ? [model?.status === "failed" ? `The language model had no part in this: ${note}. The rules' result is complete without it.` : note] : [])],
		elapsed_ms: number(raw.duration_ms),
		error: text(raw.error),
		error_kind: text(raw.error_kind),
		error_position: number(raw.error_position),
	};
}

const jobStates: Record<string, JobState> = {
	queued: "queued",
	pending: "queued",
	waiting: "queued",
	running: "running",
	done: "done",
	succeeded: "done",
	completed: "done",
	complete: "done",
	failed: "failed",
	error: "failed",
	cancelled: "cancelled",
	canceled: "cancelled",
	interrupted: "interrupted",
};

export function toJob(value: unknown): Job {
	const raw = record(value) ?? {};
	const state = jobStates[String(raw.state ?? raw.status ?? "")] ?? "queued";
	const current = text(raw.step);
	const result = record(raw.result);
	const error = text(raw.error) ?? text(record(raw.error)?.detail) ?? text(record(raw.error)?.message);
	const steps: JobStep[] = list(raw.steps).flatMap((item): JobStep[] => {
		if (typeof item === "string") return [{ name: item, state: "waiting" }];
		const step = record(item);
		const name = text(step?.name) ?? text(step?.step);
		if (!step || !name) return [];
		const word = String(step.state ?? step.status ?? "");
		const finished = text(step.finished_at) !== null || number(step.elapsed_ms) !== null;
		const from = Date.parse(text(step.started_at) ?? "");
		const to = Date.parse(text(step.finished_at) ?? "");
		return [
			{
				name,
				state:
					word === "done" || word === "running" || word === "failed" || word === "skipped" || word === "waiting"
						? word
						: jobStates[word] === "done" || finished
							? "done"
							: text(step.started_at)
								? "running"
								: "waiting",
				detail: text(step.detail) ?? text(step.note) ?? text(step.message),
				elapsed_ms: number(step.elapsed_ms) ?? (Number.isNaN(from) || Number.isNaN(to) ? null : to - from),
			},
		];
	});
	if (current && steps.every((step) => step.state === "waiting")) {
		// A list of names and the name of the current one.
		const at = steps.findIndex((step) => step.name === current);
		steps.forEach((step, index) => (step.state = index < at ? "done" : index === at ? (state === "running" ? "running" : "done") : "waiting"));
	}
	if (current && steps.length === 0) steps.push({ name: current, state: state === "running" ? "running" : state === "failed" ? "failed" : "done" });
	if (state === "done") for (const step of steps) if (step.state === "running" || step.state === "waiting") step.state = "done";
	const progress = number(raw.progress);
	return {
		id: number(raw.id) ?? number(raw.job_id) ?? 0,
		kind: text(raw.kind) ?? text(raw.type) ?? "job",
		title: text(raw.title),
		state,
		progress: progress === null ? null : progress > 1 ? progress / 100 : progress,
		steps,
		connection_id: number(raw.connection_id),
		optimization_id: number(raw.optimization_id) ?? number(result?.optimization_id) ?? number(raw.result_id),
		error,
		created_at: text(raw.created_at),
		started_at: text(raw.started_at),
		finished_at: text(raw.finished_at),
	};
}

export const active = (job: Job): boolean => job.state === "queued" || job.state === "running";
