/* One plan, three views on it, and a panel for the node that is looked at. What is chosen lives in the address bar. */
import { TriangleAlert } from "lucide-react";
import { useMemo, useRef, type KeyboardEvent } from "react";
import type { Finding, Plan } from "@/api/types";
import { EvidenceTag } from "@/components/ui/badge";
import { CopyButton } from "@/components/ui/copy";
import { Segmented } from "@/components/ui/tabs";
import { cost, duration } from "@/lib/format";
import { planMetrics, type PlanMetric, type PlanView } from "@/lib/url";
import { Diagram } from "./Diagram";
import { Grid } from "./Grid";
import { bottlenecks, buildTree, defaultMetric, figures, findingsByNode, flatten, metricAvailable, metricLabels, metricMissing } from "./model";
import { NodePanel } from "./NodePanel";
import { Outline } from "./Outline";
import { planText } from "./text";

export interface PlanViewerProps {
	plan: Plan;
	findings: readonly Finding[];
	view: PlanView;
	metric: PlanMetric | "auto";
	node: number | null;
	onView: (view: PlanView) => void;
	onMetric: (metric: PlanMetric | "auto") => void;
	onNode: (node: number | null) => void;
	onFinding?: (finding: Finding) => void;
}

export function PlanViewer({ plan, findings, view, metric, node, onView, onMetric, onNode, onFinding }: PlanViewerProps) {
	const roots = useMemo(() => buildTree(plan.nodes), [plan]);
	const flat = useMemo(() => flatten(roots), [roots]);
	const standard = defaultMetric(plan);
	const shown: PlanMetric = metric !== "auto" && metricAvailable(plan, metric) ? metric : standard;
	const values = useMemo(() => figures(plan, shown), [plan, shown]);
	const marked = useMemo(() => findingsByNode(findings), [findings]);
	const worst = useMemo(() => bottlenecks(plan), [plan]);
	const area = useRef<HTMLDivElement>(null);

	const fallback = worst[0] ?? flat[0]?.node.id ?? null;
	const selected = flat.some((entry) => entry.node.id === node) ? node : fallback;
	const current = flat.find((entry) => entry.node.id === selected);

	const select = (id: number, focus = true) => {
		onNode(id);
		if (focus) requestAnimationFrame(() => area.current?.querySelector<HTMLElement>(`[data-node="${id}"]`)?.focus());
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.ctrlKey || event.metaKey || event.altKey || !current) return;
		const at = flat.indexOf(current);
		const move = (entry: (typeof flat)[number] | undefined) => entry && select(entry.node.id);
		switch (event.key) {
			case "ArrowDown":
				move(flat[at + 1]);
				break;
			case "ArrowUp":
				move(flat[at - 1]);
				break;
			case "ArrowLeft":
				move(flat.find((entry) => entry.node.id === current.node.parent));
				break;
			case "ArrowRight":
				move(current.children[0]);
				break;
			case "Home":
				move(flat[0]);
				break;
			case "End":
				move(flat[flat.length - 1]);
				break;
			case "b": {
				const next = worst[(worst.indexOf(current.node.id) + 1) % Math.max(worst.length, 1)];
				if (next !== undefined) select(next);
				break;
			}
			case "m": {
				const usable = planMetrics.filter((name) => metricAvailable(plan, name));
				const next = usable[(usable.indexOf(shown) + 1) % usable.length];
				if (next) onMetric(next === standard ? "auto" : next);
				break;
			}
			default:
				return;
		}
		event.preventDefault();
		event.stopPropagation();
	};
	const shared = { roots, flat, values, marked, selected, metric: shown, select };

	return (
		<div ref={area} onKeyDown={onKeyDown} className="@container">
			<div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2.5">
				<Segmented
					label="View"
					value={view}
					onChange={onView}
					options={[
						{ value: "outline", label: "Outline" },
						{ value: "diagram", label: "Diagram" },
						{ value: "grid", label: "Grid" },
					]}
				/>
				<Segmented
					label="Metric"
					value={shown}
					onChange={(next) => onMetric(next === standard ? "auto" : next)}
					options={planMetrics.map((name) => {
						const usable = metricAvailable(plan, name);
						return { value: name, label: metricLabels[name], disabled: !usable, title: usable ? undefined : metricMissing[name] };
					})}
				/>
				<CopyButton text={planText(plan)} size="icon-sm" name="Copy the plan as text" look="quiet" className="ml-auto max-sm:hidden" />
			</div>
			<div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1.5 text-xs text-fg-2">
				{marked.size > 0 && (
					<p className="flex items-center gap-1.5">
						<TriangleAlert aria-hidden className="size-3.5 text-orange" />
						{marked.size === 1 ? "One step has a finding." : `${marked.size} steps have findings.`}
						<span className="max-sm:hidden">
							Press <kbd className="rounded border border-line bg-inset px-1 text-2xs">b</kbd> to walk the bottlenecks.
						</span>
					</p>
				)}
				<p className="tnum flex flex-wrap items-center gap-x-3 gap-y-1 sm:ml-auto">
					{plan.execution_ms != null && (
						<span className="inline-flex items-center gap-1.5">
							{duration(plan.execution_ms)} <EvidenceTag source="measured" />
						</span>
					)}
					{plan.total_cost != null && <span title="What the planner compares plans with. It has no unit.">planner cost {cost(plan.total_cost)}, not time</span>}
				</p>
			</div>
			<div className="grid min-w-0 @min-[44rem]:grid-cols-[minmax(0,1fr)_16.5rem]">
				<div className="min-w-0">
					{view === "outline" && <Outline {...shared} />}
					{view === "diagram" && <Diagram {...shared} />}
					{view === "grid" && <Grid plan={plan} {...shared} />}
				</div>
				{current && <NodePanel plan={plan} node={current.node} findings={marked.get(current.node.id) ?? []} onFinding={onFinding} />}
			</div>
		</div>
	);
}
