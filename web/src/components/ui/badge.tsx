/* Small labels. Colour is never alone: each has a shape and a word. */
import { Circle, CircleCheck, CircleDot, Diamond, Triangle, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { FigureSource, Severity } from "@/api/types";
import { cn } from "@/lib/cn";

export function Badge({ children, className }: { children: ReactNode; className?: string }) {
	return (
		<span className={cn("inline-flex h-5 items-center gap-1 rounded-full border border-line px-1.5 text-2xs font-medium whitespace-nowrap text-fg-2", className)}>
			{children}
		</span>
	);
}

const severities: Record<Severity, { icon: LucideIcon; look: string; fill: boolean; label: string }> = {
	critical: { icon: Diamond, look: "tint-red", fill: true, label: "Critical" },
	high: { icon: CircleDot, look: "tint-orange", fill: false, label: "High" },
	medium: { icon: Triangle, look: "tint-amber", fill: true, label: "Medium" },
	low: { icon: Circle, look: "text-fg-2 bg-inset", fill: false, label: "Low" },
};

export function SeverityBadge({ severity, count }: { severity: Severity; count?: number }) {
	const { icon: Icon, look, fill, label } = severities[severity];
	return (
		<Badge className={cn("border-transparent", look)}>
			<Icon aria-hidden className="size-2.5" strokeWidth={2.5} fill={fill ? "currentColor" : "none"} />
			{count !== undefined && <span className="tnum">{count}</span>}
			{count === undefined ? label : label.toLowerCase()}
		</Badge>
	);
}

const sources: Record<FigureSource, { label: string; look: string; title: string } | null> = {
	none: null,
	measured: { label: "measured", look: "border-green text-green", title: "Timed on the database, before and after in turn" },
	what_if: { label: "what-if", look: "border-violet text-violet hatch", title: "The database's own planner, with a hypothetical index" },
	planned: { label: "planned", look: "border-violet text-violet", title: "The database's own planner, on the statement as proposed" },
	estimated: { label: "estimated", look: "border-dashed border-fg-3 text-fg-2", title: "Our own estimate: the database could not be asked" },
};

/* How a figure was got. No saving is shown without one. */
export function EvidenceTag({ source }: { source: FigureSource }) {
	const entry = sources[source];
	if (!entry) return null;
	return (
		<span title={entry.title} className={cn("inline-flex h-[1.125rem] items-center rounded border px-1.5 text-2xs font-medium", entry.look)}>
			{entry.label}
		</span>
	);
}

export function OriginTag({ origin }: { origin: string }) {
	return (
		<span title={origin.startsWith("model") ? "Proposed by the language model, then checked like every other proposal" : "Proposed by a fixed rule"} className="mono inline-flex h-[1.125rem] items-center rounded bg-inset px-1.5 text-2xs text-fg-2">
			{origin}
		</span>
	);
}

export function Ok({ children }: { children: ReactNode }) {
	return (
		<span className="inline-flex items-center gap-1.5 text-green">
			<CircleCheck aria-hidden className="size-4" /> {children}
		</span>
	);
}
