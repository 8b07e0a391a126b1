/* Who runs and who waits: now, and in the minutes behind. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { CircleCheck, Coffee, EyeOff, Lock, Pause, Play, PlugZap } from "lucide-react";
import { useState, type ReactNode } from "react";
import { activityNow, capabilities, type Activity, type SessionState } from "@/api/activity";
import { ApiError } from "@/api/client";
import { connections as connectionsQuery } from "@/api/queries";
import type { Connection, Engine } from "@/api/types";
import { useConnection } from "@/app/useConnection";
import { Button } from "@/components/ui/button";
import { PageTitle, Panel } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Segmented } from "@/components/ui/tabs";
import { engineNames, placeOf } from "@/features/connections/engines";
import { MonitoringTabs } from "@/features/monitoring/Tabs";
import { cn } from "@/lib/cn";
import { ago, duration, exact } from "@/lib/format";
import { useNow } from "@/lib/now";
import { activitySearch } from "@/lib/url";
import { PastPanel } from "./PastPanel";
import { SessionLine } from "./SessionLine";
import { arrange, count, stateWords, worstHolder } from "./sessions";

const states: readonly SessionState[] = ["running", "waiting", "in_transaction"];
/* What lets a login see the sessions of others. */
const rights: Partial<Record<Engine, string>> = {
	postgresql: "GRANT pg_read_all_stats TO ",
	mysql: "GRANT PROCESS ON *.* TO ",
	mariadb: "GRANT PROCESS ON *.* TO ",
	mssql: "GRANT VIEW SERVER STATE TO ",
	oracle: "GRANT SELECT_CATALOG_ROLE TO ",
};

/* One sentence: is anybody held up, and by whom. */
function Verdict({ activity }: { activity: Activity }) {
	const lines = arrange(activity.sessions, "all");
	const worst = worstHolder(lines);
	const held = lines.filter((line) => line.depth > 0).length;
	const [Icon, look, text] =
		worst !== null
			? [Lock, "tint-orange", `${held === 1 ? "One session waits" : `${exact(held)} sessions wait`} for a lock; session ${worst.session.id} holds ${held === worst.holds ? (held === 1 ? "it" : "all of them") : worst.holds} up.`] as const
			: activity.sessions.some((session) => session.blocked_by !== null)
				? [Lock, "tint-orange", "Sessions wait for a lock that somebody holds who is not shown here."] as const
				: [CircleCheck, "tint-green", activity.sessions.length === 0 ? "Nothing runs and nobody waits." : "Nobody waits for another session."] as const;
	return (
		<p role="status" className={cn("mb-3 flex items-start gap-2.5 rounded-lg border border-line px-4 py-2.5", look)}>
			<Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
			<strong className="min-w-0 flex-1 font-semibold text-fg">
				{text}
				{worst?.session.state === "in_transaction" && <span className="font-normal"> It does nothing, with its transaction open for {duration(worst.session.transaction_ms)}.</span>}
			</strong>
		</p>
	);
}

function Hidden({ activity, connection }: { activity: Activity; connection: Connection }) {
	const right = rights[connection.engine];
	return (
		<>
			{activity.hidden > 0 && (
				<p className="border-t border-line px-4 py-2.5 text-xs text-fg-2">
					<EyeOff aria-hidden className="mr-1.5 inline size-3.5 align-[-2px]" />
					{activity.hidden === 1 ? "One session of another user is hidden" : `${exact(activity.hidden)} sessions of other users are hidden`} from this login.
					{right && (
						<>
							{" "}
							To see them: <code className="mono text-2xs break-all">{right + (connection.username || "the login")}</code>
						</>
					)}
				</p>
			)}
			{activity.truncated && <p className="border-t border-line px-4 py-2.5 text-xs text-fg-2">There are more: the {exact(activity.sessions.length)} longest are shown.</p>}
		</>
	);
}

