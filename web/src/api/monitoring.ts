/* What is polled, and how often. Not in queries.ts, which every page loads. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getList, post, put, type ApiError } from "./client";
import { keys } from "./queries";
import type { components } from "./schema";
import type { Connection } from "./types";

export type MonitoringStatus = components["schemas"]["MonitoringStatus"];
export type Target = components["schemas"]["MonitoringTarget"];

/* Polls tell by events that they are over; asking as well costs little and works without. */
export const monitoringStatus = () =>
	queryOptions({ queryKey: ["monitoring", "status"], queryFn: ({ signal }) => get<MonitoringStatus>("/api/monitoring/status", signal), refetchInterval: 5_000 });

export const targets = () =>
	queryOptions({
		queryKey: ["monitoring", "targets"],
		queryFn: ({ signal }) => getList<Target>("/api/monitoring/targets?limit=1000", signal),
		refetchInterval: (query) => (query.state.data?.items.some((target) => target.state === "running") ? 1_000 : 5_000),
	});

export function useMonitoring(action: "start" | "stop" | "trigger") {
	const client = useQueryClient();
	return useMutation<{ message: string }, ApiError, void>({
		mutationFn: () => post(`/api/monitoring/${action}`),
		onSettled: () => {
			void client.invalidateQueries({ queryKey: ["monitoring"] });
			void client.invalidateQueries({ queryKey: keys.health });
		},
	});
}

/* Of one connection: whether it is watched, and how often it is polled (null: as the server is configured). */
export function useWatch() {
	const client = useQueryClient();
	return useMutation<Connection, ApiError, { id: number; change: { monitoring_enabled?: boolean; interval_s?: number | null } }>({
		mutationFn: ({ id, change }) => put<Connection>(`/api/connections/${id}`, change),
		onSettled: () => {
			void client.invalidateQueries({ queryKey: ["monitoring"] });
			void client.invalidateQueries({ queryKey: keys.connections });
			void client.invalidateQueries({ queryKey: ["stats"] });
		},
	});
}
