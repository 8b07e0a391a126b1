import { useQuery } from "@tanstack/react-query";
import { BadgeCheck, CircleAlert, CircleSlash, FlaskConical, Info, Link2, LoaderCircle, SearchX } from "lucide-react";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { job as jobQuery, run as runQuery, useCancelJob } from "@/api/queries";
import type { Finding, Optimization, Proposal, Severity } from "@/api/types";
import { useKeys } from "@/app/keys";
import type { RunSearch } from "@/app/router";
import { PlanViewer } from "@/components/plan/PlanViewer";
import { planText } from "@/components/plan/text";
import { EvidenceTag, SeverityBadge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CopyButton, copyText } from "@/components/ui/copy";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Tab, Tabs, TabsContent, TabsList } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { ago, change, cost, duration, fullSentence, fullTime } from "@/lib/format";
import { excerpt, rangeAt } from "@/lib/position";
import { toast } from "@/lib/toast";
import { runTabs, type RunTab } from "@/lib/url";
import { Findings } from "./Findings";
import { markdown } from "./markdown";
import { best, helps } from "./proof";
import { ProposalCard } from "./ProposalCard";
import { Steps } from "./Steps";

function Group({ title, hint, list, run, chosen }: { title: string; hint: string; list: readonly Proposal[]; run: Optimization; chosen: number | null }) {
	if (list.length === 0) return null;
	return (
		<section className="mt-5">
			<h2 className="text-sm font-semibold">
				{title} <span className="tnum font-normal text-fg-3">{list.length}</span>
			</h2>
			<p className="mb-2.5 text-xs text-fg-3">{hint}</p>
			<div className="flex flex-col gap-3">
				{list.map((proposal, index) => (
					<ProposalCard key={proposal.id || index} proposal={proposal} runId={run.id} originalSql={run.original_sql} chosen={chosen === proposal.id} />
				))}
			</div>
		</section>
	);
}

/* The reason without the words of the headline above it. */
const why = (reason: string): string => fullSentence(reason.replace(/^this query is fine[:,]?\s*/i, ""));

/* A run that failed has nothing else to show: what went wrong, and where in the statement. */
function Failure({ run }: { run: Optimization }) {
	const cancelled = run.error_kind === "cancelled";
	const range = rangeAt(run.error_position, run.original_sql);
	const at = range && excerpt(run.original_sql, range);
	return (
		<section role="alert" className="panel overflow-hidden">
			<div className="flex items-start gap-3 p-4">
				<span className={cn("grid size-9 shrink-0 place-items-center rounded-lg", cancelled ? "bg-inset text-fg-2" : "tint-red")}>{cancelled ? <CircleSlash aria-hidden className="size-4.5" /> : <CircleAlert aria-hidden className="size-4.5" />}</span>
				<div className="min-w-0 flex-1">
					<h2 className="text-lg leading-6 font-semibold tracking-tight">{cancelled ? "This run was cancelled" : "This run failed"}</h2>
					<p className="mt-0.5 max-w-[80ch] break-words text-fg-2">{cancelled ? "Nothing was kept of it. The statement is still in the editor." : fullSentence(run.error ?? (run.explanation || "The job did not finish."))}</p>
				</div>
			</div>
			{at && (
				<figure className="border-t border-line bg-inset px-4 py-3">
					<figcaption className="tnum mb-1 text-2xs text-fg-3">
						line {at.line}, column {at.column}
					</figcaption>
					<pre className="text-xs leading-5 break-words whitespace-pre-wrap">
						<code>
							{at.before}
							<mark className="rounded-[3px] bg-[color-mix(in_oklab,var(--red)_24%,transparent)] text-fg underline decoration-red decoration-wavy underline-offset-4">{at.marked || " "}</mark>
							{at.after}
						</code>
					</pre>
				</figure>
			)}
		</section>
	);
}

