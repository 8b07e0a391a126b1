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
