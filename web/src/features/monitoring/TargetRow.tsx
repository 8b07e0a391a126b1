import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, CircleDashed, CirclePause, Clock, EllipsisVertical, Gauge, LoaderCircle, Pause, Play, PlugZap, type LucideIcon } from "lucide-react";
import { useWatch, type Target } from "@/api/monitoring";
import type { Connection } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { engineNames, placeOf } from "@/features/connections/engines";
import { cn } from "@/lib/cn";
import { ago, bytes, compact, duration, exact, fullSentence, fullTime, interval, NONE, until } from "@/lib/format";
import { toast } from "@/lib/toast";
import { cell, CostCell, FailureRow } from "./parts";
import { condition, conditionText, overhead, type Condition } from "./state";

const looks: Record<Condition, { icon: LucideIcon; look: string }> = {
	running: { icon: LoaderCircle, look: "animate-spin text-accent-text" },
	good: { icon: CircleCheck, look: "text-green" },
	new: { icon: Clock, look: "text-accent-text" },
	trouble: { icon: CircleAlert, look: "text-red" },
	stopped: { icon: CirclePause, look: "text-amber" },
	off: { icon: CircleDashed, look: "text-fg-3" },
};
export function ConditionIcon({ state }: { state: Condition }) {
	const { icon: Icon, look } = looks[state];
	return <Icon aria-hidden className={cn("size-4 shrink-0", look)} />;
}
const intervals: readonly (number | null)[] = [null, 10, 60, 300, 900, 3600];

function Actions({ target, connection }: { target: Target; connection: Connection | undefined }) {
	const watch = useWatch();
	const id = target.connection_id;
	const on = target.state !== "unwatched";
	const change = (what: { monitoring_enabled?: boolean; interval_s?: number | null }, said: string) =>
		watch.mutate({ id, change: what }, { onSuccess: () => void toast.success(said), onError: (error) => void toast.error(error.title, { description: fullSentence(error.detail) }) });
	return (
		<Menu>
			<MenuTrigger asChild>
				<Button look="quiet" size="icon-sm" aria-label={`Actions for ${target.connection_name}`} disabled={watch.isPending}>
					{watch.isPending ? <LoaderCircle className="animate-spin" /> : <EllipsisVertical />}
				</Button>
			</MenuTrigger>
			<MenuContent align="end" className="w-56">
				<MenuItem onSelect={() => change({ monitoring_enabled: !on }, on ? `${target.connection_name} is not watched any more` : `${target.connection_name} is watched`)}>
					{on ? <Pause /> : <Play />} {on ? "Pause this one" : "Watch this one"}
				</MenuItem>
				<MenuSeparator />
				<MenuLabel>Read it every</MenuLabel>
				{intervals.map((seconds) => (
					<MenuItem key={seconds ?? 0} onSelect={() => change({ interval_s: seconds }, `${target.connection_name}: every ${seconds === null ? "time the server's configuration says" : interval(seconds)}`)}>
						<span className="flex-1">{seconds === null ? "As configured" : interval(seconds)}</span>
						{(connection?.interval_s ?? null) === seconds && <span className="text-xs text-fg-3">chosen</span>}
					</MenuItem>
				))}
				<MenuSeparator />
				<MenuItem asChild>
					<Link to="/dashboard" search={{ c: id }}>
						<Gauge /> Its load
					</Link>
				</MenuItem>
				<MenuItem asChild>
					<Link to="/connections/$id" params={{ id: String(id) }}>
						<PlugZap /> Connection and its checks
					</Link>
				</MenuItem>
			</MenuContent>
		</Menu>
	);
}

export function TargetRow({ target, connection, now, shares }: { target: Target; connection: Connection | undefined; now: number; shares: number }) {
	const state = condition(target);
	const idle = state === "off";
	return (
		<tbody className="border-b border-line last:border-0 max-md:block max-md:py-2">
			<tr className="max-md:block md:hover:bg-hover">
				<th scope="row" className="px-4 py-2.5 text-left align-top font-normal max-md:flex max-md:items-start max-md:gap-2">
					<span className="min-w-0 flex-1">
						<Link to="/connections/$id" params={{ id: String(target.connection_id) }} className="rounded font-medium break-words hover:text-accent-text">
							{target.connection_name}
						</Link>
						<span className="block text-2xs text-fg-3">
							{connection && (
								<>
									{engineNames[connection.engine] ?? connection.engine} · <span className="mono break-all">{placeOf(connection)}</span>
								</>
							)}
							{shares > 1 && <span className="block">{shares} databases of its server are read together</span>}
						</span>
					</span>
					<span className="md:hidden">
						<Actions target={target} connection={connection} />
					</span>
				</th>
				<td data-label="State" className={cell}>
					<span className="inline-flex items-center gap-2 whitespace-nowrap">
						<ConditionIcon state={state} />
						<span className={cn("tnum", idle && "text-fg-2")}>{conditionText(target, now)}</span>
					</span>
				</td>
				<td data-label="Every" className={cn(cell, "tnum whitespace-nowrap md:text-right")}>
					{interval(target.interval_s)}
				</td>
				<td data-label="Last read" className={cn(cell, "tnum whitespace-nowrap md:text-right")} title={fullTime(target.last_poll_at)}>
					{target.last_poll_at ? ago(target.last_poll_at, now) : NONE}
				</td>
				<td data-label="Statements" className={cn(cell, "tnum md:text-right")}>
					<span>
						<span title={`${exact(target.statements)} statements in the last good read`}>{compact(target.statements)}</span>
						{target.moved !== null && <span className="block text-2xs whitespace-nowrap text-fg-3 max-md:inline max-md:pl-2" title="Statements that ran between the last two reads">{compact(target.moved)} active</span>}
						{!target.complete && <span className="block text-2xs text-amber">more than are read: rankings only</span>}
					</span>
				</td>
				<td data-label="A read takes" className={cn(cell, "tnum whitespace-nowrap md:text-right")}>
					<span>
						{duration(target.duration_ms)}
						{target.bytes !== null && <span className="block text-2xs text-fg-3 max-md:inline max-md:pl-2">{bytes(target.bytes)}</span>}
					</span>
				</td>
				<CostCell waitMs={target.wait_ms} share={overhead(target)} />
				<td className="w-10 py-1.5 pr-2 align-top max-md:hidden">
					<Actions target={target} connection={connection} />
				</td>
			</tr>
			{target.failures > 0 && !idle && (
				<FailureRow columns={8} kind={target.error_kind} error={target.error} failures={target.failures} connection={target.connection_id}>
					{target.state === "waiting" && target.next_poll_at && <> · tried again {until(target.next_poll_at, now)}; the wait doubles with each failure, up to {interval(Math.min(target.interval_s, 900))}</>}
					{target.last_poll_at && <> · last good read {ago(target.last_poll_at, now)}. What was stored stays.</>}
				</FailureRow>
			)}
		</tbody>
	);
}
