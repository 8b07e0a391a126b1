import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { connections } from "@/api/queries";
import type { Connection } from "@/api/types";
import { frameSearch } from "@/lib/url";

/* The connection that the whole page looks at: ?c=3. Null means all of them. */
export function useConnection(): { id: number | null; one: Connection | null; all: Connection[]; pending: boolean; select: (id: number | null) => void } {
	// The router hands out what is in the bar, also what the frame's codec drops.
	const { c: id } = frameSearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const navigate = useNavigate();
	const query = useQuery(connections());
	const all = query.data ?? [];
	const select = useCallback(
		(next: number | null) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...old, c: next ?? undefined }) as never }),
		[navigate],
	);
	return { id, one: all.find((connection) => connection.id === id) ?? null, all, pending: query.isPending, select };
}
