/* The shapes the page works with. Fields of the older API keep their names; what is optional here is what an older or
 * partial answer may leave out. */

export type Severity = "low" | "medium" | "high" | "critical";
export type Engine = "postgresql" | "mysql" | "mariadb" | "mssql" | "oracle" | "sqlite";

export interface Connection {
	id: number;
	name: string;
	engine: Engine;
	host: string;
	port: number | null;
	database: string;
	username: string;
	ssl_enabled: boolean;
	monitoring_enabled: boolean;
	created_at: string;
	updated_at: string;
	last_monitored_at?: string | null;
	server_version?: string | null;
	server_flavor?: string | null;
	tls_ca?: string | null;
	search_path?: string | null;
	scratch?: boolean;
	/* seconds between polls; null: as the server is configured */
	interval_s?: number | null;
	environment?: string;
	labels?: Record<string, unknown>;
	/* the server it lives on; null: not polled yet */
	instance_id?: number | null;
}

export interface ConnectionInput {
	name: string;
	engine: Engine;
	host: string;
	port: number | null;
	database: string;
	username: string;
	password?: string;
	ssl_enabled: boolean;
	monitoring_enabled: boolean;
	scratch?: boolean;
	tls_ca: string | null;
	search_path: string | null;
	dsn?: string;
}

export interface Check {
	id: string;
	title: string;
	ok: boolean;
	required: boolean;
	detail?: string | null;
	remedy?: string | null;
}

export interface TestResult {
	success: boolean;
	message: string;
	latency_ms?: number | null;
	server_version?: string | null;
	server_flavor?: string | null;
	checks?: Check[];
}

export interface Health {
	status: string;
	version?: string;
	ollama?: {
		status: string;
		url?: string | null;
		model?: string | null;
		model_available?: boolean;
		error?: string | null;
	} | null;
	monitoring_agent?: boolean;
	remote_without_login?: boolean;
	ddl_execution?: boolean;
}

export interface Evidence {
	name: string;
	value: number;
	unit: string;
}

export interface Finding {
	rule: string;
	issue_type?: string;
	severity: Severity;
	title: string;
	explanation: string;
	remedy?: string | null;
	docs?: string | null;
	node: number | null;
	span: [number, number] | null;
	objects: string[];
	evidence: Evidence[];
}

export type RungName =
	| "parsed"
	| "resolved"
	| "planned"
	| "equivalent"
	| "same_result"
	| "measured"
	| "applied"
	| "confirmed";
export type RungStatus = "not_run" | "passed" | "failed" | "not_possible";
export interface Rung {
	rung: RungName;
	status: RungStatus;
	reason: string | null;
}

export type Verdict = "offered" | "unproved" | "rejected";
export type ProposalKind = "index" | "drop_index" | "rewrite" | "statistics" | "setting" | "maintenance" | "schema";
export type FigureSource = "none" | "estimated" | "what_if" | "planned" | "measured";

export interface Proposal {
	id: number;
	kind: ProposalKind;
	verdict: Verdict;
	title: string;
	explanation: string;
	sql: string | null;
	shown_sql?: string | null;
	undo_sql: string | null;
	origin: string;
	verdict_reason: string | null;
	lock: string | null;
	finding_rule: string | null;
	objects: string[];
	caveats: string[];
	combined: string[];
	cost: { before: number | null; after: number | null; source: FigureSource; note?: string } | null;
	measured: { before_ms: number; after_ms: number; spread: number | null; runs: number } | null;
	size_bytes: number | null;
	build_bytes: number | null;
	write_cost: string | null;
	proof: Rung[];
}

export interface PlanCondition {
	kind: string;
	text: string;
}

export interface PlanNode {
	id: number;
	parent: number | null;
	depth: number;
	operation: string;
	label: string;
	relation?: string | null;
	alias?: string | null;
	index?: string | null;
	conditions: PlanCondition[];
	rows_est: number | null;
	rows_actual: number | null;
	loops: number | null;
	cost: number | null;
	cost_exclusive?: number | null;
	time_ms: number | null;
	time_exclusive_ms?: number | null;
	share?: number | null;
	rows_removed?: number | null;
	buffers?: Record<string, number> | number | null;
	[extra: string]: unknown;
}

export interface Plan {
	engine?: string;
	format?: string;
	total_cost?: number | null;
	planning_ms?: number | null;
	execution_ms?: number | null;
	analyzed?: boolean;
	nodes: PlanNode[];
}

export interface Optimization {
	id: number;
	query_id?: number | null;
	connection_id: number;
	original_sql: string;
	optimized_sql: string;
	explanation: string;
	plan: Plan | null;
	findings: Finding[];
	proposals: Proposal[];
	verdict: { fine: boolean; reason: string | null };
	estimated_improvement_pct?: number | null;
	status: string;
	created_at: string;
	complete: boolean;
	job_id: number | null;
	model?: string | null;
	notes: string[];
	elapsed_ms: number | null;
	error: string | null;
	/* "cancelled", "timeout", "target" ...: what kind of failure it was */
	error_kind: string | null;
	/* offset in bytes of UTF-8 into original_sql */
	error_position: number | null;
}

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled" | "interrupted";
export interface JobStep {
	name: string;
	state: "waiting" | "running" | "done" | "failed" | "skipped";
	detail?: string | null;
	elapsed_ms?: number | null;
}
export interface Job {
	id: number;
	kind: string;
	title?: string | null;
	state: JobState;
	progress: number | null;
	steps: JobStep[];
	connection_id?: number | null;
	optimization_id: number | null;
	error?: string | null;
	created_at: string | null;
	started_at: string | null;
	finished_at: string | null;
}

export interface QueryRow {
	id: number;
	connection_id: number;
	sql_text: string;
	avg_execution_time: number;
	total_execution_time: number;
	calls: number;
	last_seen?: string | null;
	optimized?: boolean;
}

export interface DashboardStats {
	total_connections: number;
	active_connections: number;
	total_queries_discovered: number;
	total_optimizations: number;
	optimizations_applied: number;
	avg_improvement_pct?: number | null;
	top_bottlenecks: QueryRow[];
	optimizations_with_issues: number;
	total_detected_issues: number;
}

export interface Measurement {
	success: boolean;
	optimization_id: number;
	original_metrics?: Record<string, number | null> | null;
	optimized_metrics?: Record<string, number | null> | null;
	improvement_pct?: number | null;
	improvement_ms?: number | null;
	is_faster: boolean;
	validation_notes: string[];
	validated_at: string;
}

export interface DryRun {
	success: boolean;
	message: string;
	optimization_id?: number;
	dry_run?: boolean;
	sql?: string | null;
	undo_sql?: string | null;
	checks?: (Check | string)[];
	applied_at?: string | null;
}