function Verdict({ run }: { run: Optimization }) {
	// The figures stand beside the headline, so the sentence that repeats them is left to the other clients.
	const top = best(run.proposals.filter(helps));
	const offered = run.proposals.filter((proposal) => proposal.verdict === "offered").length;
	const helping = run.proposals.filter(helps).length;
	const order: Severity[] = ["critical", "high", "medium", "low"];
	const counts = order.map((severity) => [severity, run.findings.filter((finding) => finding.severity === severity).length] as const).filter(([, count]) => count > 0);
	const figure =
		top?.measured ? { text: `${duration(top.measured.before_ms)} → ${duration(top.measured.after_ms)}`, delta: change(top.measured.before_ms, top.measured.after_ms), note: "measured", source: "measured" as const }
		: top?.cost && top.cost.before !== null && top.cost.after !== null ? { text: `${cost(top.cost.before)} → ${cost(top.cost.after)}`, delta: change(top.cost.before, top.cost.after), note: "planner cost, not time", source: top.cost.source }
		: null;
	return (
		<div className="panel px-4 py-3.5">
			<div className="flex flex-wrap items-start gap-x-5 gap-y-2">
				<div className="min-w-0 flex-1 basis-72">
					<h2 className="text-lg leading-6 font-semibold tracking-tight">
						{run.verdict.fine ? "This query is fine" : helping > 0 ? `${helping === 1 ? "One proposal" : `${helping} proposals`} that help${helping === 1 ? "s" : ""}${offered > helping ? `, ${offered - helping} to tidy up` : ""}` : offered > 0 ? `${offered === 1 ? "One thing" : `${offered} things`} to tidy up` : run.complete ? "Nothing to offer for this query" : "Working on it"}
					</h2>
					{figure ? <p className="mt-0.5 max-w-[80ch] break-words text-fg-2">{top?.title}</p> : (run.verdict.reason || run.explanation) && <p className="mt-0.5 max-w-[80ch] break-words text-fg-2">{why(run.verdict.reason ?? run.explanation)}</p>}
					{counts.length > 0 && (
						<p className="mt-2 flex flex-wrap gap-1.5">
							{counts.map(([severity, count]) => (
								<SeverityBadge key={severity} severity={severity} count={count} />
							))}
						</p>
					)}
				</div>
				{figure && (
					<div className="text-right max-sm:text-left">
						<p className="tnum text-2xl font-semibold tracking-tight text-accent-text">{figure.delta}</p>
						<p className="tnum text-sm text-fg-2">{figure.text}</p>
						<p className="mt-0.5 flex items-center justify-end gap-1.5 text-2xs text-fg-3 max-sm:justify-start">
							{figure.note !== "measured" && figure.note} <EvidenceTag source={figure.source} />
						</p>
					</div>
				)}
			</div>
		</div>
	);
}

function Pending({ run }: { run: Optimization }) {
	const query = useQuery({ ...jobQuery(run.job_id ?? 0), enabled: run.job_id !== null });
	const cancel = useCancelJob();
	const running = query.data?.steps.find((step) => step.state === "running");
	return (
		<div className="panel mt-3 overflow-hidden">
			<div className="h-0.5 overflow-hidden bg-hover">
				<div className="sweep h-full w-1/4 rounded-full bg-accent" />
			</div>
			<div className="flex flex-wrap items-center gap-2 px-4 py-2.5">
				<LoaderCircle aria-hidden className="size-4 animate-spin text-accent-text" />
				<p role="status" className="min-w-0 flex-1">
					{run.findings.length + run.proposals.length > 0 ? "The rules have answered; the model's part joins when it is ready." : "Still working."}
					{running && <span className="text-fg-3"> Now: {running.name}.</span>}
				</p>
				{run.job_id !== null && (
					<Button size="sm" onClick={() => cancel.mutate(run.job_id as number)} disabled={cancel.isPending}>
						Cancel
					</Button>
				)}
			</div>
			{run.findings.length + run.proposals.length === 0 && query.data && (
				<div className="border-t border-line p-4">
					<Steps job={query.data} />
				</div>
			)}
		</div>
	);
}

