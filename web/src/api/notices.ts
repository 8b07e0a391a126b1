/* What the server did by itself. In the frame, so in the entry chunk. */
import { queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import type { components } from "./schema";

export type Notice = components["schemas"]["Notice"];

export const notices = () => queryOptions({ queryKey: ["notices"], queryFn: ({ signal }) => get<Notice[]>("/api/notices", signal), refetchInterval: 60_000, staleTime: 30_000, retry: false });

/* One matter; what came back after it was gone is another. */
export const keyOf = (notice: Notice): string => `${notice.connection_id ?? 0}:${notice.kind}:${notice.first_at}`;
const titles: Record<string, string> = {
	size: "Old samples were dropped",
	cap: "More statements than are read",
	evicted: "The database gave up counters",
	texts: "Some texts cannot be read",
	twin: "Counted with another connection",
};
export const titleOf = (notice: Notice): string => titles[notice.kind] ?? "A notice";
