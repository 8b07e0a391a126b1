import { Check, ChevronDown, Minus, X, CircleDashed, type LucideIcon } from "lucide-react";
import { useState } from "react";
import type { Proposal, RungStatus } from "@/api/types";
import { cn } from "@/lib/cn";
import { proofSummary, rungLabels, rungText, statusLabels } from "./proof";

const looks: Record<RungStatus, { icon: LucideIcon; dot: string; text: string }> = {
	passed: { icon: Check, dot: "border-green bg-[color-mix(in_oklab,var(--green)_15%,var(--panel))] text-green", text: "text-fg" },
	failed: { icon: X, dot: "border-red bg-[color-mix(in_oklab,var(--red)_15%,var(--panel))] text-red", text: "text-red" },
	not_possible: { icon: Minus, dot: "border-amber bg-[color-mix(in_oklab,var(--amber)_12%,var(--panel))] text-amber", text: "text-fg-2" },
	not_run: { icon: CircleDashed, dot: "border-line-strong bg-panel text-fg-3", text: "text-fg-3" },
};

/* Eight rungs in order, each with its state and its reason. */
export function ProofLadder({ proposal, open: initially }: { proposal: Proposal; open?: boolean }) {
	const [open, setOpen] = useState(initially ?? false);
	// What went wrong or could not be had is never hidden behind a click.
	const told = proposal.proof.filter((rung) => open || rung.status === "failed" || (rung.status === "not_possible" && rung.reason));
	return (
		<section aria-label="Proof" className="rounded-lg border border-line">
			<button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex min-h-9 w-full items-center gap-2 px-3 py-1.5 text-left text-xs">
				<span className="font-semibold">Proof</span>
				<span className="min-w-0 flex-1 text-fg-2">{proofSummary(proposal)}</span>
				<ChevronDown aria-hidden className={cn("size-4 text-fg-3 transition-transform", open && "rotate-180")} />
				<span className="sr-only">{open ? "Hide the reasons" : "Show the reasons"}</span>
			</button>
			<ol className="scroll-thin flex overflow-x-auto px-1.5 pb-2.5" tabIndex={0} aria-label="Rungs of the proof">
				{proposal.proof.map((rung, index) => {
					const look = looks[rung.status];
					const Icon = look.icon;
					const next = proposal.proof[index + 1];
					return (
						<li key={rung.rung} title={rungText(rung)} className="relative flex min-w-[4.6rem] flex-1 flex-col items-center gap-1">
							{next && <span aria-hidden className={cn("absolute top-[0.6875rem] left-[calc(50%+0.875rem)] h-px w-[calc(100%-1.75rem)]", rung.status === "passed" && next.status === "passed" ? "bg-green" : "bg-line-strong")} />}
							<span className={cn("grid size-[1.375rem] place-items-center rounded-full border", look.dot, rung.status === "not_run" && "border-dashed")}>
								<Icon aria-hidden className="size-3" strokeWidth={2.75} />
							</span>
							<span className={cn("text-2xs leading-3.5 font-medium", look.text)}>{rungLabels[rung.rung]}</span>
							<span className="text-[0.625rem] leading-3 text-fg-3">{statusLabels[rung.status]}</span>
						</li>
					);
				})}
			</ol>
			{told.length > 0 && (
				<dl className="divide-y divide-line border-t border-line text-xs">
					{told.map((rung) => (
						<div key={rung.rung} className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-3 px-3 py-1.5 max-sm:grid-cols-1">
							<dt className="flex flex-wrap items-baseline gap-x-1.5 font-medium">
								{rungLabels[rung.rung]} <span className={cn("font-normal", rung.status === "failed" ? "text-red" : rung.status === "passed" ? "text-green" : "text-fg-3")}>{statusLabels[rung.status]}</span>
							</dt>
							<dd className="break-words text-fg-2">{rungText(rung)}</dd>
						</div>
					))}
				</dl>
			)}
		</section>
	);
}
