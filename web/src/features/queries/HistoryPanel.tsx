import { useQuery } from "@tanstack/react-query";
import { ChartColumn } from "lucide-react";
import { useMemo } from "react";
import { sparklines } from "@/api/history";
import { ChartFrame } from "@/components/charts/ChartFrame";
import type { ChartData } from "@/components/charts/types";
import { Panel } from "@/components/ui/panel";
import { Empty, ErrorState } from "@/components/ui/states";
import { Segmented } from "@/components/ui/tabs";
import { sentence } from "@/lib/format";
import { queryMetrics, type querySearch } from "@/lib/url";
import { metricLooks } from "./metrics";
import { periodWords } from "./words";

type View = ReturnType<typeof querySearch.parse>;

/* What the statement did over the period. */
export function HistoryPanel({ id, view, change }: { id: number; view: View; change: (next: Partial<View>) => void }) {
	const query = useQuery(sparklines([id], view.metric, view.period));
	const look = metricLooks[view.metric];
	const data = useMemo((): ChartData | null => {
		const series = query.data?.series[0];
		if (!query.data || !series) return null;
		const from = Date.parse(query.data.from);
		const step = query.data.step_s * 1000;
		return {
			step,
			unit: look.unit,
			series: [{ key: "value", ...look.series }],
			points: (series.points as (number | null)[]).map((value, index) => ({ at: from + index * step, values: { value } })),
		};
	}, [query.data, look]);
	const empty = data !== null && data.points.every((point) => !point.values.value);
	return (
		<Panel
			title="Over time"
			className="mb-3 overflow-hidden"
			actions={
				<div className="flex flex-wrap justify-end gap-2">
					<div className="scroll-thin max-w-[calc(100vw-4rem)] overflow-x-auto">
						<Segmented label="Figure" value={view.metric} onChange={(metric) => change({ metric })} options={queryMetrics.map((value) => ({ value, label: metricLooks[value].label }))} />
					</div>
					<Segmented label="Period" value={view.period} onChange={(period) => change({ period })} options={(["hour", "day", "week", "month"] as const).map((value) => ({ value, label: periodWords[value].short, title: sentence(periodWords[value].long) }))} />
				</div>
			}
		>
			<div className="p-4 pb-2.5">
				{query.isPending && <div role="status" aria-label="Loading" className="late skeleton h-60" />}
				{query.isError && !data && <ErrorState error={query.error} retry={() => void query.refetch()} className="p-0" />}
				{data && empty && (
					<Empty icon={ChartColumn} title="It did not run in this period" className="py-8">
						Choose a longer one, or another figure.
					</Empty>
				)}
				{data && !empty && <ChartFrame label={`${look.label}, ${periodWords[view.period].long}`} data={data} height={240} />}
			</div>
		</Panel>
	);
}
