/* "Is anything wrong, and what should I do first?" */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, Check, CircleCheck, DatabaseZap, PlugZap, ScanSearch, Sparkles, TriangleAlert } from "lucide-react";
import { connections, dashboard, health, runs } from "@/api/queries";
import { useConnection } from "@/app/useConnection";
import { Sql } from "@/components/sql/SqlBlock";
import { EvidenceTag } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Figure, Figures } from "@/components/ui/figures";
import { PageTitle, Panel } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Outcome } from "@/features/optimizer/Recent";
import { cn } from "@/lib/cn";
import { ago, change, compact, cost, counted, duration, exact, fullTime, oneLine, percent } from "@/lib/format";
import { Attention } from "./Attention";
import { LoadPanel } from "./LoadPanel";
import { opportunities, verdictOf } from "./verdict";

function Start({ connected }: { connected: boolean }) {
	const steps = [
		{ icon: PlugZap, title: "Add a connection", text: "Host, database and a role that may read. A check list says what works.", done: connected, to: "/connections/new" as const, action: "Add" },
		{ icon: ScanSearch, title: "Optimize a query", text: "Paste a statement; it is planned, not executed.", done: false, to: "/optimizer" as const, action: "Open the optimizer" },
		{ icon: CircleCheck, title: "Apply what is proved", text: "Copy the SQL with its proof, or measure it first.", done: false, to: null, action: "" },
	];
	const next = steps.findIndex((step) => !step.done);
	return (
		<div className="panel p-5 sm:p-8">
			<h2 className="text-lg font-semibold tracking-tight">Three steps to the first proposal</h2>
			<p className="mt-0.5 text-fg-2">Nothing is installed on your database, and nothing is changed there.</p>
			<ol className="mt-5 grid gap-3 md:grid-cols-3">
				{steps.map((step, index) => (
					<li key={step.title} className={cn("flex flex-col rounded-lg border p-4", index === next ? "border-accent bg-[color-mix(in_oklab,var(--accent)_5%,var(--panel))]" : "border-line")}>
						<span className="flex items-center gap-2">
							<span className={cn("grid size-6 place-items-center rounded-full text-xs font-semibold", step.done ? "tint-green" : index === next ? "bg-accent text-on-accent" : "bg-hover text-fg-2")}>{step.done ? <Check role="img" aria-label="done" className="size-3.5" /> : index + 1}</span>
							<h3 className="font-semibold">{step.title}</h3>
							<step.icon aria-hidden className="ml-auto size-4 text-fg-3" />
						</span>
						<p className="mt-2 text-fg-2">{step.text}</p>
						{step.to && !step.done && (
							<Button asChild look={index === next ? "primary" : "normal"} className="mt-4 self-start">
								<Link to={step.to}>{step.action}</Link>
							</Button>
						)}
					</li>
				))}
			</ol>
		</div>
	);
}

