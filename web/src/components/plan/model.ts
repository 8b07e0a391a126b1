/* What the plan views share: the tree, and one figure per node and metric. Pure functions, tested without a browser. */
import type { Finding, Plan, PlanNode } from "@/api/types";
import { bytes, compact, cost, duration, misestimate, NONE } from "@/lib/format";
import type { PlanMetric } from "@/lib/url";

export interface TreeNode {
	node: PlanNode;
	children: TreeNode[];
	/* For each ancestor level, whether a line goes on below it: drawn as guides of the outline. */
	guides: boolean[];
	last: boolean;
}

/* Nodes come in pre-order with parent ids. A parent that is missing makes a node a root: nothing is dropped. */
export function buildTree(nodes: readonly PlanNode[]): TreeNode[] {
	const made = new Map<number, TreeNode>();
	const roots: TreeNode[] = [];
	for (const node of nodes) {
		const entry: TreeNode = { node, children: [], guides: [], last: true };
		made.set(node.id, entry);
		const parent = node.parent === null || node.parent === node.id ? undefined : made.get(node.parent);
		(parent ? parent.children : roots).push(entry);
	}
	const decorate = (list: TreeNode[], guides: boolean[]) => {
		list.forEach((entry, index) => {
			entry.last = index === list.length - 1;
			entry.guides = guides;
			decorate(entry.children, [...guides, !entry.last]);
		});
	};
	decorate(roots, []);
	return roots;
}

export function flatten(roots: readonly TreeNode[]): TreeNode[] {
	const out: TreeNode[] = [];
	const walk = (list: readonly TreeNode[]) => {
		for (const entry of list) {
			out.push(entry);
			walk(entry.children);
		}
	};
	walk(roots);
	return out;
}

export const nodeObject = (node: PlanNode): string | null => {
	const relation = node.relation ?? null;
	if (!relation) return node.index ?? node.alias ?? null;
	return node.alias && node.alias !== relation.split(".").pop() ? `${relation} ${node.alias}` : relation;
};

/* Rows over all loops. The reported figure is per loop. */
export const rowsTotal = (node: PlanNode): number | null =>
	node.rows_actual !== null ? node.rows_actual * Math.max(node.loops ?? 1, 0) : node.rows_est;

export function buffersTotal(node: PlanNode): number | null {
	const buffers = node.buffers;
	if (typeof buffers === "number") return buffers;
	if (!buffers) return null;
	return (["hit", "read", "temp_read", "temp_written"] as const).reduce((sum, key) => sum + (buffers[key] ?? 0), 0);
}

export interface Figure {
	/* Share of the bar, 0..1: own part solid, with children pale. */
	own: number;
	total: number;
	text: string;
	level: 0 | 1 | 2 | 3;
	title: string;
}

export const metricLabels: Record<PlanMetric, string> = { time: "Time", rows: "Rows", estimation: "Estimates", cost: "Cost", buffers: "Buffers" };

export function metricAvailable(plan: Plan, metric: PlanMetric): boolean {
	switch (metric) {
		case "time":
			return plan.nodes.some((node) => node.time_ms !== null);
		case "estimation":
			return plan.nodes.some((node) => node.rows_actual !== null);
		case "buffers":
			return plan.nodes.some((node) => buffersTotal(node) !== null);
		case "cost":
			return plan.nodes.some((node) => node.cost !== null);
		case "rows":
			return true;
	}
}

export const metricMissing: Record<PlanMetric, string> = {
	time: "Not measured: run with actual times to see it",
	estimation: "Needs actual rows: run with actual times to see it",
	buffers: "Not measured: run with actual times to see it",
	cost: "This plan has no costs",
	rows: "",
};

export const defaultMetric = (plan: Plan): PlanMetric => (metricAvailable(plan, "time") ? "time" : metricAvailable(plan, "cost") ? "cost" : "rows");

/* Share of the whole -> 0 calm .. 3 alarming. */
export const shareLevel = (share: number): 0 | 1 | 2 | 3 => (share > 0.9 ? 3 : share > 0.4 ? 2 : share > 0.1 ? 1 : 0);