export function RunView({ id, search, change: setSearch }: { id: number; search: RunSearch; change: (next: Partial<RunSearch>, push?: boolean) => void }) {
	const query = useQuery(runQuery(id));
	const [finding, setFinding] = useState<Finding | null>(null);
	const run = query.data;
	const offered = run?.proposals.filter((proposal) => proposal.verdict === "offered") ?? [];
	const top = run ? best(run.proposals) : null;

	useKeys({
		...Object.fromEntries(runTabs.map((tab, index) => [String(index + 1), () => setSearch({ tab }, true)])),
		c: () => {
			if (top?.sql) void copyText(top.sql).then((done) => (done ? toast.success("SQL copied") : toast.error("The browser refused to copy")));
		},
	});

	if (query.isPending) return <div className="panel"><Skeleton lines={6} /></div>;
	if (query.isError || !run) {
		if (query.error instanceof ApiError && query.error.status === 404)
			return (
				<div className="panel">
					<Empty icon={SearchX} title={`There is no run #${id}`}>
						It may have been deleted. The statement in the editor is still yours.
					</Empty>
				</div>
			);
		return <div className="panel"><ErrorState error={query.error} retry={() => void query.refetch()} /></div>;
	}
	const openNode = (node: number) => setSearch({ tab: "plan", node }, true);
	const footer = (
		<p className="mt-3 px-1 text-2xs text-fg-3" title={fullTime(run.created_at)}>
			Run #{run.id}, {ago(run.created_at)}
			{run.elapsed_ms !== null && `, took ${duration(run.elapsed_ms)}`}
			{run.model && `, model ${run.model}`}
		</p>
	);
	if (run.status === "failed")
		return (
			<div className="min-w-0">
				<Failure run={run} />
				{footer}
			</div>
		);
	const helping = offered.filter(helps);
	const upkeep = offered.filter((proposal) => !helps(proposal));
	return (
		<div className="min-w-0">
			<Verdict run={run} />
			{!run.complete && <Pending run={run} />}
			{run.notes.map((note, index) => (
				<p key={index} className="mt-2 flex items-start gap-2 px-1 text-xs text-fg-2">
					<Info aria-hidden className="mt-0.5 size-3.5 shrink-0 text-fg-3" /> {note}
				</p>
			))}
			<Tabs value={search.tab} onValueChange={(tab) => setSearch({ tab: tab as RunTab }, true)} className="mt-3">
				<div className="panel @container overflow-clip">
					<TabsList
						aria-label="Result"
						extra={
							<span className="flex items-center gap-0.5 max-sm:hidden">
								<Button size="icon-sm" look="quiet" aria-label="Copy the link to this view" title="Copy the link (y)" onClick={() => void copyText(window.location.href).then((done) => done && toast.success("Link copied"))}>
									<Link2 />
								</Button>
								<CopyButton size="sm" look="quiet" text={markdown(run)} label="Markdown" name="Copy a Markdown summary" />
							</span>
						}
					>
						<Tab value="proposals" count={offered.length}>Proposals</Tab>
						<Tab value="findings" count={run.findings.length}>Findings</Tab>
						<Tab value="plan">Plan</Tab>
						<Tab value="explain">Explain</Tab>
					</TabsList>
					<TabsContent value="findings">
						<Findings findings={run.findings} chosen={finding} onNode={openNode} complete={run.complete} />
					</TabsContent>
					<TabsContent value="plan">
						{run.plan ? (
							<PlanViewer
								plan={run.plan}
								findings={run.findings}
								view={search.view}
								metric={search.metric}
								node={search.node}
								onView={(view) => setSearch({ view })}
								onMetric={(metric) => setSearch({ metric })}
								onNode={(node) => setSearch({ node })}
								onFinding={(next) => {
									setFinding(next);
									setSearch({ tab: "findings" }, true);
								}}
							/>
						) : (
							<Empty icon={CircleAlert} title={run.complete ? "No plan was kept" : "No plan yet"}>
								{run.complete ? "The database gave no plan for this statement, or the run was made without it." : "It comes with the next step."}
							</Empty>
						)}
					</TabsContent>
					<TabsContent value="explain">
						<Explain run={run} />
					</TabsContent>
				</div>
				<TabsContent value="proposals" className="mt-3">
					{helping.length > 0 ? (
						<div className="flex flex-col gap-3">
							{helping.map((proposal, index) => (
								<ProposalCard key={proposal.id || index} proposal={proposal} runId={run.id} originalSql={run.original_sql} first={index === 0} chosen={search.p === proposal.id && proposal.id > 0} />
							))}
						</div>
					) : run.verdict.fine ? (
						<div className="panel">
							<Empty icon={BadgeCheck} tone="good" title="Nothing to propose">
								{run.proposals.length > 0 ? "What was tried is listed below with its figures." : "There is no index, rewrite or setting that would be worth its cost."}
							</Empty>
						</div>
					) : upkeep.length > 0 ? null : run.complete ? (
						<div className="panel">
							<Empty icon={FlaskConical} title="No proposal that we can stand behind">
								{run.proposals.length > 0 ? "What was tried does not help, or could not be proved. It is listed below with its figures." : "No index, rewrite or setting that was considered makes this statement cheaper."}
							</Empty>
						</div>
					) : (
						<div className="panel"><Skeleton lines={5} /></div>
					)}
					<Group title="To tidy up" hint="Good for the tables of this statement, no help to the statement itself." list={upkeep} run={run} chosen={search.p} />
					<Group title="Not proved" hint="These may help, but it is not shown that the answer stays the same. So there is nothing to copy or to apply." list={run.proposals.filter((proposal) => proposal.verdict === "unproved")} run={run} chosen={search.p} />
					<Group title="Tried and rejected" hint="Shown with their figures, so that nobody has to try them again." list={run.proposals.filter((proposal) => proposal.verdict === "rejected")} run={run} chosen={search.p} />
				</TabsContent>
			</Tabs>
			{footer}
		</div>
	);
}

