/* Every question that the page asks the server, as query options and mutations. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError, del, get, post, put, request } from "./client";
import { active, toFinding, toJob, toOptimization, toPlan } from "./normalize";
import type { Connection, ConnectionInput, DashboardStats, DryRun, Finding, Health, Job, Measurement, Optimization, Plan, TestResult } from "./types";

export const keys = {
	health: ["health"] as const,
	connections: ["connections"] as const,
	stats: (c: number | null) => ["stats", c] as const,
	runs: (c: number | null) => ["runs", c] as const,
	run: (id: number) => ["run", id] as const,
	jobs: ["jobs"] as const,
	job: (id: number) => ["job", id] as const,
};

const withConnection = (path: string, c: number | null, more = ""): string => {
	const query = [c === null ? "" : `connection_id=${c}`, more].filter(Boolean).join("&");
	return query ? `${path}?${query}` : path;
};

export const health = () =>
	queryOptions({ queryKey: keys.health, queryFn: ({ signal }) => get<Health>("/health", signal), refetchInterval: 15_000, retry: false });

export const connections = () =>
	queryOptions({ queryKey: keys.connections, queryFn: ({ signal }) => get<Connection[]>("/api/connections", signal) });

export const dashboard = (c: number | null) =>
	queryOptions({
		queryKey: keys.stats(c),
		queryFn: ({ signal }) => get<DashboardStats>(withConnection("/api/dashboard/stats", c), signal),
		refetchInterval: 60_000,
	});

export const runs = (c: number | null) =>
	queryOptions({
		queryKey: keys.runs(c),
		queryFn: async ({ signal }) => (await get<unknown[]>(withConnection("/api/optimizer/optimizations", c, "limit=30"), signal)).map(toOptimization),
	});

export const run = (id: number) =>
	queryOptions({
		queryKey: keys.run(id),
		queryFn: async ({ signal }) => toOptimization(await get<unknown>(`/api/optimizer/optimizations/${id}`, signal)),
		// The model's part may join after the rules have answered.
		refetchInterval: (query) => (query.state.data && !query.state.data.complete ? 2_000 : false),
	});

export const jobs = () =>
	queryOptions({
		queryKey: keys.jobs,
		queryFn: async ({ signal }) => (await get<unknown[]>("/api/jobs", signal)).map(toJob),
		refetchInterval: (query) => (query.state.data?.some(active) ? 3_000 : 30_000),
	});

export const job = (id: number) =>
	queryOptions({
		queryKey: keys.job(id),
		queryFn: async ({ signal }) => toJob(await get<unknown>(`/api/jobs/${id}`, signal)),
		refetchInterval: (query) => {
			// What does not exist will not come into being.
			if (query.state.error instanceof ApiError && query.state.error.status === 404) return false;
			return !query.state.data || active(query.state.data) ? 700 : false;
		},
	});

export interface OptimizeInput {
	connection_id: number;
	sql_query: string;
	query_id?: number;
	analyze?: boolean;
	verify?: boolean;
}
export type OptimizeStart = { job_id: number; optimization_id: number | null; run: null } | { job_id: number | null; optimization_id: number; run: Optimization };

/* Asks for a job, so that there is something to cancel; takes the finished run when the server answers with that. */
export async function startOptimize(input: OptimizeInput): Promise<OptimizeStart> {
	const answer = await request<Record<string, unknown>>("/api/optimizer/optimize", {
		method: "POST",
		headers: { Prefer: "respond-async" },
		body: { include_execution_plan: true, ...input },
	});
	const id = answer.data.job_id;
	if (answer.status === 202 && typeof id === "number") {
		const known = answer.data.optimization_id;
		return { job_id: id, optimization_id: typeof known === "number" ? known : null, run: null };
	}
	const done = toOptimization(answer.data);
	return { job_id: done.job_id, optimization_id: done.id, run: done };
}

export const testStored = (id: number): Promise<TestResult> => post<TestResult>(`/api/connections/${id}/test`);
export const testInput = (input: ConnectionInput): Promise<TestResult> => post<TestResult>("/api/connections/test", input);

export function useSaveConnection(id: number | null) {
	const client = useQueryClient();
	return useMutation<Connection, ApiError, ConnectionInput>({
		mutationFn: (input) => {
			if (id === null) return post<Connection>("/api/connections", input);
			// The engine of a stored connection never changes; an empty password keeps the stored one.
			const body: Partial<ConnectionInput> = { ...input };
			delete body.engine;
			if (!body.password) delete body.password;
			return put<Connection>(`/api/connections/${id}`, body);
		},
		onSuccess: () => client.invalidateQueries({ queryKey: keys.connections }),
	});
}

export function useDeleteConnection() {
	const client = useQueryClient();
	return useMutation<void, ApiError, number>({
		mutationFn: (id) => del(`/api/connections/${id}`),
		// Everything may have changed, but asking for what was just deleted only makes errors.
		onSuccess: (_data, id) => client.invalidateQueries({ predicate: ({ queryKey }) => !(["connections", "connection-test", "connection-health"].includes(queryKey[0] as string) && queryKey[1] === id) }),
	});
}

export function useDeleteRun() {
	const client = useQueryClient();
	return useMutation<void, ApiError, number>({
		mutationFn: (id) => del(`/api/optimizer/optimizations/${id}`),
		onSuccess: () => {
			void client.invalidateQueries({ queryKey: ["runs"] });
			void client.invalidateQueries({ queryKey: ["stats"] });
		},
	});
}

export function useCancelJob() {
	const client = useQueryClient();
	return useMutation<unknown, ApiError, number>({
		mutationFn: (id) => post(`/api/jobs/${id}/cancel`),
		onSettled: (_data, _error, id) => {
			void client.invalidateQueries({ queryKey: keys.job(id) });
			void client.invalidateQueries({ queryKey: keys.jobs });
		},
	});
}

export function useMeasure(runId: number) {
	const client = useQueryClient();
	return useMutation<Measurement, ApiError, { proposal_id: number; iterations: number }>({
		mutationFn: ({ proposal_id, iterations }) =>
			post<Measurement>("/api/optimizer/validate-performance", {
				optimization_id: runId,
				iterations,
				...(proposal_id > 0 ? { proposal_id } : {}),
			}),
		onSuccess: () => client.invalidateQueries({ queryKey: keys.run(runId) }),
	});
}

/* A plan as text, judged without a database. */
export interface PlanReport {
	plan: Plan;
	findings: Finding[];
}
export async function analyzePlan(text: string): Promise<PlanReport> {
	const answer = await post<{ plan: unknown; findings: unknown }>("/api/plans/analyze", { plan: text });
	const plan = toPlan(answer.plan);
	if (!plan) throw new ApiError(502, "Unexpected answer", "The server read the plan, but its answer has no steps.", null);
	const findings = Array.isArray(answer.findings) ? answer.findings.map(toFinding).filter((finding) => finding !== null) : [];
	return { plan, findings };
}

export const dryRun = (runId: number, proposalId: number, sql: string | null): Promise<DryRun> =>
	post<DryRun>("/api/optimizer/apply", {
		optimization_id: runId,
		dry_run: true,
		...(proposalId > 0 ? { proposal_id: proposalId } : sql ? { sql_to_execute: sql } : {}),
	});
export const applyNow = (runId: number, proposalId: number, sql: string | null): Promise<DryRun> =>
	post<DryRun>("/api/optimizer/apply", {
		optimization_id: runId,
		...(proposalId > 0 ? { proposal_id: proposalId } : sql ? { sql_to_execute: sql } : {}),
	});

export const isActive = (one: Job): boolean => active(one);
