/* What runs on the databases, by what it costs. The server sorts, filters and pages; the address holds it all. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, ChevronLeft, ChevronRight, DatabaseZap, PlugZap, SearchX, ShieldCheck } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { queryPage, sparklines } from "@/api/history";
import { health } from "@/api/queries";
import { useKeys } from "@/app/keys";
import { useConnection } from "@/app/useConnection";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { PageTitle } from "@/components/ui/panel";
import { SearchBox } from "@/components/ui/search";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Segmented } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { counted, duration, exact, percent, sentence } from "@/lib/format";
import { periods, queriesSearch, queryKinds, querySearch, type QuerySort } from "@/lib/url";
import { QueryLine } from "./QueryLine";
import { covered, PAGE, periodWords } from "./words";

type View = ReturnType<typeof queriesSearch.parse>;
const only = [
	{ value: "all", label: "All" },
	{ value: "regressed", label: "Regressed" },
	{ value: "findings", label: "With findings" },
	{ value: "new", label: "New" },
] as const;

/* A heading that sorts: most first, and least first when asked again. */
function Sortable({ name, view, change, children, className, title }: { name: QuerySort; view: View; change: (next: Partial<View>) => void; children: ReactNode; className?: string; title?: string }) {
	const on = view.sort === name;
	const Icon = view.order === "asc" ? ArrowUp : ArrowDown;
	return (
		<th scope="col" aria-sort={on ? (view.order === "asc" ? "ascending" : "descending") : undefined} className={cn("px-3 py-1 font-medium", className)}>
			<button type="button" title={title} onClick={() => change({ sort: name, order: on && view.order === "desc" ? "asc" : "desc", page: null })} className={cn("inline-flex h-6 items-center gap-1 rounded whitespace-nowrap hover:text-fg", on && "text-fg")}>
				{children}
				{on && <Icon aria-hidden className="size-3" />}
			</button>
		</th>
	);
}

const sorts: Record<QuerySort, string> = { total_time: "Time", change: "Time gained over the period before", calls: "Calls", mean_time: "Mean time", rows: "Rows", reads: "Reads", first_seen: "First seen" };

function Nothing({ view, clear, connected }: { view: View; clear: () => void; connected: boolean }) {
	const monitoring = useQuery(health()).data?.monitoring_agent;
	if (!connected)
		return (
			<Empty icon={PlugZap} title="No database is watched yet" action={<Button look="primary" asChild><Link to="/connections/new">Add a connection</Link></Button>}>
				Add a database, and the statements that cost most stand here within a minute.
			</Empty>
		);
	const filtered = view.q !== "" || view.kind !== "any";
	if (filtered || view.page !== null)
		return (
			<Empty icon={SearchX} title={view.page !== null && !filtered ? "This page is beyond the last one" : "No statement matches"} action={<Button onClick={clear}>{filtered ? "Clear the filter" : "To the first page"}</Button>}>
				{filtered && "The text is looked for in the statement as the server keeps it, with placeholders for values."}
			</Empty>
		);
	if (view.only === "regressed" || view.only === "findings")
		return (
			<Empty icon={ShieldCheck} tone="good" title={view.only === "regressed" ? "Nothing got slower" : "No statement has an open finding"} action={<Button onClick={clear}>Show all statements</Button>}>
				{view.only === "regressed" ? "Each statement is compared with the same hours of earlier days; that takes a few days of history." : "Findings open here when a statement gets slower, is new and slow, or is called in a loop."}
			</Empty>
		);
	if (view.only === "new")
		return (
			<Empty icon={DatabaseZap} title="No new statement in this period" action={<Button onClick={clear}>Show all statements</Button>}>
				What was seen in the first hour of watching a database does not count as new.
			</Empty>
		);
	return (
		<Empty
			icon={DatabaseZap}
			title="Nothing was recorded in this period"
			action={
				<Button look="primary" asChild>
					<Link to="/monitoring">Open monitoring</Link>
				</Button>
			}
		>
			{monitoring === false ? "Monitoring is stopped: nothing is read until it is started." : "Two reads make the first figures: what ran between them. A new connection is read again after a minute."}
		</Empty>
	);
}