function Explain({ run }: { run: Optimization }) {
	const paragraphs = run.explanation.split(/\n{2,}/).filter((part) => part.trim() !== "");
	return (
		<div className="max-w-[75ch] px-4 py-4 text-base leading-6">
			{paragraphs.length === 0 && <p className="text-fg-2">{run.complete ? "No explanation was written for this run." : "The explanation comes with the result."}</p>}
			{paragraphs.map((part, index) => (
				<p key={index} className="mb-3 whitespace-pre-wrap last:mb-0">
					{fullSentence(part)}
				</p>
			))}
			{run.proposals.some((proposal) => proposal.verdict === "offered") && (
				<>
					<h3 className="mt-5 mb-1.5 text-sm font-semibold">What is proposed</h3>
					<ol className="list-decimal pl-5 text-fg-2 marker:text-fg-3">
						{run.proposals
							.filter((proposal) => proposal.verdict === "offered")
							.map((proposal, index) => (
								<li key={index} className="mb-1.5 pl-1">
									<span className="font-medium text-fg">{proposal.title}.</span> {fullSentence(proposal.explanation)}
								</li>
							))}
					</ol>
				</>
			)}
			{run.findings.length > 0 && (
				<>
					<h3 className="mt-5 mb-1.5 text-sm font-semibold">What was found</h3>
					<ol className="list-decimal pl-5 text-fg-2 marker:text-fg-3">
						{run.findings.map((finding, index) => (
							<li key={index} className="mb-1.5 pl-1">
								<span className="font-medium text-fg">{finding.title}.</span> {finding.explanation}
							</li>
						))}
					</ol>
				</>
			)}
			{run.plan && (
				<>
					<h3 className="mt-5 mb-1.5 text-sm font-semibold">The plan in words</h3>
					<pre tabIndex={0} role="region" aria-label="The plan as text" className="scroll-thin max-h-96 overflow-auto rounded-lg border border-line bg-inset p-3 text-xs leading-5">
						{planText(run.plan)}
					</pre>
				</>
			)}
		</div>
	);
}
