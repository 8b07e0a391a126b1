/* What sessions do, now and by the minute. Not in queries.ts, which every page loads. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ApiError, get } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Activity = Schemas["Activity"];
export type Session = Schemas["Session"];
export type SessionState = Session["state"];
export type Capabilities = Schemas["Capabilities"];
/* Lists of plain values have no type in the server's description. */
export type ActivityPoint = Omit<Schemas["ActivityPoint"], "waits"> & { waits: number[] };
export type ActivityPast = Omit<Schemas["ActivityPast"], "waits" | "points"> & { waits: string[]; points: ActivityPoint[] };
export type ActivityShare = Schemas["ActivityShare"];

/* What is configured changes only with a restart. */
export const capabilities = () => queryOptions({ queryKey: ["capabilities"], queryFn: ({ signal }) => get<Capabilities>("/api/capabilities", signal), staleTime: 60_000 });

const LOOK_MS = 2_000;

/* Each question is a look at the database itself: none while nobody watches. An engine that cannot tell will not learn it. */
export const activityNow = (connection: number, live: boolean) =>
	queryOptions({
		queryKey: ["activity", connection, "now"],
		queryFn: ({ signal }) => get<Activity>(`/api/connections/${connection}/activity?limit=200`, signal),
		refetchInterval: (query) => (!live || (query.state.error instanceof ApiError && query.state.error.status === 501) ? false : query.state.error ? 5 * LOOK_MS : LOOK_MS),
		retry: false,
	});

export const activityPast = (connection: number, hours: number) =>
	queryOptions({
		queryKey: ["activity", connection, "past", hours],
		queryFn: ({ signal }) => get<ActivityPast>(`/api/connections/${connection}/activity/past?from=${new Date(Date.now() - hours * 3_600_000).toISOString()}`, signal),
		refetchInterval: 30_000,
		placeholderData: keepPreviousData,
	});
