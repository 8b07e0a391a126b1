/* What was stored over time. Not in queries.ts, which every page loads. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get } from "./client";
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

export const queryDetail = (id: number) =>
	queryOptions({
		queryKey: ["queries", "detail", id],
		queryFn: ({ signal }) => get<QueryDetail>(`/api/queries/${id}`, signal),
		enabled: id > 0,
	});
