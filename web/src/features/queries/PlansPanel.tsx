import { useQuery } from "@tanstack/react-query";
import { Workflow } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { planText, queryPlans, type QueryDetail } from "@/api/history";
import { analyzePlan } from "@/api/queries";
import { Panel } from "@/components/ui/panel";
import { ErrorState, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { ago, cost, exact, fullSentence, fullTime } from "@/lib/format";
import type { PlanMetric, PlanView } from "@/lib/url";
import { letters } from "./plans";

const PlanViewer = lazy(() => import("@/components/plan/PlanViewer").then((module) => ({ default: module.PlanViewer })));

/* The stored text is read by the same reader as a pasted plan. */
function Tree({ id, shape }: { id: number; shape: string }) {
	const read = useQuery({
		queryKey: ["plan-text", id, shape],
		queryFn: async () => {
			const text = await planText(id, shape);
			return text === null ? null : analyzePlan(text);
		},
		staleTime: 300_000,
		retry: false,
	});
	const [view, setView] = useState<PlanView>("outline");
	const [metric, setMetric] = useState<"auto" | PlanMetric>("auto");
	const [node, setNode] = useState<number | null>(null);
	if (read.isPending) return <Skeleton lines={4} />;
	if (read.isError) return <ErrorState error={read.error} retry={() => void read.refetch()} />;
	if (read.data === null) return <p className="px-4 py-3 text-fg-2">The text of this plan is not kept any more.</p>;
	return (
		<Suspense fallback={<Skeleton lines={4} />}>
			<PlanViewer plan={read.data.plan} findings={read.data.findings} view={view} metric={metric} node={node} onView={setView} onMetric={setMetric} onNode={setNode} />
		</Suspense>
	);
}

/* The plans it had, the one in use first. A letter is the same everywhere on the page. */
export function PlansPanel({ query }: { query: QueryDetail }) {
	const list = useQuery(queryPlans(query.id));
	const [chosen, setChosen] = useState<string | null>(null);
	const named = letters(list.data?.plans ?? []);
	const shown = list.data?.plans.find((plan) => (chosen === null ? plan.current : plan.shape === chosen)) ?? list.data?.plans[0];
	return (
		<Panel title="Plans" hint={list.data && list.data.plans.length > 1 ? `${list.data.plans.length} different ones` : undefined} className="mb-3 overflow-hidden">
			{list.isPending && <Skeleton lines={2} />}
			{list.isError && <ErrorState error={list.error} retry={() => void list.refetch()} />}
			{list.data?.plans.length === 0 && (
				<p className="flex items-start gap-2.5 px-4 py-3">
					<Workflow aria-hidden className="mt-0.5 size-4 shrink-0 text-fg-3" />
					<span className="min-w-0 break-words text-fg-2">{list.data.error ? `The monitor asked ${ago(list.data.looked_at)} and got no plan: ${fullSentence(list.data.error)}` : "No plan was kept yet: the monitor asks for one when it may have changed."} A run of the optimizer plans it now.</span>
				</p>
			)}
			{list.data && list.data.plans.length > 0 && (
				<div role="group" aria-label="Plan" className="flex flex-wrap gap-2 border-b border-line p-3">
					{list.data.plans.map((plan) => (
						<button
							key={plan.shape}
							type="button"
							aria-pressed={plan === shown}
							onClick={() => setChosen(plan.shape)}
							className={cn("rounded-lg border px-3 py-2 text-left text-xs transition-colors hover:bg-hover", plan === shown ? "border-accent bg-[color-mix(in_oklab,var(--accent)_6%,var(--panel))]" : "border-line")}
						>
							<span className="block font-semibold">
								<span aria-hidden className="text-violet">◆</span> Plan {named.get(plan.shape)} {plan.current && <span className="font-normal text-fg-2">in use</span>}
							</span>
							<span className="tnum block text-fg-2">{cost(plan.cost)} cost · seen {exact(plan.seen)}×</span>
							<span className="block text-fg-3" title={`${fullTime(plan.first_seen)} to ${fullTime(plan.last_seen)}`}>
								last {ago(plan.last_seen)}
							</span>
						</button>
					))}
				</div>
			)}
			{shown && (shown.stored ? <Tree key={shown.shape} id={query.id} shape={shown.shape} /> : <p className="px-4 py-3 text-fg-2">This plan was too long to be kept; its figures are above.</p>)}
		</Panel>
	);
}
