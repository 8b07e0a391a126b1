import type { Finding } from "@/api/types";
import { cn } from "@/lib/cn";
import type { PlanMetric } from "@/lib/url";
import type { Figure, TreeNode } from "./model";

export interface ViewProps {
	roots: TreeNode[];
	flat: TreeNode[];
	values: Map<number, Figure>;
	marked: Map<number, Finding[]>;
	selected: number | null;
	metric: PlanMetric;
	select: (id: number, focus?: boolean) => void;
}

export const levelFill = ["bg-bar", "bg-amber", "bg-orange", "bg-red"] as const;
export const levelText = ["text-fg", "text-amber", "text-orange", "text-red"] as const;
export const levelWord = ["", "notable", "high", "dominant"] as const;

export function Bar({ figure, className }: { figure: Figure; className?: string }) {
	return (
		<span aria-hidden className={cn("relative block h-1.5 overflow-hidden rounded-full bg-hover", className)}>
			{figure.total > figure.own && <span className="absolute inset-y-0 left-0 rounded-full bg-bar-pale" style={{ width: `${figure.total * 100}%` }} />}
			<span className={cn("absolute inset-y-0 left-0 min-w-px rounded-full", levelFill[figure.level], figure.own === 0 && "hidden")} style={{ width: `${Math.max(figure.own * 100, 1)}%` }} />
		</span>
	);
}
