import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { findingsOf } from "@/api/findings";
import type { QueryDetail } from "@/api/history";
import { Panel } from "@/components/ui/panel";
import { ErrorState, Skeleton } from "@/components/ui/states";
import { FindingCard } from "@/features/findings/FindingCard";
import { arranged } from "@/features/findings/words";

/* What was found about this statement: regressions with their cause, new and slow, called in a loop. Open ones first. */
export function FindingsPanel({ query }: { query: QueryDetail }) {
	const list = useQuery(findingsOf(query.id));
	const open = list.data?.items.filter((finding) => finding.state === "open").length ?? 0;
	return (
		<Panel title="Findings" hint={open > 0 ? `${open} open` : undefined} className="mb-3 overflow-hidden">
			{list.isPending && <Skeleton lines={2} />}
			{list.isError && <ErrorState error={list.error} retry={() => void list.refetch()} />}
			{list.data?.items.length === 0 && (
				<p className="flex items-start gap-2.5 px-4 py-3">
					<ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-green" />
					<span>
						<strong className="font-semibold">Nothing was found.</strong> <span className="text-fg-2">It is compared with the same hours of earlier days; a change for the worse opens a finding here, with its cause.</span>
					</span>
				</p>
			)}
			<ul className="divide-y divide-line">
				{arranged(list.data?.items ?? []).map((finding) => <FindingCard key={finding.id} finding={finding} />)}
			</ul>
		</Panel>
	);
}
