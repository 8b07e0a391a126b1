/* The servers, and the databases they have. Not in queries.ts, which every page loads. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { getList, post } from "./client";
import { keys } from "./queries";
import type { components } from "./schema";
import type { Connection, Engine } from "./types";

type Schemas = components["schemas"];
export type Instance = Omit<Schemas["Instance"], "engine"> & { engine: Engine };
export type Member = Schemas["InstanceConnection"];
export type FoundDatabase = Schemas["FoundDatabase"];
export type NewConnection = Schemas["ConnectionCreate"];

/* Below "monitoring": a poll that is over makes this stale as well. */
export const instances = () =>
	queryOptions({
		queryKey: ["monitoring", "instances"],
		queryFn: ({ signal }) => getList<Instance>("/api/instances", signal),
		refetchInterval: (query) => (query.state.data?.items.some((one) => one.state === "running") ? 1_000 : 5_000),
	});

/* Logs in to the server: asked when somebody wants to know, and never again by itself. */
export const discovery = (connection: number) =>
	queryOptions({
		queryKey: ["discovery", connection],
		queryFn: ({ signal }) => post<FoundDatabase[]>(`/api/connections/${connection}/discover`, {}, signal),
		staleTime: Infinity,
		gcTime: 0,
		retry: false,
		refetchOnWindowFocus: false,
		refetchOnReconnect: false,
	});

export const addConnection = (input: NewConnection): Promise<Connection> => post<Connection>("/api/connections", input);

/* What a new connection changes elsewhere. */
export function useAdded(): () => void {
	const client = useQueryClient();
	return useCallback(() => {
		void client.invalidateQueries({ queryKey: keys.connections });
		void client.invalidateQueries({ queryKey: ["monitoring"] });
		void client.invalidateQueries({ queryKey: ["stats"] });
	}, [client]);
}
