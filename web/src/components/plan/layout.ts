/* Places of the boxes of the diagram: a tidy tree, top down. Children stand centred under their parent, boxes of one
 * level never overlap, and the result is as wide as it must be. Contours make it linear but for their length. */
import type { TreeNode } from "./model";

export interface Box {
	id: number;
	x: number;
	y: number;
	entry: TreeNode;
}
export interface Edge {
	from: number;
	to: number;
	path: string;
}
export interface Layout {
	boxes: Box[];
	edges: Edge[];
	width: number;
	height: number;
}

interface Placed {
	entry: TreeNode;
	x: number;
	children: Placed[];
	left: number[];
	right: number[];
}

export function layoutTree(roots: readonly TreeNode[], size: { width: number; height: number; gapX: number; gapY: number }): Layout {
	const shift = (placed: Placed, by: number) => {
		placed.x += by;
		for (const list of [placed.left, placed.right]) for (let i = 0; i < list.length; i++) list[i] = (list[i] ?? 0) + by;
		for (const child of placed.children) shift(child, by);
	};
	const place = (entry: TreeNode): Placed => {
		const children = entry.children.map(place);
		pack(children);
		const first = children[0];
		const last = children[children.length - 1];
		const x = first && last ? (first.x + last.x) / 2 : 0;
		const left = [x];
		const right = [x + size.width];
		for (const child of children) {
			child.left.forEach((value, depth) => (left[depth + 1] = Math.min(left[depth + 1] ?? Infinity, value)));
			child.right.forEach((value, depth) => (right[depth + 1] = Math.max(right[depth + 1] ?? -Infinity, value)));
		}
		return { entry, x, children, left, right };
	};
	/* Moves each subtree right until it clears all before it. */
	const pack = (list: Placed[]) => {
		const edge: number[] = [];
		for (const placed of list) {
			let by = -Infinity;
			placed.left.forEach((value, depth) => {
				const taken = edge[depth];
				if (taken !== undefined) by = Math.max(by, taken + size.gapX - value);
			});
			if (by !== -Infinity) shift(placed, by);
			placed.right.forEach((value, depth) => (edge[depth] = Math.max(edge[depth] ?? -Infinity, value)));
		}
	};
	const tops = roots.map(place);
	pack(tops);
	const least = tops.reduce((least, top) => top.left.reduce((a, b) => Math.min(a, b), least), Infinity);
	if (Number.isFinite(least)) for (const top of tops) shift(top, -least);

	const boxes: Box[] = [];
	const edges: Edge[] = [];
	const walk = (placed: Placed, depth: number) => {
		const y = depth * (size.height + size.gapY);
		boxes.push({ id: placed.entry.node.id, x: placed.x, y, entry: placed.entry });
		for (const child of placed.children) {
			const x1 = placed.x + size.width / 2;
			const y1 = y + size.height;
			const x2 = child.x + size.width / 2;
			const y2 = y + size.height + size.gapY;
			const bend = (y1 + y2) / 2;
			edges.push({ from: placed.entry.node.id, to: child.entry.node.id, path: `M${x1},${y1} C${x1},${bend} ${x2},${bend} ${x2},${y2}` });
			walk(child, depth + 1);
		}
	};
	for (const top of tops) walk(top, 0);
	return {
		boxes,
		edges,
		width: boxes.reduce((most, box) => Math.max(most, box.x + size.width), 0),
		height: boxes.reduce((most, box) => Math.max(most, box.y + size.height), 0),
	};
}
