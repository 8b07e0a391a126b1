import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ChartColumn } from "lucide-react";
import { useMemo } from "react";
import { trends } from "@/api/history";
import { health } from "@/api/queries";
import { ChartFrame } from "@/components/charts/ChartFrame";
import type { Series } from "@/components/charts/types";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { Empty, ErrorState } from "@/components/ui/states";
import { Segmented } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { change, compact, duration, exact } from "@/lib/format";
import { useNow } from "@/lib/now";
import { dashboardSearch, spanHours, spanWords, type LoadMetric } from "@/lib/url";
import { loadOf, MAX_HOURS, type Totals } from "./load";

const metrics: Record<LoadMetric, { label: string; series: Series; of: (totals: Totals) => number | null; write: (value: number | null) => string; exact: (value: number | null) => string }> = {
	time: { label: "Database time", series: { key: "time", label: "Database time", color: "var(--bar)", kind: "bar", format: duration }, of: (totals) => totals.ms, write: duration, exact: (value) => `${exact(value)} ms` },
	calls: { label: "Calls", series: { key: "calls", label: "Calls", color: "var(--s3)", kind: "bar", format: compact }, of: (totals) => totals.calls, write: compact, exact: (value) => `${exact(value)} calls` },
	mean: { label: "Mean time", series: { key: "mean", label: "Mean time", color: "var(--s4)", kind: "area", format: duration }, of: (totals) => totals.mean, write: duration, exact: (value) => `${exact(value)} ms` },
};
const order = ["time", "calls", "mean"] as const;

/* One figure, which is at the same time the choice of what the chart shows. */
function Choice({ metric, chosen, now, before, choose }: { metric: LoadMetric; chosen: boolean; now: Totals; before: Totals | null; choose: () => void }) {
	const { label, of, write, exact: full, series } = metrics[metric];
	const value = of(now);
	const was = before && of(before);
	return (
		<button
			type="button"
			aria-pressed={chosen}
			onClick={choose}
			className={cn("relative flex min-w-0 flex-1 flex-col px-4 py-2.5 text-left max-sm:px-3 transition-colors hover:bg-hover focus-visible:-outline-offset-2", chosen && "after:absolute after:inset-x-4 max-sm:after:inset-x-3 after:bottom-0 after:h-0.5 after:rounded-full after:bg-(--series)")}
			style={{ "--series": series.color } as React.CSSProperties}
		>
			<span className={cn("block truncate text-xs", chosen ? "font-medium text-fg" : "text-fg-2")}>{label}</span>
			<span className="flex flex-wrap items-baseline gap-x-2">
				<span className="tnum text-lg font-semibold tracking-tight" title={value === null ? undefined : full(value)}>
					{write(value)}
				</span>
				{was !== null && value !== null && was > 0 && (
					<span className="tnum text-xs text-fg-2" title={`${full(was)} in the time before`}>
						{change(was, value)}
					</span>
				)}
			</span>
		</button>
	);
}

/* What the databases did over time. The hour that runs now is not complete, and says so. */
export function LoadPanel({ connection }: { connection: number | null }) {
	const navigate = useNavigate();
	const { range, load: metric } = dashboardSearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const hours = spanHours[range];
	// The range before in the same answer, where the server tells that much.
	const query = useQuery(trends(connection, Math.min(hours * 2, MAX_HOURS)));
	const monitoring = useQuery(health()).data?.monitoring_agent;
	const now = useNow(60_000);
	const load = useMemo(() => (query.data ? loadOf(query.data, hours, now) : null), [query.data, hours, now]);
	const go = (next: Partial<{ range: typeof range; load: LoadMetric }>) =>
		void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ c: old.c, ...dashboardSearch.write({ range, load: metric, ...next }) }) as never, replace: true });
	const { series } = metrics[metric];
	return (
		<Panel
			title="Load over time"
			hint={load?.before ? `compared with the ${spanWords[range]} before` : undefined}
			className="mb-3 overflow-hidden"
			actions={<Segmented label="Range" value={range} onChange={(next) => go({ range: next })} options={(["6h", "24h", "7d", "30d"] as const).map((value) => ({ value, label: value.replace(/(\d+)/, "$1 "), title: `The last ${spanWords[value]}` }))} />}
		>
			{query.isPending && <div className="p-4"><div role="status" aria-label="Loading" className="late skeleton h-64" /></div>}
			{query.isError && !load && <ErrorState error={query.error} retry={() => void query.refetch()} />}
			{load && load.hours === 0 && (
				<Empty
					icon={ChartColumn}
					title={`No load was recorded in the last ${spanWords[range]}`}
					className="py-8"
					action={
						<Button asChild>
							<Link to="/monitoring">Open monitoring</Link>
						</Button>
					}
				>
					{monitoring === false ? "Monitoring is stopped: nothing is read until it is started." : "Two reads make the first figures: what ran between them. A new connection is read again after a minute."}
				</Empty>
			)}
			{load && load.hours > 0 && (
				<>
					<div role="group" aria-label="Figure in the chart" className="flex divide-x divide-line border-b border-line [&>*]:border-line">
						{order.map((name) => (
							<Choice key={name} metric={name} chosen={name === metric} now={load.now} before={load.before} choose={() => go({ load: name })} />
						))}
					</div>
					<div className={cn("p-4 pb-2.5", query.isPlaceholderData && "opacity-60")}>
						<ChartFrame
							label={`${metrics[metric].label}, last ${spanWords[range]}`}
							height={200}
							data={{ points: load.points, step: load.step, unit: metric === "calls" ? "count" : "ms", series: [series] }}
							extra={
								<>
									Of all statements, by {load.step === 3_600_000 ? "hour" : `${load.step / 3_600_000} hours`}; the last is not complete.{" "}
									{load.hours < hours && "Where there is none, nothing was read."}
								</>
							}
						/>
					</div>
				</>
			)}
		</Panel>
	);
}
