/* The figures that a statement's chart can show. */
import type { Unit } from "@/components/charts/time";
import type { Series } from "@/components/charts/types";
import { compact, duration, percent } from "@/lib/format";
import type { QueryMetric } from "@/lib/url";

export interface MetricLook {
	label: string;
	unit: Unit;
	series: Omit<Series, "key">;
	/* 0 where it did not run is true of sums, and says nothing of means */
	sum: boolean;
}

const ratio = (value: number): string => percent(value * 100);

export const metricLooks: Record<QueryMetric, MetricLook> = {
	total_time: { label: "Time", unit: "ms", sum: true, series: { label: "Time", color: "var(--bar)", kind: "bar", format: duration } },
	calls: { label: "Calls", unit: "count", sum: true, series: { label: "Calls", color: "var(--s3)", kind: "bar", format: compact } },
	mean_time: { label: "Mean time", unit: "ms", sum: false, series: { label: "Mean time", color: "var(--s4)", kind: "line", format: duration } },
	rows_per_call: { label: "Rows a call", unit: "count", sum: false, series: { label: "Rows a call", color: "var(--s2)", kind: "line", format: compact } },
	reads: { label: "Reads", unit: "count", sum: true, series: { label: "Pages read", color: "var(--s5)", kind: "bar", format: compact } },
	hit_ratio: { label: "Cache hits", unit: "count", sum: false, series: { label: "Found in the cache", color: "var(--s6)", kind: "line", format: ratio } },
};
