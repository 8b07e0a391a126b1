/* Words for the proof ladder. What a rung says depends on what the proposal is. */
import type { Proposal, Rung, RungName } from "@/api/types";
import { capital } from "@/lib/format";

export const rungLabels: Record<RungName, string> = {
	parsed: "Parsed",
	resolved: "Resolved",
	planned: "Planned",
	equivalent: "Equivalent",
	same_result: "Same result",
	measured: "Measured",
	applied: "Applied",
	confirmed: "Confirmed",
};

const asks: Record<RungName, string> = {
	parsed: "Exactly one statement in the dialect of this database",
	resolved: "Every table, column and function exists",
	planned: "The planner of this database accepts it; cost before and after",
	equivalent: "The answer cannot change",
	same_result: "Both statements give the same rows on the real data",
	measured: "Timed before and after, in turn, with a warm-up",
	applied: "Carried out on the database",
	confirmed: "Later observation agrees that it helped",
};

/* The same while nobody has looked: what would be shown, not what is. */
const open: Record<RungName, string> = {
	parsed: "Whether it is exactly one statement in the dialect of this database",
	resolved: "Whether every table, column and function exists",
	planned: "Whether the planner of this database accepts it, and at what cost",
	equivalent: "Whether the answer stays the same",
	same_result: "Whether both statements give the same rows on the real data",
	measured: "How long it takes before and after, in turn, with a warm-up",
	applied: "Nothing has been changed on the database",
	confirmed: "Whether later observation agrees that it helped",
};

export const statusLabels = { passed: "passed", failed: "failed", not_possible: "not possible", not_run: "not run" } as const;

export const rungText = (rung: Rung): string => (rung.reason ? capital(rung.reason) : (rung.status === "not_run" ? open : asks)[rung.rung]);

export function proofSummary(proposal: Proposal): string {
	const count = (status: Rung["status"]) => proposal.proof.filter((rung) => rung.status === status).length;
	const parts = [`${count("passed")} of ${proposal.proof.length} rungs passed`];
	if (count("failed") > 0) parts.push(`${count("failed")} failed`);
	if (count("not_possible") > 0) parts.push(`${count("not_possible")} not possible here`);
	return parts.join(", ");
}

export const kindLabels: Record<string, string> = {
	index: "Index",
	drop_index: "Drop index",
	rewrite: "Rewrite",
	statistics: "Statistics",
	setting: "Setting",
	maintenance: "Maintenance",
	schema: "Schema",
};

/* Measuring runs the statement; it says something about rewrites and, where allowed, about indexes. */
export const measurable = (proposal: Proposal): boolean => proposal.verdict === "offered" && (proposal.kind === "rewrite" || proposal.kind === "index");
export const applicable = (proposal: Proposal): boolean => proposal.verdict === "offered" && proposal.sql !== null && proposal.kind !== "rewrite";

/* Whether it makes this query cheaper; dropping an unused index is good, but no help to the query. */
export const helps = (proposal: Proposal): boolean => {
	if (proposal.verdict !== "offered") return false;
	if (proposal.measured) return proposal.measured.before_ms > proposal.measured.after_ms;
	return proposal.cost !== null && proposal.cost.before !== null && proposal.cost.after !== null && proposal.cost.after < proposal.cost.before;
};

/* What the figures beside it say already. The sentence is written for clients that show nothing else. */
export const withoutFigures = (explanation: string): string => explanation.replace(/\s*Planner cost [\d.,]+ (?:→|->) [\d.,]+ \(cost, not time\)(?:, expected size [\d.,]+ [kMGT]?B)?\.?/, "").trim();

/* The headline figure: measured time beats planner cost. */
export function best(proposals: readonly Proposal[]): Proposal | null {
	return proposals.find((proposal) => proposal.verdict === "offered") ?? null;
}