function NowPanel({ connection, only, choose }: { connection: Connection; only: SessionState | "all"; choose: (only: SessionState | "all") => void }) {
	const [live, setLive] = useState(true);
	const query = useQuery(activityNow(connection.id, live));
	const clock = useNow();
	const activity = query.data;
	const lines = activity ? arrange(activity.sessions, only) : [];
	const databases = new Set(activity?.sessions.map((session) => session.database)).size > 1;
	const failed = query.error && !activity;
	return (
		<>
			{activity && <Verdict activity={activity} />}
			<section aria-label="Sessions now" className="panel mb-3 overflow-hidden">
				<header className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
					<h2 className="text-sm font-semibold">Now</h2>
					{activity && (
						// Counts each second: not for a screen reader to read out.
						<p aria-hidden className={cn("tnum text-xs", query.isError ? "text-amber" : "text-fg-3")}>
							{query.isError ? `could not be read again; seen ${ago(new Date(query.dataUpdatedAt).toISOString(), clock)}` : live ? "every 2 s" : `as it was ${duration(Math.max(Math.round((clock - query.dataUpdatedAt) / 1000), 0) * 1000)} ago`}
						</p>
					)}
					<div className="ml-auto flex flex-wrap items-center gap-2 max-sm:w-full">
						<Segmented
							label="Which"
							value={only}
							onChange={choose}
							options={[
								{ value: "all" as const, label: "All" },
								...states.map((state) => ({ value: state, label: `${stateWords[state]}${activity && count(activity.sessions, state) > 0 ? ` ${count(activity.sessions, state)}` : ""}` })),
							]}
						/>
						<Button size="sm" aria-pressed={!live} onClick={() => setLive(!live)}>
							{live ? <Pause /> : <Play />} {live ? "Hold" : "Go on"}
						</Button>
					</div>
				</header>
				{query.isPending && <Skeleton lines={4} />}
				{failed && <ErrorState error={query.error} retry={query.error instanceof ApiError && query.error.status === 501 ? undefined : () => void query.refetch()} />}
				{activity && lines.length === 0 && (
					<Empty icon={Coffee} tone="good" title={activity.sessions.length === 0 ? "No session does anything" : `No session is ${stateWords[only as SessionState].toLowerCase()}`} className="py-8">
						{activity.sessions.length === 0 ? "Sessions that only stay connected are not shown, nor are our own." : "The filter leaves none of them."}
					</Empty>
				)}
				{lines.length > 0 && (
					<table className="w-full table-fixed text-sm max-md:block">
						<thead className="border-b border-line text-xs text-fg-2 max-md:hidden">
							<tr className="[&>th]:px-3 [&>th]:py-2 [&>th]:text-left [&>th]:font-medium">
								<th scope="col" className="w-[18%] !pl-4">Session</th>
								<th scope="col" className="w-[19%]">Does</th>
								<th scope="col" className="w-[11%] !text-right">For</th>
								<th scope="col">Statement, without its values</th>
							</tr>
						</thead>
						<tbody className="max-md:block">
							{lines.map((line) => (
								<SessionLine key={line.session.id} line={line} connection={connection.id} database={databases} />
							))}
						</tbody>
					</table>
				)}
				{activity && <Hidden activity={activity} connection={connection} />}
			</section>
		</>
	);
}

function Choose({ all, select }: { all: readonly Connection[]; select: (id: number) => void }) {
	return (
		<Panel title="Whose sessions?" hint="Each look is a question to one database">
			<ul>
				{all.map((connection) => (
					<li key={connection.id} className="border-b border-line last:border-0">
						<button type="button" onClick={() => select(connection.id)} className="block w-full px-4 py-2.5 text-left hover:bg-hover focus-visible:-outline-offset-2">
							<span className="block font-medium">{connection.name}</span>
							<span className="block text-2xs text-fg-3">
								{engineNames[connection.engine] ?? connection.engine} · <span className="mono break-all">{placeOf(connection)}</span>
							</span>
						</button>
					</li>
				))}
			</ul>
		</Panel>
	);
}

export default function ActivityPage() {
	const navigate = useNavigate();
	const { id, one, all, pending, select } = useConnection();
	const failure = useQuery(connectionsQuery());
	const can = useQuery(capabilities());
	const view = activitySearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const change = (next: Partial<typeof view>) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ c: old.c, ...activitySearch.write({ ...view, ...next }) }) as never, replace: true });
	const connection = one ?? (id === null && all.length === 1 ? (all[0] ?? null) : null);
	const page = (content: ReactNode) => (
		<>
			<PageTitle title="Activity" hint={connection ? `What the sessions of ${connection.name} do, and what they wait for.` : "What the sessions of a database do, and what they wait for."} />
			<MonitoringTabs />
			{content}
		</>
	);
	const error = can.error ?? (failure.data ? null : failure.error);
	if (error) return page(<div className="panel"><ErrorState error={error} retry={() => { void can.refetch(); void failure.refetch(); }} /></div>);
	if (pending || !can.data) return page(<div className="panel"><Skeleton lines={5} /></div>);
	if (all.length === 0)
		return page(
			<div className="panel">
				<Empty icon={PlugZap} title="Nothing to look at yet" action={<Button look="primary" asChild><Link to="/connections/new">Add a connection</Link></Button>}>
					Add a database to see what its sessions do.
				</Empty>
			</div>,
		);
	if (!connection) return page(id === null ? <Choose all={all} select={select} /> : <div className="panel"><Empty icon={PlugZap} title={`There is no connection #${id}`} action={<Button onClick={() => select(null)}>Show all</Button>}>It may have been deleted.</Empty></div>);
	const engine = can.data.engines.find((one) => one.name === connection.engine);
	if (engine && !engine.activity)
		return page(
			<div className="panel">
				<Empty icon={EyeOff} title={`${engineNames[connection.engine] ?? connection.engine} has no sessions to look at`}>
					A file has no server that could tell who uses it. Its programs can: what they run is found by their own logs.
				</Empty>
			</div>,
		);
	return page(
		<>
			<NowPanel connection={connection} only={view.state} choose={(state) => change({ state })} />
			<PastPanel connection={connection} can={can.data} span={view.span} choose={(span) => change({ span })} />
		</>,
	);
}
