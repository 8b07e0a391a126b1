import type { QueryPlans } from "@/api/history";
import type { Marker } from "@/components/charts/types";

/* A, B, C ... by when a plan was first seen, so that a letter never changes its plan. */
export function letters(plans: QueryPlans["plans"]): Map<string, string> {
	const sorted = [...plans].sort((a, b) => Date.parse(a.first_seen) - Date.parse(b.first_seen));
	return new Map(sorted.map((plan, index) => [plan.shape, String.fromCharCode(65 + (index % 26))]));
}

/* Where one plan followed another. */
export function planChanges(had: QueryPlans): Marker[] {
	const named = letters(had.plans);
	return had.runs.slice(1).flatMap((run, index): Marker[] => {
		const before = had.runs[index];
		if (!before || before.shape === run.shape) return [];
		return [{ at: Date.parse(run.from), kind: "plan", label: `plan ${named.get(run.shape) ?? "?"} instead of ${named.get(before.shape) ?? "?"}` }];
	});
}
