/* The answer of the server as a chart: steps without calls are 0 where that is true, and unknown where it is a mean. */
import type { FindingRecord } from "@/api/findings";
import type { QueryPlans, QuerySeries } from "@/api/history";
import type { ChartData, Marker } from "@/components/charts/types";
import type { MetricLook } from "./metrics";
import { planChanges } from "./plans";

export function chartOf(series: QuerySeries, look: MetricLook, findings: readonly FindingRecord[], plans: QueryPlans | null = null): ChartData {
	const step = Math.max(series.step_s, 1) * 1000;
	const known = new Map(series.points.map((point) => [Date.parse(point.at), point.value]));
	// The steps begin where those of the server do, whatever its first one is.
	const first = series.points[0] ? Date.parse(series.points[0].at) : Date.parse(series.from);
	const from = first - Math.max(Math.ceil((first - Date.parse(series.from)) / step), 0) * step;
	const points: { at: number; values: { value: number | null } }[] = [];
	for (let at = from; at < Date.parse(series.to) && points.length < 1_000; at += step) points.push({ at, values: { value: known.get(at) ?? (look.sum ? 0 : null) } });
	const markers: Marker[] = series.annotations.map((one) => ({ at: Date.parse(one.at), kind: "note", label: one.text }));
	for (const finding of findings) if (finding.state !== "muted") markers.push({ at: Date.parse(finding.detected_at), kind: "finding", label: finding.title });
	if (plans) markers.push(...planChanges(plans));
	return { step, unit: look.unit, series: [{ key: "value", ...look.series }], points, markers };
}
