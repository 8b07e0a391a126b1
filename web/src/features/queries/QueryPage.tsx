/* One statement: what it costs, over time, what was found about it, and the way to make it cheaper. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { SearchX, Sparkles, TrendingUp, WandSparkles, Zap } from "lucide-react";
import { useEffect, useState } from "react";
import { ApiError } from "@/api/client";
import { queryDetail, queryPage, type QueryDetail, type QueryRow } from "@/api/history";
import { runs } from "@/api/queries";
import { useTitle } from "@/app/title";
import { Sql, SqlBlock } from "@/components/sql/SqlBlock";
import { formatSql } from "@/components/sql/format";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";
import { Figure, Figures } from "@/components/ui/figures";
import { PageTitle, Panel } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { engineNames } from "@/features/connections/engines";
import { Outcome } from "@/features/optimizer/Recent";
import { ago, compact, duration, exact, factorText, fullTime, NONE, oneLine, percent } from "@/lib/format";
import { idFrom, querySearch } from "@/lib/url";
import { FindingsPanel } from "./FindingsPanel";
import { HistoryPanel } from "./HistoryPanel";
import { PlansPanel } from "./PlansPanel";
import { hitRatio, NOTABLE, perCall, periodWords, shortTitle } from "./words";

/* Of the period, with the change; where nothing ran in it, of all that is known. */
function Totals({ query, row, before }: { query: QueryDetail; row: QueryRow | null; before: string }) {
	const calls = row?.calls ?? query.calls;
	const against = (factor: number | null | undefined, was: number | null | undefined) => (row && factor != null ? <span title={`in ${before}`}>{factorText(factor)}, was {duration(was)}</span> : undefined);
	const worse = row?.mean_change != null && row.mean_change >= NOTABLE;
	const hits = row ? hitRatio(row.hits, row.reads) : hitRatio(query.hits, query.reads);
	return (
		<Figures count={6}>
			<Figure label="Share of the load" value={row ? (row.load_share > 0 && row.load_share < 0.001 ? "< 0.1 %" : percent(row.load_share * 100)) : NONE} note={row ? `of ${query.connection_name}` : "did not run in this period"} />
			<Figure label="Time" value={duration(row?.total_ms ?? query.total_ms)} title={`${exact(row?.total_ms ?? query.total_ms)} ms`} note={row ? against(row.load_change, row.previous_total_ms) : "since it was first counted"} />
			<Figure label="Calls" value={compact(calls)} title={exact(calls)} note={row?.previous_calls != null ? `${compact(row.previous_calls)} in ${before}` : undefined} />
			<Figure label="Mean time" value={duration(row ? row.mean_ms : query.mean_ms)} note={<>{worse && "▲ "}{against(row?.mean_change, row?.previous_mean_ms) ?? "\u00a0"}</>} tone={worse ? "worse" : undefined} />
			<Figure label="Rows a call" value={compact(perCall(row?.rows ?? query.rows, calls))} note={`${compact(row?.rows ?? query.rows)} in all`} />
			<Figure label="Found in the cache" value={percent(hits)} note={hits === null ? "no pages were counted" : `${compact(row ? row.reads : query.reads)} pages read`} />
		</Figures>
	);
}

function Statement({ query }: { query: QueryDetail }) {
	const [pretty, setPretty] = useState<string | null>(null);
	const [asked, setAsked] = useState(false);
	useEffect(() => {
		if (!asked) return;
		let gone = false;
		void formatSql(query.sql_text).then((text) => {
			if (!gone) setPretty(text);
		});
		return () => {
			gone = true;
		};
	}, [asked, query.sql_text]);
	const text = asked && pretty !== null ? pretty : query.sql_text;
	return (
		<Panel
			title="Statement"
			hint={query.engine_id ? <>the server calls it <span className="mono">{query.engine_id}</span></> : undefined}
			actions={
				<>
					<Button size="sm" look="quiet" aria-pressed={asked} onClick={() => setAsked(!asked)}>
						<WandSparkles /> {asked ? "As it was sent" : "Format"}
					</Button>
					<CopyButton text={text} label="Copy" name="Copy the statement" look="quiet" />
				</>
			}
		>
			<div className="p-3">
				<SqlBlock text={text} label="Text of the statement" className="border-0" />
			</div>
			<dl className="flex flex-wrap gap-x-6 gap-y-1.5 border-t border-line px-4 py-2.5 text-xs [&_dt]:text-fg-3 [&>div]:flex [&>div]:min-w-0 [&>div]:gap-1.5">
				<div><dt>First seen</dt><dd title={fullTime(query.first_seen)}>{ago(query.first_seen)}</dd></div>
				<div><dt>Last seen</dt><dd title={fullTime(query.last_seen)}>{ago(query.last_seen)}</dd></div>
				{query.tables.length > 0 && <div><dt>Tables</dt><dd className="mono break-words">{query.tables.join(", ")}</dd></div>}
				{query.fingerprint && <div><dt>Fingerprint</dt><dd className="mono">{query.fingerprint}</dd></div>}
			</dl>
		</Panel>
	);
}

