import type { ReactNode } from "react";
import type { Plan, PlanNode } from "@/api/types";
import { cn } from "@/lib/cn";
import { bytes, compact, cost, duration, exact, misestimate } from "@/lib/format";
import { buffersTotal, nodeObject } from "./model";
import { levelText, type ViewProps } from "./shared";

interface Column {
	name: string;
	title?: string;
	has: (node: PlanNode) => boolean;
	cell: (node: PlanNode) => ReactNode;
}

const columns: readonly Column[] = [
	{ name: "Time", title: "own time over all loops", has: (n) => n.time_ms !== null, cell: (n) => duration(n.time_exclusive_ms ?? n.time_ms) },
	{ name: "Total time", has: (n) => n.time_ms !== null, cell: (n) => duration(n.time_ms) },
	{ name: "Cost", title: "own planner cost: cost, not time", has: (n) => n.cost !== null, cell: (n) => cost(n.cost_exclusive ?? n.cost) },
	{ name: "Total cost", title: "planner cost with children: cost, not time", has: (n) => n.cost !== null, cell: (n) => cost(n.cost) },
	{ name: "Rows est.", title: "per loop", has: (n) => n.rows_est !== null, cell: (n) => compact(n.rows_est) },
	{ name: "Rows", title: "actual, per loop", has: (n) => n.rows_actual !== null, cell: (n) => <span title={exact(n.rows_actual)}>{(n.loops ?? 1) > 1 ? "~" : ""}{compact(n.rows_actual)}</span> },
	{
		name: "Estimate",
		has: (n) => n.rows_actual !== null,
		cell: (n) => {
			const wrong = misestimate(n.rows_est, n.rows_actual);
			if (!wrong || wrong.direction === "exact") return wrong ? "exact" : "–";
			const level = wrong.factor > 1000 ? 3 : wrong.factor > 100 ? 2 : wrong.factor > 10 ? 1 : 0;
			return (
				<span className={levelText[level]}>
					{compact(wrong.factor)}× {wrong.direction}
				</span>
			);
		},
	},
	{ name: "Loops", has: (n) => (n.loops ?? 0) > 1, cell: (n) => compact(n.loops) },
	{ name: "Removed", title: "rows removed by filters, per loop", has: (n) => (n.rows_removed ?? 0) > 0, cell: (n) => compact(n.rows_removed) },
	{ name: "Buffers", has: (n) => buffersTotal(n) !== null, cell: (n) => { const pages = buffersTotal(n); return pages === null ? "–" : bytes(pages * 8192); } },
	{ name: "Memory", has: (n) => typeof n.memory_kb === "number", cell: (n) => (typeof n.memory_kb === "number" ? bytes(n.memory_kb * 1024) : "–") },
	{ name: "Disk", has: (n) => typeof n.disk_kb === "number" && n.disk_kb > 0, cell: (n) => (typeof n.disk_kb === "number" ? bytes(n.disk_kb * 1024) : "–") },
	{ name: "Heap fetches", has: (n) => typeof n.heap_fetches === "number", cell: (n) => (typeof n.heap_fetches === "number" ? compact(n.heap_fetches) : "–") },
	{ name: "Condition", has: (n) => n.conditions.length > 0, cell: (n) => <span className="mono block max-w-72 truncate text-left text-2xs">{n.conditions.map((c) => c.text).join(" · ")}</span> },
];

/* One row a node; a column appears only when some node has it. */
export function Grid({ plan, flat, selected, select }: ViewProps & { plan: Plan }) {
	const shown = columns.filter((column) => plan.nodes.some(column.has));
	return (
		<div tabIndex={0} role="region" aria-label="Plan as a table" className="scroll-thin max-h-[34rem] overflow-auto -outline-offset-2">
			<table className="tnum w-full border-collapse text-xs">
				<thead className="sticky top-0 z-[1] bg-panel">
					<tr className="text-fg-3">
						<th scope="col" className="border-b border-line py-2 pr-3 pl-4 text-left font-medium">Step</th>
						{shown.map((column) => (
							<th key={column.name} scope="col" title={column.title} className="border-b border-line px-2 py-2 text-right font-medium whitespace-nowrap last:text-left">
								{column.name}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{flat.map((entry) => (
						<tr key={entry.node.id} className={cn("border-b border-line last:border-0 hover:bg-hover", selected === entry.node.id && "bg-[color-mix(in_oklab,var(--accent)_9%,transparent)]")}>
							<th scope="row" className="py-1 pr-3 pl-4 text-left font-normal whitespace-nowrap">
								<button type="button" data-node={entry.node.id} aria-pressed={selected === entry.node.id} onClick={() => select(entry.node.id, false)} className="min-h-6 rounded text-left" style={{ paddingLeft: `${Math.min(entry.guides.length, 16) * 12}px` }}>
									<span className="font-medium">{entry.node.label}</span> <span className="mono text-2xs text-fg-2">{nodeObject(entry.node)}</span>
								</button>
							</th>
							{shown.map((column) => (
								<td key={column.name} className="px-2 py-1 text-right whitespace-nowrap">
									{column.has(entry.node) || column.name === "Loops" ? column.cell(entry.node) : <span className="text-fg-3">–</span>}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
