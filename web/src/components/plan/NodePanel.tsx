import { ArrowUpRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Finding, Plan, PlanNode } from "@/api/types";
import { SeverityBadge } from "@/components/ui/badge";
import { Sql } from "@/components/sql/SqlBlock";
import { bytes, compact, cost, duration, exact, misestimate, percent, words } from "@/lib/format";
import { conditionLabels } from "./model";

function Row({ name, children, title }: { name: string; children: ReactNode; title?: string }) {
	return (
		<div className="flex justify-between gap-3 py-1" title={title}>
			<dt className="text-fg-2">{name}</dt>
			<dd className="tnum text-right font-medium">{children}</dd>
		</div>
	);
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const figure = (value: unknown): number | null => (typeof value === "number" ? value : null);

/* All that is known about one node. */
export function NodePanel({ plan, node, findings, onFinding }: { plan: Plan; node: PlanNode; findings: readonly Finding[]; onFinding?: (finding: Finding) => void }) {
	const wrong = misestimate(node.rows_est, node.rows_actual);
	const loops = node.loops ?? 1;
	const buffers = typeof node.buffers === "object" ? node.buffers : null;
	const memory = figure(node.memory_kb);
	const disk = figure(node.disk_kb);
	const sortKeys = Array.isArray(node.sort_keys) ? (node.sort_keys as unknown[]).filter((key): key is string => typeof key === "string") : [];
	const groupKeys = Array.isArray(node.group_keys) ? (node.group_keys as unknown[]).filter((key): key is string => typeof key === "string") : [];
	return (
		<aside aria-label="Selected step" className="min-w-0 border-line p-4 text-xs @max-[44rem]:border-t @min-[44rem]:border-l">
			<h3 className="text-sm font-semibold">
				{node.label} <span className="tnum font-normal text-fg-3">#{node.id}</span>
			</h3>
			<p className="mono mt-0.5 text-2xs break-words text-fg-2">
				{[node.relation, node.alias && node.alias !== node.relation ? `as ${node.alias}` : null, node.index ? `using ${node.index}` : null, text(node.join_type) ? `${text(node.join_type)} join` : null].filter(Boolean).join(" ") || words(node.operation)}
			</p>

			{node.conditions.length > 0 && (
				<div className="mt-3 flex flex-col gap-2">
					{node.conditions.map((condition, index) => (
						<div key={index}>
							<p className="mb-0.5 text-2xs font-medium text-fg-3">{conditionLabels[condition.kind] ?? words(condition.kind)}</p>
							<p className="mono rounded-md border border-line bg-inset px-2 py-1 text-2xs leading-4 break-words">
								<Sql text={condition.text} />
							</p>
						</div>
					))}
				</div>
			)}

			<dl className="mt-3 divide-y divide-line border-y border-line">
				<Row name="Rows estimated" title={`${exact(node.rows_est)} per loop`}>{compact(node.rows_est)}</Row>
				{node.rows_actual !== null && (
					<Row name="Rows actual" title={`${exact(node.rows_actual)} per loop`}>
						{loops > 1 && "~"}
						{compact(node.rows_actual)}
						{wrong && wrong.direction !== "exact" && wrong.factor >= 2 && (
							<span className={wrong.factor > 100 ? "text-red" : wrong.factor > 10 ? "text-orange" : "text-fg-2"}> ({compact(wrong.factor)}× {wrong.direction})</span>
						)}
					</Row>
				)}
				{node.loops !== null && <Row name="Loops">{compact(node.loops)}</Row>}
				{node.rows_removed ? <Row name="Rows removed by filter" title={exact(node.rows_removed)}>{compact(node.rows_removed)}</Row> : null}
				{node.time_ms !== null && (
					<>
						<Row name="Own time">{duration(node.time_exclusive_ms ?? null)}</Row>
						<Row name="Time with children">{duration(node.time_ms)}</Row>
					</>
				)}
				{node.cost !== null && (
					<>
						<Row name="Own cost" title="Planner cost, not time">{cost(node.cost_exclusive ?? null)}</Row>
						<Row name={(node.loops ?? 1) > 1 || (node.cost_exclusive ?? 0) > node.cost * 1.01 ? "Cost of one execution" : "Cost with children"} title="Planner cost, not time">{cost(node.cost)}</Row>
					</>
				)}
				{node.share !== null && node.share !== undefined && <Row name={plan.analyzed ? "Share of time" : "Share of cost"}>{percent(node.share * 100)}</Row>}
				{buffers && (buffers.hit ?? 0) + (buffers.read ?? 0) > 0 && (
					<Row name="Pages: cached / read">
						{compact(buffers.hit)} / {compact(buffers.read)}
					</Row>
				)}
				{buffers && ((buffers.temp_read ?? 0) > 0 || (buffers.temp_written ?? 0) > 0) && (
					<Row name="Temp: read / written">
						{compact(buffers.temp_read)} / {compact(buffers.temp_written)}
					</Row>
				)}
				{memory !== null && <Row name="Memory">{bytes(memory * 1024)}</Row>}
				{disk !== null && disk > 0 && <Row name="Spilled to disk">{bytes(disk * 1024)}</Row>}
				{figure(node.heap_fetches) !== null && <Row name="Heap fetches">{compact(figure(node.heap_fetches))}</Row>}
				{figure(node.workers_planned) !== null && (
					<Row name="Workers">
						{figure(node.workers_launched) ?? "–"} of {figure(node.workers_planned)}
					</Row>
				)}
				{sortKeys.length > 0 && <Row name="Sorted by"><span className="mono font-normal">{sortKeys.join(", ")}</span></Row>}
				{groupKeys.length > 0 && <Row name="Grouped by"><span className="mono font-normal">{groupKeys.join(", ")}</span></Row>}
			</dl>

			{findings.length > 0 && (
				<div className="mt-3 flex flex-col gap-1.5">
					<p className="text-2xs font-medium text-fg-3">Findings here</p>
					{findings.map((finding, index) => (
						<button key={index} type="button" onClick={() => onFinding?.(finding)} className="group rounded-md border border-line bg-inset p-2 text-left hover:bg-hover">
							<SeverityBadge severity={finding.severity} />
							<span className="mt-1 flex items-start gap-1 font-medium">
								<span className="flex-1">{finding.title}</span>
								<ArrowUpRight aria-hidden className="mt-0.5 size-3.5 shrink-0 text-fg-3" />
							</span>
						</button>
					))}
				</div>
			)}
		</aside>
	);
}
