/* A plan without its database: pasted as EXPLAIN printed it, read and judged offline. Nothing of it is stored. */
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, FileSearch, LoaderCircle, ScanSearch } from "lucide-react";
import { useState } from "react";
import type { ApiError } from "@/api/client";
import { analyzePlan, type PlanReport } from "@/api/queries";
import type { Finding } from "@/api/types";
import { PlanViewer } from "@/components/plan/PlanViewer";
import { Button } from "@/components/ui/button";
import { PageTitle } from "@/components/ui/panel";
import { Empty } from "@/components/ui/states";
import { Tab, Tabs, TabsContent, TabsList } from "@/components/ui/tabs";
import { capital } from "@/lib/format";
import type { PlanMetric, PlanView } from "@/lib/url";
import { Findings } from "./Findings";

const engines: Record<string, string> = { postgresql: "PostgreSQL", mysql: "MySQL", mariadb: "MariaDB", mssql: "SQL Server", oracle: "Oracle", sqlite: "SQLite" };

function Report({ report }: { report: PlanReport }) {
	const [tab, setTab] = useState(report.findings.length > 0 ? "findings" : "plan");
	const [view, setView] = useState<PlanView>("outline");
	const [metric, setMetric] = useState<PlanMetric | "auto">("auto");
	const [node, setNode] = useState<number | null>(null);
	const [finding, setFinding] = useState<Finding | null>(null);
	const steps = report.plan.nodes.length;
	return (
		<section aria-label="What the plan says" className="panel @container overflow-hidden">
			<p className="border-b border-line px-4 py-2.5 text-fg-2">
				A plan of <strong className="font-semibold text-fg">{engines[report.plan.engine ?? ""] ?? "another engine"}</strong> with {steps === 1 ? "one step" : `${steps} steps`}.
			</p>
			<Tabs value={tab} onValueChange={setTab}>
				<TabsList>
					<Tab value="findings" count={report.findings.length}>
						Findings
					</Tab>
					<Tab value="plan">Plan</Tab>
				</TabsList>
				<TabsContent value="findings">
					{report.findings.length > 0 ? (
						<Findings
							findings={report.findings}
							chosen={finding}
							complete
							onNode={(next) => {
								setNode(next);
								setTab("plan");
							}}
						/>
					) : (
						<Empty icon={ScanSearch} tone="good" title="No findings">
							The plan shows no known problem. The statement and its tables were not looked at: optimize it on a connection for that.
						</Empty>
					)}
				</TabsContent>
				<TabsContent value="plan">
					<PlanViewer
						plan={report.plan}
						findings={report.findings}
						view={view}
						metric={metric}
						node={node}
						onView={setView}
						onMetric={setMetric}
						onNode={setNode}
						onFinding={(next) => {
							setFinding(next);
							setTab("findings");
						}}
					/>
				</TabsContent>
			</Tabs>
		</section>
	);
}

export default function PlanPage() {
	const [text, setText] = useState("");
	const analyze = useMutation<PlanReport, ApiError, string>({ mutationFn: analyzePlan });
	const ready = text.trim() !== "" && !analyze.isPending;
	const go = () => ready && analyze.mutate(text);
	return (
		<>
			<PageTitle
				title="Plan"
				hint="Findings for a plan from anywhere, without its database."
				actions={
					<Button asChild>
						<Link to="/optimizer" search={(old) => ({ c: old.c })}>
							<ArrowLeft /> Optimizer
						</Link>
					</Button>
				}
			/>
			<div className="grid grid-cols-[minmax(0,1fr)] gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
				<section aria-label="Plan text" className="panel flex min-w-0 flex-col self-start overflow-hidden">
					<label htmlFor="plan-text" className="border-b border-line px-4 py-2.5 text-xs font-medium text-fg-2">
						What EXPLAIN printed
					</label>
					<textarea
						id="plan-text"
						value={text}
						onChange={(event) => setText(event.target.value)}
						onKeyDown={(event) => {
							if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
							event.preventDefault();
							go();
						}}
						spellCheck={false}
						autoComplete="off"
						wrap="off"
						aria-describedby="plan-hint"
						placeholder={"Seq Scan on orders  (cost=0.00..20834.00 rows=1 width=97)\n  Filter: (user_id = 4711)"}
						className="mono h-72 min-h-40 w-full resize-y bg-panel px-4 py-3 text-xs leading-5 text-fg placeholder:text-fg-3 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
					/>
					{analyze.error && (
						<div role="alert" className="border-t border-line bg-[color-mix(in_oklab,var(--red)_7%,var(--panel))] px-4 py-2.5">
							<p className="font-medium text-red">{analyze.error.title}</p>
							{analyze.error.detail && <p className="mt-0.5 break-words">{capital(analyze.error.detail)}</p>}
						</div>
					)}
					<div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2.5">
						<p id="plan-hint" className="min-w-0 flex-1 basis-56 text-xs text-fg-3">
							Text, JSON, XML or YAML of PostgreSQL; any form of MySQL, MariaDB, SQL Server, Oracle and SQLite; also as psql, a log or a mail framed it. The form is recognised.
						</p>
						<Button look="primary" onClick={go} disabled={!ready} title="Ctrl Enter">
							{analyze.isPending ? <LoaderCircle className="animate-spin" /> : <ScanSearch />} Analyze
						</Button>
					</div>
				</section>
				<div className="min-w-0">
					{analyze.data ? (
						<Report key={analyze.submittedAt} report={analyze.data} />
					) : (
						<div className="panel">
							<Empty icon={FileSearch} title="Paste a plan and press Ctrl Enter">
								It is read by this server and not stored. With actual rows and times (EXPLAIN ANALYZE) more can be said.
							</Empty>
						</div>
					)}
				</div>
			</div>
		</>
	);
}
