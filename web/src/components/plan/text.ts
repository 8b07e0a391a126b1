import type { Plan } from "@/api/types";
import { compact, cost, duration } from "@/lib/format";
import { conditionLabels, nodeObject } from "./model";

/* The plan as indented text, for a ticket or a chat. */
export function planText(plan: Plan): string {
	const lines = plan.nodes.map((node) => {
		const indent = "  ".repeat(node.depth);
		const object = nodeObject(node);
		const facts = [
			node.cost === null ? null : `cost ${cost(node.cost)}`,
			`rows est ${compact(node.rows_est)}`,
			node.rows_actual === null ? null : `actual ${compact(node.rows_actual)}`,
			node.loops !== null && node.loops > 1 ? `loops ${compact(node.loops)}` : null,
			node.time_ms === null ? null : `time ${duration(node.time_ms)}`,
		].filter(Boolean);
		const head = `${indent}${node.depth > 0 ? "-> " : ""}${node.label}${object ? ` on ${object}` : ""}${node.index && node.relation ? ` using ${node.index}` : ""}  (${facts.join(", ")})`;
		return [head, ...node.conditions.map((condition) => `${indent}     ${conditionLabels[condition.kind] ?? condition.kind}: ${condition.text}`)].join("\n");
	});
	if (plan.planning_ms != null) lines.push(`Planning: ${duration(plan.planning_ms)}`);
	if (plan.execution_ms != null) lines.push(`Execution: ${duration(plan.execution_ms)}`);
	if (plan.execution_ms == null && plan.total_cost != null) lines.push("Planned only: cost is what the planner compares, not time.");
	return lines.join("\n");
}
