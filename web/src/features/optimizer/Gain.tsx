import { ArrowRight } from "lucide-react";
import type { Proposal } from "@/api/types";
import { EvidenceTag } from "@/components/ui/badge";
import { cn } from "@/lib/cn";
import { change, cost, duration, times } from "@/lib/format";

function Strip({ before, after, write, note, source, better }: { before: number; after: number; write: (value: number) => string; note: string; source: "measured" | "what_if" | "planned" | "estimated" | "none"; better: boolean }) {
	const most = Math.max(before, after, Number.MIN_VALUE);
	const width = (value: number) => `${Math.max((value / most) * 100, 0.8)}%`;
	return (
		<div className="min-w-0 flex-1 rounded-lg border border-line bg-inset px-3 py-2.5">
			<div className="flex flex-wrap items-center gap-x-2 gap-y-1">
				<span className="tnum inline-flex items-center gap-1.5 text-lg leading-5 font-semibold tracking-tight">
					<span className="text-fg-2">{write(before)}</span>
					<ArrowRight role="img" aria-label="to" className="size-3.5 text-fg-3" />
					<span>{write(after)}</span>
				</span>
				<span className={cn("tnum text-xs font-semibold", better && source === "measured" ? "text-green" : better ? "text-accent-text" : after > before * 1.02 ? "text-red" : "text-fg-2")}>{change(before, after)}</span>
				{before / after >= 1.2 && <span className="tnum text-xs text-fg-2">{times(before, after)} less</span>}
				<span className="ml-auto">
					<EvidenceTag source={source} />
				</span>
			</div>
			<div aria-hidden className="mt-2 flex flex-col gap-1">
				<span className="h-1.5 rounded-full bg-line-strong" style={{ width: width(before) }} />
				<span className={cn("h-1.5 rounded-full", source === "measured" && better ? "bg-green" : better ? "bg-bar" : after > before * 1.02 ? "bg-red" : "bg-fg-3")} style={{ width: width(after) }} />
			</div>
			<p className="mt-1.5 text-2xs text-fg-3">{note}</p>
		</div>
	);
}

/* Before and after. Planner cost and measured time never share a scale, and cost always says that it is not time. */
export function Gain({ proposal }: { proposal: Proposal }) {
	const { cost: planned, measured } = proposal;
	const costs = planned && planned.before !== null && planned.after !== null ? { before: planned.before, after: planned.after } : null;
	if (!costs && !measured) return null;
	return (
		<div className="flex gap-2.5 max-sm:flex-col">
			{measured && (
				<Strip
					before={measured.before_ms}
					after={measured.after_ms}
					write={duration}
					source="measured"
					better={measured.before_ms / Math.max(measured.after_ms, 1e-6) >= 1.2}
					note={`median of ${measured.runs} runs each${measured.spread === null ? "" : `, spread ${(measured.spread * 100).toFixed(0)} %`}`}
				/>
			)}
			{costs && planned && (
				<Strip before={costs.before} after={costs.after} write={cost} source={planned.source} better={costs.after < costs.before * 0.98} note={planned.note ?? "planner cost, not time"} />
			)}
		</div>
	);
}