export default function DashboardPage() {
	const { id } = useConnection();
	const stats = useQuery(dashboard(id));
	const recent = useQuery(runs(id));
	const list = useQuery(connections());
	const state = useQuery(health()).data;

	const none = list.data?.length === 0;
	const empty = none || (stats.data && stats.data.total_optimizations === 0 && stats.data.total_queries_discovered === 0);
	if (stats.isPending || list.isPending) return <><PageTitle title="Dashboard" /><div className="panel"><Skeleton lines={6} /></div></>;
	if (!stats.data) return <><PageTitle title="Dashboard" /><div className="panel"><ErrorState error={stats.error} retry={() => void stats.refetch()} /></div></>;
	if (empty)
		return (
			<>
				<PageTitle title="Dashboard" hint="Is anything wrong, and what should be done first?" />
				<Start connected={!none} />
			</>
		);
	const data = stats.data;
	const open = opportunities(recent.data ?? []);
	const verdict = verdictOf(data, recent.data ?? []);
	const most = data.top_bottlenecks.reduce((sum, query) => Math.max(sum, query.total_execution_time), 0);
	// Whose statement it is, where that is not said already.
	const names = new Map(id === null ? list.data?.map((one) => [one.id, one.name] as const) : []);
	const started = (recent.data?.length ?? 0) > 0;
	const recentRuns = (
		<Panel title="Recent runs" className="overflow-hidden" actions={<Button size="sm" look="quiet" asChild><Link to="/optimizer">Open the optimizer</Link></Button>}>
			{recent.isPending && <Skeleton />}
			{recent.isError && <ErrorState error={recent.error} retry={() => void recent.refetch()} />}
			{recent.data?.length === 0 && <Empty icon={Sparkles} title="No runs yet">{data.top_bottlenecks.length > 0 ? "Choose a statement from the list, or paste one into the optimizer." : "Paste a query into the optimizer."}</Empty>}
			<ul className="divide-y divide-line">
				{recent.data?.slice(0, 10).map((run) => (
					<li key={run.id} className="hover:bg-hover">
						<Link to="/optimizer/$run" params={{ run: String(run.id) }} search={(old) => ({ c: old.c })} className="flex items-center gap-4 px-4 py-2.5 -outline-offset-2 max-sm:flex-col max-sm:items-stretch max-sm:gap-1">
							<span className="mono min-w-0 flex-1 truncate text-xs">
								<Sql text={oneLine(run.original_sql).slice(0, 300)} />
							</span>
							<span className="flex items-center gap-3 text-xs whitespace-nowrap">
								<Outcome run={run} />
								<span className="w-16 text-right text-fg-3 max-sm:w-auto" title={fullTime(run.created_at)}>
									{ago(run.created_at)}
								</span>
							</span>
						</Link>
					</li>
				))}
			</ul>
		</Panel>
	);
	const bottlenecks = (
		<Panel title="Top bottlenecks" hint="by total time" className="overflow-hidden">
			{data.top_bottlenecks.length === 0 && (
				<Empty icon={DatabaseZap} title="No statistics yet" className="py-8">
					{state?.monitoring_agent
						? "The statements that cost most appear here once monitoring has read the statistics of a database."
						: "The statements that cost most appear here. They are read when a connection is added; its check list says whether the database lets us."}
				</Empty>
			)}
			<ol className="divide-y divide-line">
				{data.top_bottlenecks.slice(0, started ? 6 : 10).map((query) => (
					<li key={query.id} className="hover:bg-hover">
						<Link to="/optimizer" search={{ c: query.connection_id, q: query.id } as never} className="block px-4 py-2.5 -outline-offset-2" title={query.sql_text.slice(0, 1000)}>
							<span className="flex items-baseline gap-3">
								<span className="mono min-w-0 flex-1 truncate text-xs">
									<Sql text={oneLine(query.sql_text).slice(0, 240)} />
								</span>
								{names.size > 1 && <span className="max-w-40 shrink-0 truncate text-2xs text-fg-3">{names.get(query.connection_id)}</span>}
							</span>
							<span className="mt-1.5 grid grid-cols-[minmax(0,1fr)_13rem] items-center gap-3">
								<span aria-hidden className="h-1.5 overflow-hidden rounded-full bg-hover">
									<span className="block h-full rounded-full bg-bar" style={{ width: `${most > 0 ? (query.total_execution_time / most) * 100 : 0}%` }} />
								</span>
								<span className="tnum text-right text-2xs whitespace-nowrap text-fg-2">
									{duration(query.total_execution_time)} · {counted(query.calls, "call")} · {duration(query.avg_execution_time)} each
								</span>
							</span>
						</Link>
					</li>
				))}
			</ol>
		</Panel>
	);
	return (
		<>
			<PageTitle title="Dashboard" hint="Is anything wrong, and what should be done first?" />
			<section aria-label="Verdict" className="panel mb-3 flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3.5">
				<span className={cn("grid size-9 shrink-0 place-items-center rounded-lg", verdict.tone === "good" ? "tint-green" : verdict.tone === "warn" ? "tint-orange" : "bg-inset text-accent-text")}>
					{verdict.tone === "good" ? <CircleCheck aria-hidden className="size-4.5" /> : verdict.tone === "warn" ? <TriangleAlert aria-hidden className="size-4.5" /> : <Sparkles aria-hidden className="size-4.5" />}
				</span>
				<div className="min-w-0 flex-1 basis-64">
					<h2 className="text-lg leading-6 font-semibold tracking-tight">{verdict.title}</h2>
					<p className="text-fg-2">{verdict.text}</p>
				</div>
				{verdict.run && (
					<Button look="primary" asChild>
						<Link to="/optimizer/$run" params={{ run: String(verdict.run.id) }}>
							Show it <ArrowRight />
						</Link>
					</Button>
				)}
			</section>
			<Figures count={6}>
				<Figure label="Connections" value={compact(data.total_connections)} note={`${exact(data.active_connections)} with monitoring on`} />
				<Figure label="Queries seen" value={compact(data.total_queries_discovered)} title={exact(data.total_queries_discovered)} note={data.total_queries_discovered === 0 ? "none read from statistics yet" : "read from the statistics views"} />
				<Figure label="Optimizer runs" value={compact(data.total_optimizations)} note={`${exact(data.optimizations_with_issues)} with findings`} />
				<Figure label="Findings" value={compact(data.total_detected_issues)} title={exact(data.total_detected_issues)} note="so far, the resolved ones too" />
				<Figure label="Applied" value={compact(data.optimizations_applied)} note="changes made" />
				<Figure label="Mean improvement" value={percent(data.avg_improvement_pct)} note={data.avg_improvement_pct == null ? "no figures yet" : "planner cost, not time"} />
			</Figures>
			<Attention connection={id} />
			<LoadPanel connection={id} />
			<div className="grid items-start gap-3 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
				<div className="flex min-w-0 flex-col gap-3">
				{open.length > 0 && (
					<Panel title="Best opportunities" hint="offered and not applied, largest saving first" className="overflow-hidden">
						<ul className="divide-y divide-line">
							{open.slice(0, 5).map(({ run, proposal, before, after }) => (
								<li key={`${run.id}-${proposal.id}`} className="hover:bg-hover">
									<Link to="/optimizer/$run" params={{ run: String(run.id) }} search={(old) => ({ c: old.c, ...(proposal.id > 0 ? { p: proposal.id } : {}) })} className="flex items-center gap-4 px-4 py-2.5 -outline-offset-2 max-sm:flex-col max-sm:items-stretch max-sm:gap-1">
										<span className="min-w-0 flex-1">
											<span className="block truncate font-medium">{proposal.title}</span>
											<span className="mono block truncate text-2xs text-fg-3">{oneLine(run.original_sql)}</span>
										</span>
										<span className="tnum flex items-center gap-2.5 text-xs whitespace-nowrap text-fg-2" title="planner cost, not time">
											{cost(before)} → {cost(after)}
											<span className="font-semibold text-accent-text">{change(before, after)}</span>
											{proposal.cost && <EvidenceTag source={proposal.cost.source} />}
										</span>
									</Link>
								</li>
							))}
						</ul>
						<p className="border-t border-line px-4 py-1.5 text-2xs text-fg-3">Figures are planner cost, not time.</p>
					</Panel>
				)}
				{started ? recentRuns : bottlenecks}
				</div>
				<div className="flex min-w-0 flex-col gap-3">
					{started ? bottlenecks : recentRuns}
					<Panel title="This server">
						<ul className="divide-y divide-line text-sm">
							<li className="flex items-center gap-2 px-4 py-2.5">
								<span className={cn("size-2 rounded-full", state?.status === "healthy" ? "bg-green" : "bg-amber")} aria-hidden />
								<span className="flex-1">Server</span>
								<span className="text-fg-2">{state?.status ?? "not known"}</span>
							</li>
							<li className="flex items-center gap-2 px-4 py-2.5">
								<span className={cn("size-2 rounded-full", state?.ollama?.model_available ? "bg-green" : "bg-line-strong")} aria-hidden />
								<span className="flex-1 whitespace-nowrap">Language model</span>
								<span className="truncate text-right text-fg-2" title={state?.ollama?.error ?? undefined}>
									{state?.ollama?.model_available ? (state.ollama.model ?? "available") : "off: the rules work without it"}
								</span>
							</li>
							<li className="flex items-center gap-2 px-4 py-2.5">
								<span className={cn("size-2 rounded-full", state?.monitoring_agent ? "bg-green" : "bg-line-strong")} aria-hidden />
								<Link to="/monitoring" className="flex-1 rounded whitespace-nowrap underline-offset-2 hover:underline">
									Monitoring
								</Link>
								<span className="text-right text-fg-2">{state?.monitoring_agent ? "running" : "off: statistics are read when a connection is added"}</span>
							</li>
						</ul>
					</Panel>
				</div>
			</div>
		</>
	);
}
