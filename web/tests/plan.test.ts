import { describe, expect, it } from "vitest";
import { toOptimization } from "@/api/normalize";
import type { PlanNode } from "@/api/types";
import { layoutTree } from "@/components/plan/layout";
import { bottlenecks, buildTree, defaultMetric, figures, flatten, metricAvailable, nodeObject, shareLevel } from "@/components/plan/model";
import { planText } from "@/components/plan/text";
import runs from "./fixtures/runs.json";

const fixture = (id: number) => toOptimization(runs.find((run) => run.id === id));
const planned = fixture(1).plan!;
const analysed = fixture(2).plan!;
const node = (id: number, parent: number | null): PlanNode => ({ id, parent, depth: 0, operation: "other", label: `n${id}`, conditions: [], rows_est: 1, rows_actual: null, loops: null, cost: 1, time_ms: null });

describe("tree", () => {
	it("keeps the order and the number of nodes", () => {
		expect(flatten(buildTree(analysed.nodes)).map((entry) => entry.node.id)).toEqual(analysed.nodes.map((one) => one.id));
	});
	it("drops nothing when a parent is missing or a node names itself", () => {
		const roots = buildTree([node(0, null), node(1, 99), node(2, 2), node(3, 0)]);
		expect(roots.map((entry) => entry.node.id)).toEqual([0, 1, 2]);
		expect(flatten(roots)).toHaveLength(4);
	});
	it("names relation and alias once", () => {
		expect(nodeObject(analysed.nodes[3]!)).toBe("shop.order_items oi");
		expect(nodeObject(planned.nodes[1]!)).toBe("shop.users");
	});
});

describe("figures", () => {
	it("offers only what the plan has", () => {
		expect(metricAvailable(planned, "time")).toBe(false);
		expect(metricAvailable(planned, "estimation")).toBe(false);
		expect(defaultMetric(planned)).toBe("cost");
		expect(defaultMetric(analysed)).toBe("time");
	});
	it("marks the dominant node by its own share", () => {
		const values = figures(analysed, "time");
		expect(values.get(3)).toMatchObject({ text: "225 ms", level: 2 });
		expect(values.get(1)!.total).toBeGreaterThan(values.get(1)!.own);
		for (const figure of values.values()) {
			expect(figure.own).toBeGreaterThanOrEqual(0);
			expect(figure.own).toBeLessThanOrEqual(1);
		}
	});
	it("says in which direction an estimate was wrong", () => expect(figures(analysed, "estimation").get(3)!.text).toBe("9.31× under"));
	it("calls cost what it is", () => expect(figures(planned, "cost").get(1)!.title).toContain("cost, not time"));
	it("has thresholds at 10, 40 and 90 percent", () => expect([0.1, 0.11, 0.41, 0.91].map(shareLevel)).toEqual([0, 1, 2, 3]));
	it("walks bottlenecks from the worst", () => expect(bottlenecks(analysed).slice(0, 3)).toEqual([3, 5, 2]));
});

describe("diagram", () => {
	const size = { width: 100, height: 40, gapX: 10, gapY: 20 };
	const check = (nodes: PlanNode[]) => {
		const { boxes, edges, width } = layoutTree(buildTree(nodes), size);
		expect(boxes).toHaveLength(nodes.length);
		expect(edges).toHaveLength(nodes.filter((one) => one.parent !== null).length);
		for (const a of boxes) {
			expect(a.x).toBeGreaterThanOrEqual(0);
			expect(a.x + size.width).toBeLessThanOrEqual(width);
			for (const b of boxes) if (a.id < b.id && a.y === b.y) expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual(size.width + size.gapX - 1e-6);
		}
		return boxes;
	};
	it("never lets boxes of a level overlap, whatever the shape", () => {
		check(analysed.nodes);
		let state = 11;
		const next = (below: number) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0), (state >>> 8) % below);
		for (let round = 0; round < 40; round++) {
			const count = 1 + next(60);
			check(Array.from({ length: count }, (_, id) => node(id, id === 0 ? null : next(id))));
		}
	});
	it("centres a parent over its children", () => {
		const boxes = check([node(0, null), node(1, 0), node(2, 0), node(3, 0)]);
		const x = (id: number) => boxes.find((box) => box.id === id)!.x;
		expect(x(0)).toBeCloseTo((x(1) + x(3)) / 2);
	});
	it("is quick enough for a thousand nodes in a chain", () => {
		expect(layoutTree(buildTree(Array.from({ length: 900 }, (_, id) => node(id, id === 0 ? null : id - 1))), size).boxes).toHaveLength(900);
	});
});

describe("plan as text", () => {
	it("holds every node and condition", () => {
		const text = planText(analysed);
		for (const one of analysed.nodes) expect(text).toContain(one.label);
		expect(text).toContain("(product_id = 4711)");
		expect(text).toContain("Execution: 412 ms");
		expect(planText(planned)).toContain("not time");
	});
});
