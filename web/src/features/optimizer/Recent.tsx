import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, CircleAlert, LoaderCircle, Sparkles, Trash2 } from "lucide-react";
import { runs, useDeleteRun } from "@/api/queries";
import type { Optimization } from "@/api/types";
import { Sql } from "@/components/sql/SqlBlock";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { ago, change, fullTime, oneLine } from "@/lib/format";
import { toast } from "@/lib/toast";
import { best, helps } from "./proof";

/* One word, or one figure, about how a run ended. */
export function Outcome({ run }: { run: Optimization }) {
	if (run.status === "failed" && run.error_kind === "cancelled") return <span className="text-fg-3">cancelled</span>;
	if (run.status === "failed")
		return (
			<span className="inline-flex items-center gap-1 text-red">
				<CircleAlert aria-hidden className="size-3.5" /> failed
			</span>
		);
	const top = best(run.proposals.filter(helps));
	if (top?.measured) return <span className="tnum font-medium text-green" title="measured time">{change(top.measured.before_ms, top.measured.after_ms)} time</span>;
	if (top?.cost) return <span className="tnum font-medium text-accent-text" title="planner cost, not time">{change(top.cost.before, top.cost.after)} cost</span>;
	if (run.verdict.fine)
		return (
			<span className="inline-flex items-center gap-1 text-green">
				<Check aria-hidden className="size-3.5" /> fine
			</span>
		);
	if (!run.complete) return <LoaderCircle aria-label="running" role="img" className="size-3.5 animate-spin text-accent-text" />;
	if (run.estimated_improvement_pct) return <span className="tnum text-accent-text" title="planner cost, not time">−{run.estimated_improvement_pct.toFixed(1)} % cost</span>;
	return <span className="text-fg-3">{run.findings.length > 0 ? `${run.findings.length} finding${run.findings.length === 1 ? "" : "s"}` : "no proposal"}</span>;
}

export function RecentRuns({ connectionId, current }: { connectionId: number | null; current: number | null }) {
	const query = useQuery(runs(connectionId));
	const remove = useDeleteRun();
	return (
		<Panel title="Recent runs" className="overflow-hidden">
			{query.isPending && <Skeleton />}
			{query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
			{query.data?.length === 0 && (
				<Empty icon={Sparkles} title="No runs yet" className="py-7">
					Each run keeps its result and its own address.
				</Empty>
			)}
			<ul className="scroll-thin max-h-[21rem] divide-y divide-line overflow-y-auto">
				{query.data?.map((run) => (
					<li key={run.id} className={cn("group relative flex items-center gap-2 hover:bg-hover", current === run.id && "bg-[color-mix(in_oklab,var(--accent)_8%,transparent)]")}>
						<Link to="/optimizer/$run" params={{ run: String(run.id) }} search={(old) => ({ c: old.c })} aria-current={current === run.id ? "page" : undefined} className="min-w-0 flex-1 px-4 py-2 -outline-offset-2">
							<span className="mono block truncate text-xs">
								<Sql text={oneLine(run.original_sql).slice(0, 240)} />
							</span>
							<span className="mt-0.5 flex items-center gap-2 text-2xs">
								<Outcome run={run} />
								<span className="text-fg-3" title={fullTime(run.created_at)}>
									#{run.id} · {ago(run.created_at)}
								</span>
							</span>
						</Link>
						{current !== run.id && (
							<Button
								look="quiet"
								size="icon-sm"
								aria-label={`Delete run ${run.id}`}
								className="mr-2 opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
								onClick={() => remove.mutate(run.id, { onError: (error) => toast.error(error.title, { description: error.detail }), onSuccess: () => toast.success(`Run #${run.id} deleted`) })}
							>
								<Trash2 />
							</Button>
						)}
					</li>
				))}
			</ul>
		</Panel>
	);
}
