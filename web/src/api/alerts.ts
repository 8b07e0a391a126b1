/* Who is told what, and what became of it. Not in queries.ts, which every page loads. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { del, get, getList, post, put, type ApiError } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
/* Lists of plain values have no type in the server's description. */
export type Channel = Omit<Schemas["AlertChannel"], "to"> & { to: string[] };
export type Rule = Omit<Schemas["AlertRule"], "events"> & { events: AlertEvent[] };
export type Delivery = Schemas["AlertDelivery"];
export type ChannelTest = Schemas["AlertChannelTest"];
export type ChannelKind = Channel["kind"];
export type AlertEvent = "regression" | "finding" | "collection_failure" | "resolved";
/* What is absent stays as it is: secrets are written and never read. */
export type ChannelInput = Partial<Omit<Schemas["AlertChannelCreate"], "to">> & { to?: string[] };
export type RuleInput = Partial<Omit<Schemas["AlertRuleCreate"], "events">> & { events?: AlertEvent[] };

export const channels = () => queryOptions({ queryKey: ["alerts", "channels"], queryFn: ({ signal }) => get<Channel[]>("/api/alerts/channels", signal) });
export const rules = () => queryOptions({ queryKey: ["alerts", "rules"], queryFn: ({ signal }) => get<Rule[]>("/api/alerts/rules", signal) });

export const LOG_PAGE = 50;
export const deliveries = (state: Delivery["state"] | "all", page: number) =>
	queryOptions({
		queryKey: ["alerts", "log", state, page],
		queryFn: ({ signal }) => getList<Delivery>(`/api/alerts/deliveries?limit=${LOG_PAGE}&offset=${(page - 1) * LOG_PAGE}${state === "all" ? "" : `&state=${state}`}`, signal),
		refetchInterval: (query) => (query.state.data?.items.some((one) => one.state === "queued") ? 3_000 : 15_000),
		placeholderData: keepPreviousData,
	});

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
	const client = useQueryClient();
	return useMutation<Output, ApiError, Input>({ mutationFn: change, onSettled: () => client.invalidateQueries({ queryKey: ["alerts"] }) });
}
export const useSaveChannel = () => useChange(({ id, input }: { id: number | null; input: ChannelInput }) => (id === null ? post<Channel>("/api/alerts/channels", input) : put<Channel>(`/api/alerts/channels/${id}`, input)));
export const useDeleteChannel = () => useChange((id: number) => del(`/api/alerts/channels/${id}`));
export const useTestChannel = () => useChange((id: number) => post<ChannelTest>(`/api/alerts/channels/${id}/test`));
export const useSaveRule = () => useChange(({ id, input }: { id: number | null; input: RuleInput }) => (id === null ? post<Rule>("/api/alerts/rules", input) : put<Rule>(`/api/alerts/rules/${id}`, input)));
export const useDeleteRule = () => useChange((id: number) => del(`/api/alerts/rules/${id}`));
