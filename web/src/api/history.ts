/* What was stored over time. Not in queries.ts, which every page loads. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { del, get, post, type ApiError } from "./client";
import type { components } from "./schema";

export type Trend = components["schemas"]["PerformanceTrend"];

export const trends = (c: number | null, hours: number) =>
	queryOptions({
		queryKey: ["trends", c, hours],
		queryFn: ({ signal }) => get<Trend[]>(`/api/dashboard/performance-trends?hours=${hours}${c === null ? "" : `&connection_id=${c}`}`, signal),
		refetchInterval: 30_000,
		placeholderData: keepPreviousData,
	});

export type QueryPage = components["schemas"]["QueryPage"];
export type QueryRow = components["schemas"]["QueryRow"];
export type QueryDetail = components["schemas"]["QueryDetail"];
export type Sparklines = components["schemas"]["Sparklines"];

const withParameters = (path: string, parameters: Readonly<Record<string, string | number | null>>): string => {
	const out = new URLSearchParams();
	for (const [name, value] of Object.entries(parameters)) if (value !== null && value !== "") out.set(name, String(value));
	const text = out.toString();
	return text ? `${path}?${text}` : path;
};

/* One page of what ran; the server sorts, filters, and adds up. */
export const queryPage = (parameters: Readonly<Record<string, string | number | null>>) =>
	queryOptions({
		queryKey: ["queries", "page", parameters],
		queryFn: ({ signal }) => get<QueryPage>(withParameters("/api/queries", parameters), signal),
		refetchInterval: 60_000,
		placeholderData: keepPreviousData,
	});

/* The small charts of a page's rows, in one question. */
export const sparklines = (ids: readonly number[], metric: string, period: string) =>
	queryOptions({
		queryKey: ["queries", "sparklines", metric, period, ids],
		queryFn: ({ signal }) => get<Sparklines>(withParameters("/api/queries/sparklines", { ids: ids.slice(0, 100).join(","), metric, period }), signal),
		enabled: ids.length > 0 && period !== "all",
		refetchInterval: 60_000,
	});

export type QuerySeries = components["schemas"]["QuerySeries"];
export type Annotation = components["schemas"]["Annotation"];
export type AnnotationCreate = components["schemas"]["AnnotationCreate"];

/* One figure of a statement over a period, or between two times; at most 300 steps. */
export const querySeries = (id: number, metric: string, span: { period: string } | { from: string; to: string }) =>
	queryOptions({
		queryKey: ["queries", "series", id, metric, span],
		queryFn: ({ signal }) => get<QuerySeries>(withParameters(`/api/queries/${id}/series`, { metric, ...span, points: "period" in span && span.period === "hour" ? 60 : 120 }), signal),
		refetchInterval: "period" in span ? 30_000 : false,
		placeholderData: keepPreviousData,
	});

export type QueryPlans = components["schemas"]["QueryPlans"];
export const queryPlans = (id: number) =>
	queryOptions({ queryKey: ["queries", "plans", id], queryFn: ({ signal }) => get<QueryPlans>(`/api/queries/${id}/plans`, signal), refetchInterval: 60_000 });
/* The text of one of them, which is long; null: it was too long to be kept. */
export const planText = async (id: number, shape: string): Promise<string | null> => (await get<QueryPlans>(`/api/queries/${id}/plans?shape=${shape}`)).plans.find((plan) => plan.shape === shape)?.text ?? null;

/* Annotations stand in every series: those are read again. */
function useAnnotationChange<T>(change: (input: T) => Promise<unknown>) {
	const client = useQueryClient();
	return useMutation<unknown, ApiError, T>({ mutationFn: change, onSuccess: () => client.invalidateQueries({ queryKey: ["queries", "series"] }) });
}
export const useAnnotate = () => useAnnotationChange<AnnotationCreate>((input) => post("/api/annotations", input));
export const useDeleteAnnotation = () => useAnnotationChange<number>((id) => del(`/api/annotations/${id}`));

export const queryDetail = (id: number) =>
	queryOptions({
		queryKey: ["queries", "detail", id],
		queryFn: ({ signal }) => get<QueryDetail>(`/api/queries/${id}`, signal),
		enabled: id > 0,
	});
