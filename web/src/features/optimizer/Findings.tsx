import { ArrowRight, BookOpen, ShieldCheck } from "lucide-react";
import type { Finding } from "@/api/types";
import { SeverityBadge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { evidence, exact, sentence } from "@/lib/format";

const edges = { critical: "border-l-red", high: "border-l-orange", medium: "border-l-amber", low: "border-l-line-strong" } as const;

export function Findings({ findings, chosen, onNode, complete }: { findings: readonly Finding[]; chosen: Finding | null; onNode: (node: number) => void; complete: boolean }) {
	if (findings.length === 0)
		return (
			<Empty icon={ShieldCheck} tone="good" title={complete ? "No findings" : "No findings so far"}>
				Neither the plan, nor the statement, nor the tables it touches show a known problem.
			</Empty>
		);
	return (
		<ul className="divide-y divide-line">
			{findings.map((finding, index) => (
				<li key={index} className={cn("border-l-[3px] px-4 py-3.5", edges[finding.severity], chosen === finding && "bg-[color-mix(in_oklab,var(--accent)_7%,transparent)]")}>
					<div className="flex flex-wrap items-center gap-2">
						<SeverityBadge severity={finding.severity} />
						<span className="mono text-2xs text-fg-3">{finding.rule}</span>
						<span className="ml-auto flex items-center gap-1">
							{finding.node !== null && (
								<Button size="sm" look="quiet" onClick={() => onNode(finding.node as number)}>
									Show in the plan <ArrowRight />
								</Button>
							)}
							{finding.docs && (
								<Button size="sm" look="quiet" asChild>
									<a href={finding.docs.startsWith("/") ? finding.docs : `/docs/findings/${encodeURIComponent(finding.rule)}`} target="_blank" rel="noreferrer">
										<BookOpen /> About this rule
									</a>
								</Button>
							)}
						</span>
					</div>
					<h3 className="mt-1.5 text-base leading-5 font-semibold break-words">{finding.title}</h3>
					<p className="mt-1 max-w-[80ch] text-fg-2">{finding.explanation}</p>
					{finding.evidence.length > 0 && (
						<dl className="mt-2.5 flex flex-wrap gap-2">
							{finding.evidence.map((item) => (
								<div key={item.name} title={`${exact(item.value)} ${item.unit}`} className="rounded-md border border-line bg-inset px-2.5 py-1.5">
									<dt className="text-2xs text-fg-3">{sentence(item.name)}</dt>
									<dd className="tnum text-sm leading-4 font-semibold">{evidence(item.value, item.unit)}</dd>
								</div>
							))}
						</dl>
					)}
					{finding.remedy && (
						<p className="mt-2.5 max-w-[80ch] text-fg-2">
							<span className="font-medium text-fg">What to do: </span>
							{finding.remedy}
						</p>
					)}
					{finding.objects.length > 0 && <p className="mono mt-1.5 text-2xs text-fg-3">{finding.objects.join(", ")}</p>}
				</li>
			))}
		</ul>
	);
}
