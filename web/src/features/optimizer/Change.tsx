import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Proposal } from "@/api/types";
import { SqlBlock } from "@/components/sql/SqlBlock";
import { CopyButton } from "@/components/ui/copy";
import { cn } from "@/lib/cn";
import { bytes, fullSentence } from "@/lib/format";

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
	<div className="min-w-0">
		<dt className="text-2xs font-medium text-fg-3">{name}</dt>
		<dd className="mt-0.5 break-words text-fg-2">{children}</dd>
	</div>
);

/* What would be run, how it is undone, what it costs and locks, and what to mind. A rewrite's text is shown as a difference by who
   knows the original. */
export function Change({ proposal }: { proposal: Proposal }) {
	const offered = proposal.verdict === "offered";
	const shown = proposal.kind === "rewrite" ? null : (proposal.sql ?? proposal.shown_sql ?? null);
	return (
		<>
			{shown && <SqlBlock text={shown} label={offered ? "SQL to run" : "SQL that was tried"} actions={offered ? <CopyButton text={shown} size="icon-sm" name="Copy this SQL" /> : undefined} className={cn(!offered && "opacity-90")} />}

			{(proposal.size_bytes !== null || proposal.write_cost || proposal.lock || proposal.undo_sql) && (
				<dl className="grid gap-x-6 gap-y-2.5 text-xs sm:grid-cols-2">
					{proposal.size_bytes !== null && (
						<Fact name="Size">
							<span className="tnum">about {bytes(proposal.size_bytes)}</span>
							{proposal.build_bytes !== null && <span className="tnum">, {bytes(proposal.build_bytes)} more while it is built</span>}
						</Fact>
					)}
					{proposal.undo_sql && offered && (
						<Fact name="Undo">
							<span className="flex items-start gap-1.5">
								<code className="min-w-0 text-2xs leading-5 break-all text-fg">{proposal.undo_sql}</code>
								<CopyButton text={proposal.undo_sql} size="icon-sm" look="quiet" name="Copy the undo SQL" className="-mt-1" />
							</span>
						</Fact>
					)}
					{proposal.write_cost && <Fact name="Cost of writes">{fullSentence(proposal.write_cost)}</Fact>}
					{proposal.lock && <Fact name="Locks">{fullSentence(proposal.lock)}</Fact>}
				</dl>
			)}

			{proposal.caveats.length > 0 && (
				<ul className="flex flex-col gap-1 text-xs text-fg-2">
					{proposal.caveats.map((caveat, index) => (
						<li key={index} className="flex gap-1.5">
							<CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0 text-amber" />
							<span className="min-w-0 break-words">{fullSentence(caveat)}</span>
						</li>
					))}
				</ul>
			)}
		</>
	);
}
