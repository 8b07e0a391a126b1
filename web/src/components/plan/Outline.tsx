import { TriangleAlert } from "lucide-react";
import { cn } from "@/lib/cn";
import { metricLabels, nodeObject } from "./model";
import { Bar, levelText, levelWord, type ViewProps } from "./shared";

/* The tree as indented lines with one bar each: reads well from ten nodes to five hundred, on a telephone too. */
export function Outline({ flat, values, marked, selected, metric, select }: ViewProps) {
	return (
		<div className="py-1.5">
			<div aria-hidden className="flex items-center gap-3 px-4 pb-1 text-2xs text-fg-3">
				<span className="flex-1">Step</span>
				<span className="w-16 text-right @4xl:w-24">{metricLabels[metric]}</span>
				<span className="w-14 @4xl:w-28" />
			</div>
			<ul role="tree" aria-label={`Plan by ${metricLabels[metric].toLowerCase()}`}>
				{flat.map((entry) => {
					const { node } = entry;
					const figure = values.get(node.id);
					const object = nodeObject(node);
					const found = marked.get(node.id);
					const on = selected === node.id;
					const never = node.never_executed === true;
					return (
						<li
							key={node.id}
							role="treeitem"
							data-node={node.id}
							aria-level={entry.guides.length + 1}
							aria-selected={on}
							aria-label={`${node.label}${object ? ` on ${object}` : ""}, ${metricLabels[metric]} ${figure?.text ?? ""}${figure?.level ? `, ${levelWord[figure.level]}` : ""}${found ? `, ${found.length} findings` : ""}`}
							tabIndex={on ? 0 : -1}
							onClick={() => select(node.id, false)}
							className={cn("group flex cursor-pointer items-stretch gap-3 px-4 -outline-offset-2 hover:bg-hover", on && "bg-[color-mix(in_oklab,var(--accent)_9%,transparent)]")}
						>
							<span className="flex min-w-0 flex-1 items-stretch">
								{entry.guides.slice(1).map((line, depth) => (
									<span key={depth} aria-hidden className="relative w-4 shrink-0">
										{line && <span className="absolute inset-y-0 left-1.5 w-px bg-line-strong" />}
									</span>
								))}
								{entry.guides.length > 0 && (
									<span aria-hidden className="relative w-4 shrink-0">
										<span className={cn("absolute top-0 left-1.5 w-px bg-line-strong", entry.last ? "h-1/2" : "h-full")} />
										<span className="absolute top-1/2 left-1.5 h-px w-2 bg-line-strong" />
									</span>
								)}
								<span className={cn("flex min-w-0 items-center gap-2 py-1.5", never && "opacity-60")}>
									<span className={cn("shrink-0 font-medium", on && "text-accent-text")}>{node.label}</span>
									{object && <span className="mono min-w-0 truncate text-xs text-fg-2">{object}</span>}
									{node.index && node.relation && <span className="mono min-w-0 truncate text-2xs text-fg-3 @max-4xl:hidden">via {node.index}</span>}
									{never && <span className="text-2xs text-fg-3">never executed</span>}
									{found && (
										<span title={found.map((finding) => finding.title).join("\n")} className="inline-flex shrink-0 items-center gap-0.5 text-orange">
											<TriangleAlert aria-hidden className="size-3.5" />
											{found.length > 1 && <span className="tnum text-2xs">{found.length}</span>}
										</span>
									)}
								</span>
							</span>
							{figure && (
								<>
									<span title={figure.title} className={cn("tnum w-16 shrink-0 self-center text-right text-xs @4xl:w-24", levelText[figure.level], figure.level > 0 && "font-medium")}>
										{figure.text}
									</span>
									<span className="flex w-14 shrink-0 items-center @4xl:w-28">
										<Bar figure={figure} className="w-full" />
									</span>
								</>
							)}
						</li>
					);
				})}
			</ul>
		</div>
	);
}
