/* What is read from each server, how often, what it costs, and what goes wrong. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { CircleCheck, CirclePause, LoaderCircle, Play, PlugZap, RefreshCw, Square, TriangleAlert } from "lucide-react";
import { monitoringStatus, targets as targetsQuery, useMonitoring } from "@/api/monitoring";
import { connections as connectionsQuery } from "@/api/queries";
import type { Connection } from "@/api/types";
import { useConnection } from "@/app/useConnection";
import { Button } from "@/components/ui/button";
import { Figure, Figures } from "@/components/ui/figures";
import { PageTitle } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { ago, compact, duration, exact, fullSentence, fullTime, interval, NONE, percent, until } from "@/lib/format";
import { useNow } from "@/lib/now";
import { toast } from "@/lib/toast";
import { targetSearch } from "@/lib/url";
import { ListPanel, type Heading } from "./parts";
import { arrange, databasesRead, sum } from "./state";
import { MonitoringTabs } from "./Tabs";
import { TargetRow } from "./TargetRow";

function Controls({ running }: { running: boolean }) {
	const start = useMonitoring("start");
	const stop = useMonitoring("stop");
	const trigger = useMonitoring("trigger");
	const busy = start.isPending || stop.isPending || trigger.isPending;
	const told = { onError: (error: { title: string; detail: string }) => void toast.error(error.title, { description: fullSentence(error.detail) }) };
	return (
		<>
			{running ? (
				<Button onClick={() => stop.mutate(undefined, { ...told, onSuccess: () => void toast.success("Monitoring is stopped", { description: "What is being read now is read to its end." }) })} disabled={busy}>
					<Square /> Stop
				</Button>
			) : (
				<Button look="primary" onClick={() => start.mutate(undefined, { ...told, onSuccess: () => void toast.success("Monitoring runs") })} disabled={busy}>
					<Play /> Start
				</Button>
			)}
			<Button
				look={running ? "primary" : "normal"}
				onClick={() => trigger.mutate(undefined, { ...told, onSuccess: () => void toast.success("Every watched server is read now") })}
				disabled={busy || !running}
				title={running ? undefined : "Monitoring is stopped: start it first"}
			>
				{trigger.isPending ? <LoaderCircle className="animate-spin" /> : <RefreshCw />} Read all now
			</Button>
		</>
	);
}

/* One sentence on whether all is well. */
function Verdict({ running, troubled, watched, next, now }: { running: boolean; troubled: number; watched: number; next: string | null; now: number }) {
	const [Icon, look, text] = !running
		? [CirclePause, "tint-amber", "Monitoring is stopped. Nothing is read until it is started; what was stored stays."] as const
		: troubled > 0
			? [TriangleAlert, "tint-red", troubled === watched ? "No target can be read." : `${troubled === 1 ? "One target" : `${troubled} targets`} of ${exact(watched)} cannot be read; the others are.`] as const
			: watched === 0
				? [CirclePause, "tint-amber", "Monitoring runs, but no connection is watched."] as const
				: [CircleCheck, "tint-green", watched === 1 ? "The one target is read as planned." : `All ${exact(watched)} targets are read as planned.`] as const;
	return (
		<p role="status" className={cn("mb-3 flex items-start gap-2.5 rounded-lg border border-line px-4 py-2.5", look)}>
			<Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
			<span className="min-w-0 flex-1 text-fg">
				<strong className="font-semibold">{text}</strong>
			</span>
			{running && next && watched > 0 && (
				// Counts down: not for a screen reader to read out each second.
				<span aria-hidden className="tnum shrink-0 text-fg-2">
					next read {until(next, now)}
				</span>
			)}
		</p>
	);
}

const NO_CONNECTIONS: readonly Connection[] = [];
const headings: readonly Heading[] = [{ text: "Target", words: true }, { text: "State", words: true }, { text: "Every" }, { text: "Last read" }, { text: "Statements" }, { text: "A read takes" }, { text: "Costs the server" }];