export default function QueriesPage() {
	const { id: connection, all: connections, pending } = useConnection();
	const navigate = useNavigate();
	const view = queriesSearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const page = view.page ?? 1;
	const change = (next: Partial<View>, how: { replace: boolean } = { replace: false }) =>
		void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ c: old.c, ...queriesSearch.write({ ...view, ...next }) }) as never, replace: how.replace, resetScroll: next.page !== undefined });
	const clear = () => change({ q: "", kind: "any", only: "all", page: null });

	const query = useQuery(
		queryPage({
			connection_id: connection,
			search: view.q,
			kind: view.kind === "any" ? null : view.kind,
			only: view.only === "all" ? null : view.only,
			sort: view.sort,
			order: view.order,
			period: view.period,
			limit: PAGE,
			offset: (page - 1) * PAGE,
		}),
	);
	const data = query.data;
	const ids = useMemo(() => (data?.queries ?? []).map((row) => row.id), [data]);
	const small = useQuery(sparklines(ids, "total_time", view.period)).data;
	const lines = useMemo(() => new Map(small?.series.map((one) => [one.id, one.points as (number | null)[]])), [small]);
	const last = data ? Math.max(Math.ceil(data.total / PAGE), 1) : page;
	const first = (page - 1) * PAGE + 1;
	const share = data ? covered(data.queries, data.total_ms) : null;
	const turn = (to: number) => {
		if (to >= 1 && to <= last && to !== page) change({ page: to === 1 ? null : to });
	};
	const move = (step: number) => {
		const rows = [...document.querySelectorAll<HTMLElement>("a[data-row]")];
		const at = rows.indexOf(document.activeElement as HTMLElement);
		rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
	};
	useKeys({ j: () => move(1), k: () => move(-1), "[": () => turn(page - 1), "]": () => turn(page + 1) });

	return (
		<>
			<PageTitle
				title="Queries"
				hint={data && data.total_ms > 0 ? `${duration(data.total_ms)} in ${counted(data.calls, "call")}, ${periodWords[view.period].long}` : "What runs on the databases, by what it costs."}
				actions={<Segmented label="Period" value={view.period} onChange={(period) => change({ period, page: null })} options={periods.map((value) => ({ value, label: periodWords[value].short, title: sentence(periodWords[value].long) }))} />}
			/>
			<section aria-label="Statements" className="panel overflow-hidden">
				<header className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
					<Segmented label="Which" value={view.only} onChange={(next) => change({ only: next, page: null })} options={only} />
					<div className="ml-auto flex flex-wrap items-center gap-2 max-sm:w-full">
						<Select aria-label="Kind of statement" className="w-36 max-sm:flex-1" value={view.kind} onChange={(event) => change({ kind: event.target.value as View["kind"], page: null })}>
							<option value="any">Any kind</option>
							{queryKinds.map((kind) => <option key={kind} value={kind}>{kind === "unknown" ? "Other" : kind.toUpperCase()}</option>)}
						</Select>
						<Select aria-label="Sort by" className="w-40 md:hidden" value={view.sort} onChange={(event) => change({ sort: event.target.value as QuerySort, order: "desc", page: null })}>
							{(Object.keys(sorts) as QuerySort[]).map((sort) => <option key={sort} value={sort}>{sorts[sort]}</option>)}
						</Select>
						<SearchBox slash delay={300} label="Filter statements" placeholder="Filter by text ( / )" value={view.q} onChange={(q) => change({ q, page: null }, { replace: true })} />
					</div>
				</header>
				{query.isPending && <Skeleton lines={8} />}
				{query.isError && !data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
				{data && data.queries.length === 0 && <Nothing view={view} clear={clear} connected={pending || connections.length > 0} />}
				{data && data.queries.length > 0 && (
					<table className={cn("w-full text-sm max-md:block", query.isPlaceholderData && "opacity-60")} aria-rowcount={data.total + 1}>
						<thead className="border-b border-line text-left text-xs text-fg-2 max-md:hidden">
							<tr>
								<Sortable name="first_seen" view={view} change={change} className="!px-4" title="Sort by when it was first seen">Statement</Sortable>
								<Sortable name="total_time" view={view} change={change} title="Share of all time on the connections shown">Load</Sortable>
								<th scope="col" className="px-2 py-1 font-medium">Trend</th>
								<Sortable name="change" view={view} change={change} className="text-right" title="Sort by the time gained over the period before">Time</Sortable>
								<Sortable name="calls" view={view} change={change} className="text-right">Calls</Sortable>
								<Sortable name="mean_time" view={view} change={change} className="text-right">Mean time</Sortable>
								<Sortable name="rows" view={view} change={change} className="text-right max-lg:hidden" title="Sort by rows in all">Rows/call</Sortable>
								<Sortable name="reads" view={view} change={change} className="text-right max-lg:hidden" title="Sort by pages read in all">Reads/call</Sortable>
							</tr>
						</thead>
						<tbody className="max-md:block">
							{data.queries.map((row) => (
								<QueryLine key={row.id} row={row} points={view.period === "all" ? [] : lines.get(row.id)} connections={connection === null && connections.length > 1} search={{ c: connection ?? undefined, ...querySearch.write({ period: view.period === "all" ? "month" : view.period }) }} />
							))}
						</tbody>
					</table>
				)}
				{data && data.queries.length > 0 && (
					<footer className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-2 text-xs text-fg-2">
						<p className="tnum">
							{exact(first)}–{exact(first + data.queries.length - 1)} of {exact(data.total)}
							{share !== null && <span className="text-fg-3"> · {share >= 99.95 ? "all" : percent(share)} of the time of all statements</span>}
							{data.previous_from && <span className="text-fg-3 max-sm:hidden"> · changes against {periodWords[view.period].before}</span>}
						</p>
						<div className="ml-auto flex items-center gap-1">
							<Button size="sm" look="quiet" disabled={page <= 1} onClick={() => turn(page - 1)} aria-keyshortcuts="[">
								<ChevronLeft /> Previous
							</Button>
							<span className="tnum px-1">
								{page} / {last}
							</span>
							<Button size="sm" look="quiet" disabled={page >= last} onClick={() => turn(page + 1)} aria-keyshortcuts="]">
								Next <ChevronRight />
							</Button>
						</div>
					</footer>
				)}
			</section>
		</>
	);
}