function Runs({ query }: { query: QueryDetail }) {
	const list = useQuery(runs(query.connection_id));
	const mine = (list.data ?? []).filter((run) => run.query_id === query.id);
	return (
		<Panel title="Optimizer runs" hint="of this statement" className="overflow-hidden">
			{list.isPending && <Skeleton lines={2} />}
			{list.isError && <ErrorState error={list.error} retry={() => void list.refetch()} />}
			{list.data && mine.length === 0 && (
				<Empty icon={Sparkles} title="Not looked at yet" className="py-7" action={query.other ? undefined : <Button size="sm" asChild><Link to="/optimizer" search={{ c: query.connection_id, q: query.id } as never}>Optimize it</Link></Button>}>
					A run plans it, says why it is slow, and proves what would help.
				</Empty>
			)}
			<ul className="divide-y divide-line">
				{mine.slice(0, 8).map((run) => (
					<li key={run.id} className="hover:bg-hover">
						<Link to="/optimizer/$run" params={{ run: String(run.id) }} className="flex items-center gap-3 px-4 py-2.5 text-xs -outline-offset-2">
							<span className="mono min-w-0 flex-1 truncate"><Sql text={oneLine(run.original_sql).slice(0, 200)} /></span>
							<Outcome run={run} />
							<span className="text-fg-3" title={fullTime(run.created_at)}>{ago(run.created_at)}</span>
						</Link>
					</li>
				))}
			</ul>
		</Panel>
	);
}

export default function QueryPage() {
	const { id: raw } = useParams({ from: "/queries/$id" });
	const id = idFrom(raw);
	const navigate = useNavigate();
	const view = querySearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const detail = useQuery(queryDetail(id ?? 0));
	const query = detail.data;
	// Its row of the list has the figures of the period and how they changed.
	const page = useQuery({ ...queryPage({ connection_id: query?.connection_id ?? null, fingerprint: query?.fingerprint ?? null, period: view.period, limit: 20 }), enabled: query?.fingerprint != null });
	const row = page.data?.queries.find((one) => one.id === id) ?? null;
	const title = query ? shortTitle(query) : null;
	useTitle(title && `${title} #${id}`);
	const change = (next: Partial<typeof view>, how = { replace: true }) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ c: old.c, ...querySearch.write({ ...view, ...next }) }) as never, ...how });

	if (id === null || (detail.error instanceof ApiError && detail.error.status === 404))
		return (
			<div className="panel">
				<Empty icon={SearchX} title="There is no such query" action={<Button asChild><Link to="/queries">All queries</Link></Button>}>
					It may have been forgotten with its connection, or after it was not seen for a long time.
				</Empty>
			</div>
		);
	if (detail.isPending) return <div className="panel"><Skeleton lines={8} /></div>;
	if (detail.isError || !query) return <div className="panel"><ErrorState error={detail.error} retry={() => void detail.refetch()} /></div>;
	return (
		<>
			<PageTitle
				title={title}
				hint={
					<span className="flex flex-wrap items-center gap-2">
						{query.regressed && <Badge className="tint-red border-transparent"><TrendingUp aria-hidden className="size-2.5" /> regressed</Badge>}
						<Badge>{engineNames[query.engine as keyof typeof engineNames] ?? query.engine}</Badge>
						<Link to="/connections/$id" params={{ id: String(query.connection_id) }} className="rounded text-xs underline-offset-2 hover:underline">{query.connection_name}</Link>
						{query.database && <span className="mono text-xs text-fg-3">{query.database}</span>}
					</span>
				}
				actions={
					!query.other && (
						<Button look="primary" asChild>
							<Link to="/optimizer" search={{ c: query.connection_id, q: query.id } as never}>
								<Zap /> Optimize
							</Link>
						</Button>
					)
				}
			/>
			<Totals query={query} row={row} before={periodWords[view.period].before} />
			<HistoryPanel query={query} view={view} change={change} />
			<FindingsPanel query={query} />
			<PlansPanel query={query} />
			<div className="grid items-start gap-3 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
				<Statement query={query} />
				<Runs query={query} />
			</div>
		</>
	);
}