export default function MonitoringPage() {
	const now = useNow();
	const navigate = useNavigate();
	const { id: chosen } = useConnection();
	const view = targetSearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const status = useQuery(monitoringStatus());
	const list = useQuery(targetsQuery());
	const connections = useQuery(connectionsQuery()).data ?? NO_CONNECTIONS;
	const change = (next: Partial<typeof view>) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ c: old.c, ...targetSearch.write({ ...view, ...next }) }) as never, replace: true });

	const head = (
		<>
			<PageTitle title="Monitoring" hint="What is read from each server, how often, and what that costs it." actions={status.data && <Controls running={status.data.is_running} />} />
			<MonitoringTabs />
		</>
	);
	const error = (status.data ? null : status.error) ?? (list.data ? null : list.error);
	if (error)
		return (
			<>
				{head}
				<div className="panel">
					<ErrorState error={error} retry={() => { void status.refetch(); void list.refetch(); }} />
				</div>
			</>
		);
	if (!status.data || !list.data) return <>{head}<div className="panel"><Skeleton lines={6} /></div></>;
	if (list.data.total === 0)
		return (
			<>
				{head}
				<div className="panel">
					<Empty icon={PlugZap} title="Nothing to watch yet" action={<Button look="primary" asChild><Link to="/connections/new">Add a connection</Link></Button>}>
						Add a database, and its statistics are read at once, again after a minute, and then at the interval.
					</Empty>
				</div>
			</>
		);

	const all = chosen === null ? list.data.items : list.data.items.filter((target) => target.connection_id === chosen);
	const byId = new Map(connections.map((one) => [one.id, one]));
	const figures = sum(all, byId);
	const shown = arrange(all, view);
	const perServer = databasesRead(list.data.items, byId);
	const off = all.length - figures.watched;
	return (
		<>
			{head}
			<Verdict running={status.data.is_running} troubled={figures.troubled} watched={figures.watched} next={status.data.next_poll_time} now={now} />
			<Figures count={5}>
				<Figure label="Watched" value={exact(figures.watched)} note={`${exact(figures.servers)} ${figures.servers === 1 ? "server" : "servers"}${off > 0 ? `, ${off} not watched` : ""}`} />
				<Figure label="In trouble" value={exact(figures.troubled)} note={figures.troubled === 0 ? "no failures" : "see the reasons below"} tone={figures.troubled > 0 ? "bad" : undefined} />
				<Figure label="Last read" value={status.data.last_poll_time ? ago(status.data.last_poll_time, now) : NONE} title={fullTime(status.data.last_poll_time)} note={`every ${interval(status.data.interval_minutes * 60)} unless set otherwise`} />
				<Figure label="Statements watched" value={compact(figures.statements)} title={exact(figures.statements)} note="in the last good reads" />
				<Figure
					wide
					label="Cost to the servers"
					value={figures.worst === null ? NONE : figures.worst < 0.01 ? "< 0.01 %" : percent(figures.worst, 2)}
					note={figures.worst === null ? "nothing was read yet" : "of its time, the one that pays most"}
					title={`Time that we waited for a server, as a share of the time between two reads; the server that pays most. ${duration(figures.waitMs)} for one read of every server.`}
				/>
			</Figures>
			<ListPanel
				what="target"
				placeholder="Filter by name or error"
				headings={headings}
				shown={shown.length}
				total={all.length}
				note={list.data.total > list.data.items.length ? ` (the first of ${exact(list.data.total)})` : ""}
				view={view}
				change={change}
				states={[
					{ value: "all", label: "All" },
					{ value: "trouble", label: figures.troubled > 0 ? `In trouble ${figures.troubled}` : "In trouble" },
					{ value: "off", label: off > 0 ? `Not watched ${off}` : "Not watched" },
				]}
				searchable={all.length > 4 || view.q !== ""}
				fine={view.q !== "" ? null : view.state === "trouble" ? { title: "Nothing is in trouble", text: "Every watched target was read the last time it was tried." } : { title: "Nothing is left out", text: "Every connection is watched." }}
			>
				{shown.map((target) => (
					<TargetRow key={target.connection_id} target={target} now={now} connection={byId.get(target.connection_id)} shares={target.instance_id === null ? 1 : (perServer.get(target.instance_id)?.size ?? 1)} />
				))}
			</ListPanel>
			<p className="mt-2 px-1 text-2xs text-fg-3">A new target is read at once, then every minute for its first hour, then at its interval. Databases of one server are read together.</p>
		</>
	);
}
