import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed, Info, RotateCw } from "lucide-react";
import { get } from "@/api/client";
import { toFinding, toProposal } from "@/api/normalize";
import type { components } from "@/api/schema";
import type { Proposal } from "@/api/types";
import { SeverityBadge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { ErrorState, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { capital, fullSentence } from "@/lib/format";
import { Change } from "../optimizer/Change";
import { Findings } from "../optimizer/Findings";

export type Audit = components["schemas"]["HealthChecks"];
type Check = Audit["checks"][number];

const states = {
	found: { icon: CircleAlert, look: "text-amber", word: "found" },
	ok: { icon: CircleCheck, look: "text-green", word: "passed" },
	not_checked: { icon: CircleDashed, look: "text-fg-3", word: "not checked" },
} as const;
const order: readonly Check["state"][] = ["found", "ok", "not_checked"];
const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

function Line({ check }: { check: Check }) {
	const { icon: Icon, look, word } = states[check.state];
	return (
		<li className="flex items-start gap-2.5 px-4 py-2">
			<Icon role="img" aria-label={word} className={cn("mt-0.5 size-4 shrink-0", look)} />
			<span className="min-w-0 flex-1">
				<a href={check.docs} target="_blank" rel="noreferrer" className="break-words underline-offset-2 hover:underline">
					{capital(check.title)}
				</a>
				<span className="block text-xs text-fg-3">{check.state === "not_checked" ? "Not checked: the server has none, or does not tell" : `${check.found} of ${check.checked}`}</span>
			</span>
			{check.severity && <SeverityBadge severity={check.severity} />}
		</li>
	);
}

/* What the checks found can be mended with: to copy, for whoever may run it. */
function Fixes({ proposals, told }: { proposals: readonly Proposal[]; told: ReadonlySet<string> }) {
	return (
		<section aria-labelledby="health-fixes" className="border-t border-line">
			<h3 id="health-fixes" className="px-4 pt-3 text-xs font-medium text-fg-2">
				{many(proposals.length, "change")} that {proposals.length === 1 ? "mends" : "mend"} what was found
			</h3>
			<ul aria-label="Changes" className="divide-y divide-line">
				{proposals.map((proposal, index) => (
					<li key={index} className="flex flex-col gap-3 px-4 py-3">
						<div>
							<h4 className="font-semibold break-words">{proposal.title}</h4>
							{proposal.explanation && !told.has(proposal.explanation) && <p className="mt-1 max-w-[75ch] break-words text-fg-2">{fullSentence(proposal.explanation)}</p>}
						</div>
						<Change proposal={proposal} />
					</li>
				))}
			</ul>
		</section>
	);
}

/* What is wrong with the tables of a database and the state of its server: findings first, then every check that was made. */
export function HealthReport({ audit }: { audit: Audit }) {
	const count = (state: Check["state"]) => audit.checks.filter((check) => check.state === state).length;
	const findings = audit.findings.flatMap((finding) => toFinding(finding) ?? []);
	const proposals = audit.proposals.flatMap((proposal) => toProposal(proposal) ?? []).filter((proposal) => proposal.verdict === "offered" && proposal.sql);
	const bad = count("found") > 0;
	return (
		<div>
			<p role="status" className={cn("flex items-start gap-2.5 border-b border-line px-4 py-2.5", bad ? "tint-amber" : "tint-green")}>
				{bad ? <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" /> : <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0" />}
				<span className="min-w-0 flex-1 text-fg">
					<strong className="font-semibold">{bad ? `${many(count("found"), "check")} found something` : "Nothing was found"}</strong>
					<span className="text-fg-2">
						{" "}
						· {count("ok")} passed, {count("not_checked")} not checked · {many(audit.tables, "table")} looked at
					</span>
				</span>
			</p>
			{audit.notices.length > 0 && (
				<ul aria-label="Notices" className="flex flex-col gap-1 border-b border-line px-4 py-2.5 text-xs text-fg-2">
					{audit.notices.map((notice) => (
						<li key={notice} className="flex items-start gap-2">
							<Info aria-hidden className="mt-0.5 size-3.5 shrink-0" /> <span className="min-w-0 break-words">{capital(notice)}</span>
						</li>
					))}
				</ul>
			)}
			{findings.length > 0 && <Findings findings={findings} chosen={null} onNode={() => {}} complete />}
			{proposals.length > 0 && <Fixes proposals={proposals} told={new Set(findings.map((finding) => finding.explanation))} />}
			<details className="border-t border-line">
				<summary className="px-4 py-2.5 text-xs font-medium text-fg-2 hover:text-fg">All {audit.checks.length} checks</summary>
				<ul aria-label="Checks of the database" className="divide-y divide-line border-t border-line">
					{[...audit.checks]
						.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
						.map((check) => (
							<Line key={check.id} check={check} />
						))}
				</ul>
			</details>
		</div>
	);
}

/* Asked only once the connection is known to work: a database out of reach has said so above. */
export function HealthChecks({ id, reachable }: { id: number; reachable: boolean }) {
	const query = useQuery({ queryKey: ["connection-health", id], queryFn: ({ signal }) => get<Audit>(`/api/connections/${id}/health-checks`, signal), enabled: reachable, staleTime: 60_000, refetchOnWindowFocus: false, retry: false });
	if (!reachable) return null;
	return (
		<Panel
			title="Health of the database"
			hint="Read from its catalog and counters"
			className="mt-4 max-w-3xl overflow-hidden"
			actions={
				<Button size="sm" onClick={() => void query.refetch()} disabled={query.isFetching}>
					<RotateCw className={query.isFetching ? "animate-spin" : ""} /> Look again
				</Button>
			}
		>
			{query.isPending && <Skeleton lines={5} />}
			{query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
			{query.data && <HealthReport audit={query.data} />}
		</Panel>
	);
}
