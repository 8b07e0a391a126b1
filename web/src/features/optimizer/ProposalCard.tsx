import { ChevronDown, CircleAlert, Database, Eraser, FlaskConical, LoaderCircle, PenLine, Play, Settings2, Sigma, Wrench, type LucideIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useMeasure } from "@/api/queries";
import type { Proposal } from "@/api/types";
import { SqlDiff } from "@/components/sql/SqlDiff";
import { Badge, OriginTag } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";
import { cn } from "@/lib/cn";
import { change, duration, fullSentence } from "@/lib/format";
import { toast } from "@/lib/toast";
import { ApplyDialog } from "./ApplyDialog";
import { Change } from "./Change";
import { Gain } from "./Gain";
import { applicable, kindLabels, measurable, withoutFigures } from "./proof";
import { ProofLadder } from "./ProofLadder";

const icons: Record<string, LucideIcon> = { index: Database, drop_index: Eraser, rewrite: PenLine, statistics: Sigma, setting: Settings2, maintenance: Wrench, schema: Database };

export function ProposalCard({ proposal, runId, originalSql, first, chosen }: { proposal: Proposal; runId: number; originalSql: string; first?: boolean; chosen?: boolean }) {
	const offered = proposal.verdict === "offered";
	const shown = proposal.sql ?? proposal.shown_sql ?? null;
	const rewrite = proposal.kind === "rewrite";
	const Icon = icons[proposal.kind] ?? Database;
	const card = useRef<HTMLElement>(null);
	const [applying, setApplying] = useState(false);
	// What was rejected says why; the rest of it is for who wants to know.
	const [whole, setWhole] = useState(proposal.verdict !== "rejected" || chosen === true);
	const measure = useMeasure(runId);
	// What a rung of the proof says already needs no second line.
	const news = (measure.data?.validation_notes ?? []).filter((note) => !proposal.proof.some((rung) => rung.reason === note));
	const title = `proposal-${proposal.id}-title`;

	useEffect(() => {
		if (chosen) card.current?.scrollIntoView({ block: "nearest" });
	}, [chosen]);

	const onMeasure = () =>
		measure.mutate(
			{ proposal_id: proposal.id, iterations: 5 },
			{
				onSuccess: (result) => {
					const before = result.original_metrics?.execution_time_ms;
					const after = result.optimized_metrics?.execution_time_ms;
					const figures = before != null && after != null ? `${duration(before)} to ${duration(after)} (${change(before, after)})` : (result.validation_notes[0] ?? "");
					if (result.is_faster) toast.success(`Measured faster: ${figures}`);
					else toast.message(`Measured: no improvement. ${figures}`);
				},
				onError: (error) => toast.error(error.title, { description: error.detail }),
			},
		);

	return (
		<article ref={card} aria-labelledby={title} className={cn("panel scroll-mt-16 p-4", chosen && "outline-2 outline-offset-1 outline-accent", !offered && "bg-[color-mix(in_oklab,var(--panel)_70%,var(--bg))]")}>
			<header className="flex items-start gap-3">
				<span className={cn("grid size-8 shrink-0 place-items-center rounded-lg border border-line", offered ? "bg-[color-mix(in_oklab,var(--accent)_10%,var(--panel))] text-accent-text" : "bg-inset text-fg-3")}>
					<Icon aria-hidden className="size-4" />
				</span>
				<div className="min-w-0 flex-1">
					<h3 id={title} className="text-base leading-5 font-semibold break-words">
						{proposal.title}
					</h3>
					<div className="mt-1 flex flex-wrap items-center gap-1.5">
						<Badge>{kindLabels[proposal.kind] ?? proposal.kind}</Badge>
						<OriginTag origin={proposal.origin} />
						{first && offered && <Badge className="tint-green border-transparent">best</Badge>}
						{proposal.verdict === "unproved" && <Badge className="tint-amber border-transparent">not proved</Badge>}
						{proposal.verdict === "rejected" && <Badge className="border-transparent bg-hover">rejected</Badge>}
					</div>
				</div>
			</header>

			{!offered && (
				<p className={cn("mt-3 flex items-start gap-2 rounded-lg px-3 py-2", proposal.verdict === "unproved" ? "tint-amber" : "bg-inset text-fg-2")}>
					<CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
					<span className="text-fg">{proposal.verdict_reason ? fullSentence(proposal.verdict_reason) : (proposal.verdict === "unproved" ? "It is not shown that the answer stays the same." : "It was tried and does not help.")}</span>
				</p>
			)}
			{whole && withoutFigures(proposal.explanation) && <p className="mt-3 max-w-[75ch] break-words text-fg-2">{fullSentence(withoutFigures(proposal.explanation))}</p>}

			{!whole && (
				<Button size="sm" look="quiet" className="mt-2" aria-expanded={false} onClick={() => setWhole(true)}>
					<ChevronDown /> Show what was tried
				</Button>
			)}
			{whole && <div className="mt-3 flex flex-col gap-3">
				<Gain proposal={proposal} />
				{proposal.combined.length > 0 && <p className="text-xs text-fg-2">The cost after assumes also: {proposal.combined.join("; ")}.</p>}
				{shown && rewrite && <SqlDiff before={originalSql} after={shown} labels={["Original", offered ? "Rewritten" : "Rewritten (not offered to run)"]} />}
				<Change proposal={proposal} />
				<ProofLadder proposal={proposal} open={first} />
			</div>}

			{offered && (
				<footer className="mt-3 flex flex-wrap items-center gap-2">
					{proposal.sql && <CopyButton text={proposal.sql} label="Copy SQL" look="primary" size="md" />}
					{measurable(proposal) && (
						<Button onClick={onMeasure} disabled={measure.isPending} title="Runs the statement on the database, read-only, with a time limit">
							{measure.isPending ? <LoaderCircle className="animate-spin" /> : <FlaskConical />}
							{measure.isPending ? "Measuring…" : proposal.measured ? "Measure again" : "Measure"}
						</Button>
					)}
					{applicable(proposal) && (
						<Button look="quiet" onClick={() => setApplying(true)}>
							<Play /> Apply…
						</Button>
					)}
				</footer>
			)}
			{measure.isError && <p role="alert" className="mt-2 text-xs text-red">{measure.error.title}: {measure.error.detail}</p>}
			{news.length > 0 && (
				<ul className="mt-2 list-disc pl-5 text-xs text-fg-2">
					{news.map((note, index) => (
						<li key={index}>{fullSentence(note)}</li>
					))}
				</ul>
			)}
			{applying && <ApplyDialog runId={runId} proposal={proposal} close={() => setApplying(false)} />}
		</article>
	);
}