const ratio = (part: number | null | undefined, whole: number): number => (part && whole > 0 ? Math.min(Math.max(part / whole, 0), 1) : 0);

export function figures(plan: Plan, metric: PlanMetric): Map<number, Figure> {
	const out = new Map<number, Figure>();
	const max = (pick: (node: PlanNode) => number | null | undefined) => plan.nodes.reduce((most, node) => Math.max(most, pick(node) ?? 0), 0);
	const wholeTime = max((node) => node.time_ms);
	const wholeCost = max((node) => node.cost_inclusive as number | null | undefined ?? node.cost);
	const wholeRows = max(rowsTotal);
	const wholeBuffers = plan.nodes.reduce((sum, node) => sum + (buffersTotal(node) ?? 0), 0);
	for (const node of plan.nodes) {
		let figure: Figure;
		switch (metric) {
			case "time": {
				const own = ratio(node.time_exclusive_ms ?? node.time_ms, wholeTime);
				figure = {
					own,
					total: ratio(node.time_ms, wholeTime),
					text: duration(node.time_exclusive_ms ?? node.time_ms),
					level: shareLevel(own),
					title: `own time ${duration(node.time_exclusive_ms)}, with children ${duration(node.time_ms)}`,
				};
				break;
			}
			case "cost": {
				const own = ratio(node.cost_exclusive ?? node.cost, wholeCost);
				figure = {
					own,
					total: ratio(node.cost, wholeCost),
					text: cost(node.cost_exclusive ?? node.cost),
					level: shareLevel(own),
					title: `own planner cost ${cost(node.cost_exclusive)}, with children ${cost(node.cost)} (cost, not time)`,
				};
				break;
			}
			case "rows": {
				const rows = rowsTotal(node);
				const measured = node.rows_actual !== null;
				figure = { own: ratio(rows, wholeRows), total: 0, text: compact(rows), level: 0, title: `${measured ? "actual" : "estimated"} rows over all loops` };
				break;
			}
			case "estimation": {
				const wrong = misestimate(node.rows_est, node.rows_actual);
				const own = wrong ? Math.min(Math.log10(wrong.factor) / 4, 1) : 0;
				figure = {
					own,
					total: 0,
					text: !wrong ? NONE : wrong.direction === "exact" ? "exact" : `${compact(wrong.factor)}× ${wrong.direction}`,
					level: !wrong ? 0 : wrong.factor > 1000 ? 3 : wrong.factor > 100 ? 2 : wrong.factor > 10 ? 1 : 0,
					title: wrong ? `${compact(node.rows_est)} rows estimated, ${compact(node.rows_actual)} actual per loop` : "never executed, or not measured",
				};
				break;
			}
			case "buffers": {
				const pages = buffersTotal(node);
				const own = ratio(pages, wholeBuffers);
				figure = { own, total: 0, text: pages === null ? NONE : bytes(pages * 8192), level: shareLevel(own), title: pages === null ? "not measured" : `${compact(pages)} pages of 8 kB touched by this node itself` };
				break;
			}
		}
		out.set(node.id, figure);
	}
	return out;
}

/* Nodes by their own share, the worst first, for the key "b". */
export function bottlenecks(plan: Plan): number[] {
	return plan.nodes
		.map((node) => ({ id: node.id, share: node.share ?? 0 }))
		.filter((entry) => entry.share > 0.01)
		.sort((a, b) => b.share - a.share)
		.map((entry) => entry.id);
}

export function findingsByNode(findings: readonly Finding[]): Map<number, Finding[]> {
	const out = new Map<number, Finding[]>();
	for (const finding of findings) {
		if (finding.node === null) continue;
		const list = out.get(finding.node);
		if (list) list.push(finding);
		else out.set(finding.node, [finding]);
	}
	return out;
}

export const conditionLabels: Record<string, string> = {
	access: "Index condition",
	filter: "Filter",
	join: "Join filter",
	hash: "Hash condition",
	merge: "Merge condition",
	recheck: "Recheck",
	one_time: "One-time filter",
	order_by: "Order by",
	run: "Run condition",
};
