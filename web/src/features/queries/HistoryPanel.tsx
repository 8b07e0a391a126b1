import { useQuery } from "@tanstack/react-query";
import { ChartColumn, MapPinPlus, ZoomOut } from "lucide-react";
import { useMemo, useState } from "react";
import { findingsOf } from "@/api/findings";
import { queryPlans, querySeries, type QueryDetail } from "@/api/history";
import { useKeys } from "@/app/keys";
import { ChartFrame } from "@/components/charts/ChartFrame";
import { clock, day } from "@/components/charts/time";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { Empty, ErrorState } from "@/components/ui/states";
import { Segmented } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { sentence } from "@/lib/format";
import { queryMetrics, type querySearch } from "@/lib/url";
import { AnnotateDialog, Annotations } from "./Annotate";
import { metricLooks } from "./metrics";
import { chartOf } from "./series";
import { periodWords } from "./words";

export type View = ReturnType<typeof querySearch.parse>;
const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
const sources = { samples: "from single reads", hours: "by the hour", days: "by the day (UTC)" } as const;

/* What the statement did over time, with what happened meanwhile. Dragging over the chart looks closer. */
export function HistoryPanel({ query, view, change }: { query: QueryDetail; view: View; change: (next: Partial<View>, how?: { replace: boolean }) => void }) {
	const [marking, setMarking] = useState(false);
	const zoomed = view.from !== null && view.to !== null;
	const series = useQuery(querySeries(query.id, view.metric, zoomed ? { from: view.from as string, to: view.to as string } : { period: view.period }));
	const findings = useQuery(findingsOf(query.id)).data?.items;
	const plans = useQuery(queryPlans(query.id)).data;
	const look = metricLooks[view.metric];
	// The answer names its figure: one that is kept while the next is on its way is not drawn as the other.
	const data = useMemo(() => (series.data ? chartOf(series.data, metricLooks[series.data.metric as keyof typeof metricLooks] ?? look, findings ?? [], plans ?? null) : null), [series.data, look, findings, plans]);
	const out = () => change({ from: null, to: null });
	useKeys(zoomed ? { z: out } : {});
	const words = zoomed ? `${day(Date.parse(view.from as string))} ${clock(Date.parse(view.from as string))} to ${day(Date.parse(view.to as string))} ${clock(Date.parse(view.to as string))}` : periodWords[view.period].long;
	return (
		<Panel
			title="Over time"
			hint={zoomed ? words : undefined}
			className="mb-3 overflow-hidden"
			actions={
				<div className="flex flex-wrap items-center justify-end gap-2">
					{zoomed && (
						<Button size="sm" onClick={out} aria-keyshortcuts="z" title="Zoom out (z)">
							<ZoomOut /> Zoom out
						</Button>
					)}
					<Button size="sm" look="quiet" onClick={() => setMarking(true)}>
						<MapPinPlus /> Mark a time
					</Button>
					<div className="scroll-thin max-w-[calc(100vw-4rem)] overflow-x-auto">
						<Segmented label="Figure" value={view.metric} onChange={(metric) => change({ metric })} options={queryMetrics.map((value) => ({ value, label: metricLooks[value].label }))} />
					</div>
					<Segmented label="Period" value={zoomed ? ("" as View["period"]) : view.period} onChange={(period) => change({ period, from: null, to: null })} options={(["hour", "day", "week", "month"] as const).map((value) => ({ value, label: periodWords[value].short, title: sentence(periodWords[value].long) }))} />
				</div>
			}
		>
			<div className={cn("p-4 pb-2.5", series.isPlaceholderData && "opacity-60")}>
				{series.isPending && <div role="status" aria-label="Loading" className="late skeleton h-60" />}
				{series.isError && !data && <ErrorState error={series.error} retry={() => void series.refetch()} className="p-0" />}
				{series.data && series.data.points.length === 0 && (
					<Empty icon={ChartColumn} title="It did not run in this time" className="py-8">
						Choose a longer period, or zoom out.
					</Empty>
				)}
				{data && series.data && series.data.points.length > 0 && (
					<ChartFrame
						label={`${look.label}, ${words}`}
						data={data}
						height={240}
						zoom={(from, to) => change({ from: iso(from), to: iso(Math.min(to, Date.parse(series.data.to))) }, { replace: false })}
						extra={`${sentence(sources[series.data.source])}. Drag over the chart to look closer.`}
					/>
				)}
			</div>
			{series.data && <Annotations list={series.data.annotations} />}
			{marking && <AnnotateDialog connectionId={query.connection_id} connectionName={query.connection_name} close={() => setMarking(false)} />}
		</Panel>
	);
}
