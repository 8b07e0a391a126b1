import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { queryFindings, type QueryDetail, type QueryIssue } from "@/api/history";
import { Badge, SeverityBadge } from "@/components/ui/badge";
import { Panel } from "@/components/ui/panel";
import { ErrorState, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { ago, compact, fullSentence, fullTime, sentence } from "@/lib/format";

const edges = { critical: "border-l-red", high: "border-l-orange", medium: "border-l-amber", low: "border-l-line-strong" } as const;

function One({ issue }: { issue: QueryIssue }) {
	const figures = Object.entries(issue.metrics).flatMap(([name, value]) => (typeof value === "number" && Number.isFinite(value) ? [[name, value] as const] : []));
	const advice = issue.recommendations.filter((text): text is string => typeof text === "string" && text !== "");
	return (
		<li className={cn("border-l-[3px] px-4 py-3.5", issue.resolved ? "border-l-transparent" : edges[issue.severity])}>
			<div className="flex flex-wrap items-center gap-2">
				<SeverityBadge severity={issue.severity} />
				{issue.resolved && <Badge>gone</Badge>}
				<span className="text-2xs text-fg-3">{sentence(issue.issue_type)}</span>
				<time dateTime={issue.detected_at} title={fullTime(issue.detected_at)} className="ml-auto text-xs text-fg-3">
					since {ago(issue.detected_at)}
				</time>
			</div>
			<h3 className={cn("mt-1.5 text-base leading-5 font-semibold break-words", issue.resolved && "text-fg-2")}>{issue.title}</h3>
			<p className="mt-1 max-w-[80ch] break-words text-fg-2">{fullSentence(issue.description)}</p>
			{figures.length > 0 && (
				<dl className="mt-2.5 flex flex-wrap gap-2">
					{figures.map(([name, value]) => (
						<div key={name} className="rounded-md border border-line bg-inset px-2.5 py-1.5">
							<dt className="text-2xs text-fg-3">{sentence(name)}</dt>
							<dd className="tnum text-sm leading-4 font-semibold">{compact(value)}</dd>
						</div>
					))}
				</dl>
			)}
			{advice.map((text) => (
				<p key={text} className="mt-2.5 max-w-[80ch] break-words text-fg-2">
					<span className="font-medium text-fg">What to do: </span>
					{fullSentence(text)}
				</p>
			))}
		</li>
	);
}

/* What was found about this statement: regressions with their cause, new and slow, called in a loop. Open ones first. */
export function FindingsPanel({ query }: { query: QueryDetail }) {
	const list = useQuery(queryFindings(query.id));
	const sorted = [...(list.data ?? [])].sort((a, b) => Number(a.resolved) - Number(b.resolved) || Date.parse(b.detected_at) - Date.parse(a.detected_at));
	const open = sorted.filter((issue) => !issue.resolved).length;
	return (
		<Panel title="Findings" hint={list.data ? (open > 0 ? `${open} open` : undefined) : undefined} className="mb-3 overflow-hidden">
			{list.isPending && <Skeleton lines={2} />}
			{list.isError && <ErrorState error={list.error} retry={() => void list.refetch()} />}
			{list.data?.length === 0 && (
				<p className="flex items-start gap-2.5 px-4 py-3">
					<ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-green" />
					<span>
						<strong className="font-semibold">Nothing was found.</strong> <span className="text-fg-2">It is compared with the same hours of earlier days; a change for the worse opens a finding here, with its cause.</span>
					</span>
				</p>
			)}
			<ul className="divide-y divide-line">
				{sorted.map((issue) => <One key={issue.id} issue={issue} />)}
			</ul>
		</Panel>
	);
}
