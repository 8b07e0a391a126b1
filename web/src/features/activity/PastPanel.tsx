import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { EyeOff, Hourglass } from "lucide-react";
import { useMemo } from "react";
import { activityPast, type ActivityShare, type Capabilities } from "@/api/activity";
import type { Connection } from "@/api/types";
import { ChartFrame } from "@/components/charts/ChartFrame";
import { Sql } from "@/components/sql/SqlBlock";
import { CopyButton } from "@/components/ui/copy";
import { Panel } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Segmented } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { interval, oneLine } from "@/lib/format";
import { spanHours, spanWords } from "@/lib/url";
import { meanText, stackOf, stateWords } from "./sessions";

export const activitySpans = ["1h", "6h", "24h", "7d"] as const;
export type ActivitySpan = (typeof activitySpans)[number];
const SETTING = "MONITORING_ACTIVITY_SECONDS=5";
const MOST = 12;

/* How to have a past: why there is none yet, and the one line that changes it. */
function Off({ has }: { has: boolean }) {
	if (has)
		return (
			<p className="border-b border-line px-4 py-2.5 text-fg-2">
				<strong className="font-semibold text-fg">Nobody looks any more:</strong> MONITORING_ACTIVITY_SECONDS is 0 since the last start. What was seen before is shown.
			</p>
		);
	return (
		<Empty icon={EyeOff} title="Nobody looks while this page is closed" className="py-8" action={<CopyButton text={SETTING} label="Copy the setting" size="md" />}>
			MONITORING_ACTIVITY_SECONDS is 0. Start sqlopt with <code className="mono rounded bg-inset px-1 text-xs whitespace-nowrap">{SETTING}</code> (or <code className="mono rounded bg-inset px-1 text-xs whitespace-nowrap">--monitoring-activity-seconds 5</code>), and it looks at the sessions of each watched database every 5 seconds and keeps the minutes: who ran, who waited, and for what.
		</Empty>
	);
}

function Share({ share, most, connection }: { share: ActivityShare; most: number; connection: number }) {
	const text = share.sql_text === null ? null : oneLine(share.sql_text);
	return (
		<li className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-0.5 border-b border-line px-4 py-2 last:border-0 sm:grid-cols-[minmax(0,1fr)_13rem_9rem]">
			<span className="min-w-0 max-sm:col-span-2">
				{text !== null && share.query_id !== null ? (
					<Link to="/queries/$id" params={{ id: String(share.query_id) }} search={{ c: connection } as never} title={text} className="mono block truncate rounded text-xs">
						<Sql text={text} />
					</Link>
				) : (
					<span className="text-xs text-fg-3 italic">{share.query_id === null ? "Statements that are not watched" : "A statement that is gone"}</span>
				)}
			</span>
			<span className="min-w-0 text-xs break-words text-fg-2">{share.wait ? `Waiting: ${share.wait}` : share.state === "in_transaction" ? "In transaction, idle" : stateWords[share.state]}</span>
			<span className="flex items-center justify-end gap-2" title="Mean number of sessions over the whole time">
				<span aria-hidden className="h-1.5 w-16 overflow-hidden rounded-full bg-hover">
					<span className={cn("block h-full min-w-px rounded-full", share.state === "running" ? "bg-bar" : share.state === "waiting" ? "bg-[var(--s2)]" : "bg-[var(--s5)]")} style={{ width: `${Math.min((share.sessions / most) * 100, 100)}%` }} />
				</span>
				<span className="tnum w-12 text-right text-xs">{meanText(share.sessions)}</span>
			</span>
		</li>
	);
}

/* The minutes behind: how many sessions ran, waited, or idled in a transaction, and who they were. */
export function PastPanel({ connection, can, span, choose }: { connection: Connection; can: Capabilities; span: ActivitySpan; choose: (span: ActivitySpan) => void }) {
	const query = useQuery(activityPast(connection.id, spanHours[span]));
	const past = query.data;
	const stack = useMemo(() => (past ? stackOf(past) : null), [past]);
	const off = can.activity_s === 0;
	const has = (stack?.looked ?? 0) > 0;
	return (
		<Panel
			title="The time behind"
			hint={off ? undefined : `looked at every ${interval(can.activity_s)}`}
			className="mb-3 overflow-hidden"
			actions={(!off || has) && <Segmented label="Range" value={span} onChange={choose} options={activitySpans.map((value) => ({ value, label: value.replace(/(\d+)/, "$1 "), title: `The last ${spanWords[value]}` }))} />}
		>
			{query.isPending && <Skeleton lines={4} />}
			{query.isError && !past && <ErrorState error={query.error} retry={() => void query.refetch()} />}
			{past && off && <Off has={has} />}
			{past && !off && !has && (
				<Empty icon={Hourglass} title={`Nobody looked in the last ${spanWords[span]}`} className="py-8">
					{connection.monitoring_enabled ? "The first minute is written when it is over." : "Only watched connections are looked at: switch on monitoring of this one under Targets."}
				</Empty>
			)}
			{past && stack && has && (
				<>
					<div className={cn("p-4 pb-2.5", query.isPlaceholderData && "opacity-60")}>
						<ChartFrame
							label={`Sessions, last ${spanWords[span]}`}
							height={220}
							data={{ points: stack.points, step: past.step_s * 1000, unit: "count", series: stack.series }}
							extra={<>Mean number of sessions, by {interval(past.step_s)}. Where there is none, nobody looked.</>}
						/>
					</div>
					{past.shares.length > 0 && (
						<>
							<h3 className="border-t border-line px-4 pt-3 pb-1 text-xs font-medium text-fg-2">Who it was, most first</h3>
							<ol aria-label="Who it was">
								{past.shares.slice(0, MOST).map((share, index) => (
									<Share key={index} share={share} most={past.shares[0]?.sessions || 1} connection={connection.id} />
								))}
							</ol>
							{past.shares.length > MOST && <p className="border-t border-line px-4 py-2 text-2xs text-fg-3">and {past.shares.length - MOST} more with less</p>}
						</>
					)}
				</>
			)}
		</Panel>
	);
}
