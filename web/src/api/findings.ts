/* What the monitor found, and what people said about it. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getList, post, type ApiError } from "./client";
import type { components } from "./schema";

export type FindingRecord = components["schemas"]["FindingRecord"];
export type FindingDetail = components["schemas"]["FindingDetail"];

/* Of one statement: those of before, too. */
export const findingsOf = (queryId: number) =>
	queryOptions({ queryKey: ["findings", "query", queryId], queryFn: ({ signal }) => getList<FindingRecord>(`/api/findings?query_id=${queryId}&state=any`, signal), refetchInterval: 60_000 });

/* What waits for somebody: neither acknowledged, muted nor over. */
export const openFindings = (c: number | null) =>
	queryOptions({ queryKey: ["findings", "open", c], queryFn: ({ signal }) => getList<FindingRecord>(`/api/findings?state=open&limit=50${c === null ? "" : `&connection_id=${c}`}`, signal), refetchInterval: 60_000 });

export const findingDetail = (id: number) => queryOptions({ queryKey: ["findings", "one", id], queryFn: ({ signal }) => get<FindingDetail>(`/api/findings/${id}`, signal) });

export type FindingAction = { do: "acknowledge" | "unacknowledge" | "unmute" } | { do: "mute"; until: string | null } | { do: "comments"; text: string };

export function useFindingAction(id: number) {
	const client = useQueryClient();
	return useMutation<unknown, ApiError, FindingAction>({
		mutationFn: (action) => post(`/api/findings/${id}/${action.do}`, action.do === "mute" ? (action.until === null ? {} : { until: action.until }) : action.do === "comments" ? { text: action.text } : undefined),
		onSuccess: () => {
			// A muted or acknowledged one is no longer among the open ones of the lists.
			for (const key of ["findings", "queries", "stats"]) void client.invalidateQueries({ queryKey: [key] });
		},
	});
}
