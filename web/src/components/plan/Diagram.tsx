import { Maximize2, Minus, Plus } from "lucide-react";
import { useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { compact } from "@/lib/format";
import { layoutTree } from "./layout";
import { metricLabels, nodeObject, rowsTotal, type TreeNode } from "./model";
import { levelWord, type ViewProps } from "./shared";

const SIZE = { width: 184, height: 66, gapX: 20, gapY: 34 };
const PAD = 20;
const stroke = ["var(--bar)", "var(--amber)", "var(--orange)", "var(--red)"] as const;
const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/* The tree as boxes: an edge is as thick as the rows that pass are many. */
export function Diagram({ roots, flat, values, marked, selected, metric, select }: ViewProps) {
	const layout = useMemo(() => layoutTree(roots, SIZE), [roots]);
	const host = useRef<HTMLDivElement>(null);
	const [fit, setFit] = useState(1);
	const [zoom, setZoom] = useState<number | null>(null);
	const width = layout.width + PAD * 2;
	const height = layout.height + PAD * 2;

	useLayoutEffect(() => {
		const element = host.current;
		if (!element || typeof ResizeObserver === "undefined") return;
		const observer = new ResizeObserver(() => setFit(Math.min(1.15, Math.max(0.35, element.clientWidth / width))));
		observer.observe(element);
		return () => observer.disconnect();
	}, [width]);

	const scale = zoom ?? fit;
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.ctrlKey || event.metaKey) return;
		if (event.key === "+" || event.key === "=") setZoom(Math.min(scale * 1.2, 2.5));
		else if (event.key === "-") setZoom(Math.max(scale / 1.2, 0.25));
		else if (event.key === "f") setZoom(null);
		else return;
		event.preventDefault();
		event.stopPropagation();
	};
	const most = flat.reduce((sum, entry) => Math.max(sum, rowsTotal(entry.node) ?? 0), 1);
	const weight = (rows: number | null) => (rows === null ? 1 : 1 + 7 * (Math.log10(1 + rows) / Math.log10(1 + most)));
	const byId = new Map(flat.map((entry) => [entry.node.id, entry]));
	const places = new Map(layout.boxes.map((box) => [box.id, box]));

	/* Groups nest as the plan does, so that a screen reader hears the tree and not a heap of boxes. */
	const draw = (entry: TreeNode, level: number) => {
		const { node } = entry;
		const box = places.get(node.id);
		const figure = values.get(node.id);
		if (!box) return null;
		const on = selected === node.id;
		const found = marked.get(node.id);
		const object = nodeObject(node);
		const color = stroke[figure?.level ?? 0];
		return (
			<g key={node.id} role="none">
				<g
					role="treeitem"
					data-node={node.id}
					aria-level={level}
					aria-selected={on}
					aria-label={`${node.label}${object ? ` on ${object}` : ""}, ${metricLabels[metric]} ${figure?.text ?? ""}${figure?.level ? `, ${levelWord[figure.level]}` : ""}${found ? `, ${found.length} findings` : ""}`}
					tabIndex={on ? 0 : -1}
					transform={`translate(${box.x + PAD},${box.y + PAD})`}
					onClick={() => select(node.id, false)}
					className="group cursor-pointer outline-none"
				>
					<rect width={SIZE.width} height={SIZE.height} rx="8" fill="var(--panel)" stroke={on ? "var(--accent)" : "var(--line-strong)"} strokeWidth={on ? 2 : 1} className="group-hover:stroke-[var(--accent)]" />
					<text x="12" y="21" fontSize="12.5" fontWeight="600" fill="var(--fg)">
						{cut(node.label, 22)}
					</text>
					<text x="12" y="38" fontSize="11" fill="var(--fg-2)" style={{ fontFamily: "var(--font-mono)" }}>
						{cut(object ?? (typeof node.join_type === "string" ? node.join_type.toLowerCase() : ""), 24)}
					</text>
					<text x={SIZE.width - 12} y="54" fontSize="11" textAnchor="end" fontWeight="500" fill={figure && figure.level > 0 ? color : "var(--fg-2)"} className="tnum">
						{figure?.text}
					</text>
					<rect x="12" y="48" width="96" height="5" rx="2.5" fill="var(--hover)" />
					{figure && figure.total > 0 && <rect x="12" y="48" width={96 * figure.total} height="5" rx="2.5" fill="var(--bar-pale)" />}
					{figure && figure.own > 0 && <rect x="12" y="48" width={Math.max(96 * figure.own, 2)} height="5" rx="2.5" fill={color} />}
					{found && (
						<g transform={`translate(${SIZE.width - 12},16)`}>
							<path d="M-7,5 L0,-7 L7,5 Z" fill="var(--orange)" />
							<rect x="-0.8" y="-3" width="1.6" height="4.4" rx="0.8" fill="var(--panel)" />
							<circle cy="3" r="0.9" fill="var(--panel)" />
						</g>
					)}
				</g>
				{entry.children.length > 0 && <g role="group">{entry.children.map((child) => draw(child, level + 1))}</g>}
			</g>
		);
	};

	return (
		<div className="relative" onKeyDown={onKeyDown}>
			<div ref={host} tabIndex={-1} className="scroll-thin max-h-[34rem] min-h-64 overflow-auto bg-inset [background-image:radial-gradient(var(--line)_1px,transparent_1px)] [background-size:16px_16px]">
				<svg role="tree" aria-label={`Plan diagram by ${metricLabels[metric].toLowerCase()}`} width={width * scale} height={height * scale} viewBox={`0 0 ${width} ${height}`} className="mx-auto block">
					<g aria-hidden transform={`translate(${PAD},${PAD})`}>
						{layout.edges.map((edge) => {
							const rows = rowsTotal((byId.get(edge.to) as TreeNode).node);
							return (
								<path key={edge.to} d={edge.path} fill="none" stroke="var(--line-strong)" strokeLinecap="round" strokeWidth={weight(rows)}>
									<title>{`${compact(rows)} rows`}</title>
								</path>
							);
						})}
					</g>
					{roots.map((root) => draw(root, 1))}
				</svg>
			</div>
			<div className={cn("absolute right-3 bottom-3 flex gap-1")}>
				<Button size="icon-sm" aria-label="Zoom out" onClick={() => setZoom(Math.max(scale / 1.2, 0.25))}>
					<Minus />
				</Button>
				<Button size="icon-sm" aria-label="Zoom in" onClick={() => setZoom(Math.min(scale * 1.2, 2.5))}>
					<Plus />
				</Button>
				<Button size="icon-sm" aria-label="Fit to the width" onClick={() => setZoom(null)}>
					<Maximize2 />
				</Button>
			</div>
		</div>
	);
}
