import type { Optimization } from "@/api/types";
import { change, cost, duration } from "@/lib/format";
import { rungLabels, statusLabels } from "./proof";

const fence = (sql: string): string => {
	// A statement may contain back-ticks: the fence must be longer than any run of them.
	const longest = Math.max(2, ...[...sql.matchAll(/`+/g)].map((match) => match[0].length));
	const marks = "`".repeat(longest + 1);
	return `${marks}sql\n${sql.trim()}\n${marks}`;
};

/* A summary for a ticket. SQL to run appears only for offered proposals, as on the page. */
export function markdown(run: Optimization): string {
	const out = ["## Query", fence(run.original_sql)];
	if (run.verdict.reason) out.push(run.verdict.reason);
	if (run.findings.length > 0) out.push("## Findings", run.findings.map((finding) => `- **${finding.severity}** ${finding.title}: ${finding.explanation} (\`${finding.rule}\`)`).join("\n"));
	for (const proposal of run.proposals) {
		out.push(`## ${proposal.verdict === "offered" ? "Proposal" : proposal.verdict === "unproved" ? "Not proved" : "Rejected"}: ${proposal.title}`);
		if (proposal.verdict_reason) out.push(proposal.verdict_reason);
		if (proposal.measured) out.push(`Measured ${duration(proposal.measured.before_ms)} to ${duration(proposal.measured.after_ms)} (${change(proposal.measured.before_ms, proposal.measured.after_ms)}), median of ${proposal.measured.runs} runs.`);
		if (proposal.cost) out.push(`Planner cost ${cost(proposal.cost.before)} to ${cost(proposal.cost.after)} (${change(proposal.cost.before, proposal.cost.after)}), ${proposal.cost.source.replace("_", "-")}; cost, not time.`);
		if (proposal.sql) out.push(fence(proposal.sql));
		if (proposal.sql && proposal.undo_sql) out.push("Undo:", fence(proposal.undo_sql));
		out.push(`Proof: ${proposal.proof.map((rung) => `${rungLabels[rung.rung].toLowerCase()} ${statusLabels[rung.status]}`).join(", ")}.`);
	}
	return `${out.join("\n\n")}\n`;
}
