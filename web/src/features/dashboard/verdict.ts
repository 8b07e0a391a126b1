import type { DashboardStats, Optimization, Proposal } from "@/api/types";
import { change, exact, oneLine } from "@/lib/format";

export interface Opportunity {
	run: Optimization;
	proposal: Proposal;
	before: number;
	after: number;
}

/* What can be done now: the best offered proposal of each statement that is not applied yet, largest saving first. */
export function opportunities(recent: readonly Optimization[]): Opportunity[] {
	const seen = new Set<string>();
	return recent
		.filter((run) => run.status !== "applied")
		.flatMap((run): Opportunity[] => {
			const proposal = run.proposals.find((one) => one.verdict === "offered" && one.cost && one.cost.before !== null && one.cost.after !== null);
			// The newest run of a statement speaks for the older ones.
			const key = `${run.connection_id} ${oneLine(run.original_sql)}`;
			if (!proposal?.cost || proposal.cost.before === null || proposal.cost.after === null || seen.has(key)) return [];
			seen.add(key);
			return [{ run, proposal, before: proposal.cost.before, after: proposal.cost.after }];
		})
		.sort((a, b) => b.before - b.after - (a.before - a.after));
}

export function verdictOf(stats: DashboardStats, recent: readonly Optimization[]): { tone: "good" | "warn" | "plain"; title: string; text: string; run: Optimization | null } {
	const open = opportunities(recent);
	const best = open[0];
	if (best)
		return {
			tone: "warn",
			title: `${open.length === 1 ? "One query" : `${open.length} queries`} can be made cheaper`,
			text: `${best.proposal.title}: ${change(best.before, best.after)} planner cost (cost, not time).`,
			run: best.run,
		};
	if (stats.total_detected_issues > 0) return { tone: "warn", title: `${exact(stats.total_detected_issues)} open findings`, text: `In ${exact(stats.optimizations_with_issues)} of ${exact(stats.total_optimizations)} analysed queries.`, run: recent.find((run) => run.findings.length > 0) ?? null };
	if (stats.total_optimizations > 0) return { tone: "good", title: "All calm", text: "None of the analysed queries has an open finding.", run: null };
	if (stats.top_bottlenecks.length > 0) return { tone: "plain", title: "Ready", text: "Choose one of the statements that cost most, or paste another into the optimizer.", run: null };
	return { tone: "plain", title: "Ready", text: "Paste a query into the optimizer to see what can be made cheaper.", run: null };
}
