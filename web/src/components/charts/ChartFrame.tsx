/* Around a chart: what its colours and marks mean, and the same figures as a table. */
import { ChartColumn, Table2 } from "lucide-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { fullTime } from "@/lib/format";
import { bucketLabel } from "./time";
import { markerLooks, type ChartData, type MarkerKind } from "./types";

// Recharts is larger than all the rest of a page.
const TimeChart = lazy(() => import("./TimeChart"));

function Legend({ data }: { data: ChartData }) {
	const kinds = [...new Set((data.markers ?? []).map((marker) => marker.kind))] as MarkerKind[];
	if (data.series.length < 2 && kinds.length === 0) return null;
	return (
		<ul aria-label="Legend" className="flex min-w-0 flex-wrap gap-x-4 gap-y-1 text-xs text-fg-2">
			{data.series.length > 1 &&
				data.series.map((series) => (
					<li key={series.key} className="flex min-w-0 items-center gap-1.5">
						<span aria-hidden className={cn("shrink-0 rounded-[2px]", series.kind === "bar" || series.stack ? "size-2.5" : "h-0.5 w-3.5")} style={{ background: series.color }} />
						<span className="truncate">{series.label}</span>
					</li>
				))}
			{kinds.map((kind) => (
				<li key={kind} className="flex items-center gap-1.5">
					<span aria-hidden style={{ color: markerLooks[kind].color }}>{markerLooks[kind].sign}</span> {markerLooks[kind].word}
				</li>
			))}
		</ul>
	);
}

function ChartTable({ data, label, height }: { data: ChartData; label: string; height: number }) {
	const known = [...data.points].reverse().filter((point) => data.series.some((series) => point.values[series.key] != null));
	return (
		<div tabIndex={0} role="region" aria-label={`${label}, as a table`} className="scroll-thin overflow-auto rounded-md" style={{ maxHeight: Math.max(height, 220) }}>
			<table className="w-full text-xs">
				<thead className="sticky top-0 bg-panel text-fg-2">
					<tr className="border-b border-line [&>th]:px-3 [&>th]:py-1.5 [&>th]:font-medium">
						<th scope="col" className="text-left">Time</th>
						{data.series.map((series) => <th key={series.key} scope="col" className="text-right">{series.label}</th>)}
						{data.markers && data.markers.length > 0 && <th scope="col" className="text-left">Marks</th>}
					</tr>
				</thead>
				<tbody>
					{known.map((point) => (
						<tr key={point.at} className="border-b border-line last:border-0">
							<th scope="row" className="px-3 py-1 text-left font-normal whitespace-nowrap" title={fullTime(new Date(point.at).toISOString())}>{bucketLabel(point.at, data.step)}</th>
							{data.series.map((series) => <td key={series.key} className="tnum px-3 py-1 text-right whitespace-nowrap">{point.values[series.key] == null ? "–" : series.format(point.values[series.key] as number)}</td>)}
							{data.markers && data.markers.length > 0 && (
								<td className="px-3 py-1">{data.markers.filter((marker) => marker.at >= point.at && marker.at < point.at + data.step).map((marker) => `${markerLooks[marker.kind].word}: ${marker.label}`).join("; ")}</td>
							)}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

export function ChartFrame({ data, label, height = 220, zoom, extra }: { data: ChartData; label: string; height?: number; zoom?: (from: number, to: number) => void; extra?: ReactNode }) {
	const [table, setTable] = useState(false);
	return (
		<figure aria-label={label} className="m-0 min-w-0">
			{table ? (
				<ChartTable data={data} label={label} height={height} />
			) : (
				<Suspense fallback={<div className="late skeleton" role="status" aria-label="Loading" style={{ height }} />}>
					<TimeChart data={data} label={label} height={height} zoom={zoom} />
				</Suspense>
			)}
			<figcaption className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1.5">
				<Legend data={data} />
				{extra && <span className="text-2xs text-fg-3">{extra}</span>}
				<Button look="quiet" size="sm" className="ml-auto" aria-pressed={table} onClick={() => setTable(!table)}>
					{table ? <ChartColumn /> : <Table2 />} {table ? "View as a chart" : "View as a table"}
				</Button>
			</figcaption>
		</figure>
	);
}
