import { Link } from "@tanstack/react-router";
import { ChevronRight, LoaderCircle, Play, SearchCode } from "lucide-react";
import { useId, type ReactNode } from "react";
import type { Member } from "@/api/instances";
import { useWatch } from "@/api/monitoring";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { cell, CostCell, FailureRow } from "@/features/monitoring/parts";
import { condition, conditionText } from "@/features/monitoring/state";
import { ConditionIcon } from "@/features/monitoring/TargetRow";
import { cn } from "@/lib/cn";
import { ago, counted, exact, fullSentence, fullTime, NONE } from "@/lib/format";
import { toast } from "@/lib/toast";
import { canFind, engineText, progressOf, type Database, type Server } from "./servers";

const MOST_LABELS = 4;

function Words({ server }: { server: Server }) {
	const rest = server.labels.length - MOST_LABELS;
	if (server.environments.length === 0 && server.labels.length === 0) return null;
	return (
		<span className="mt-1 flex flex-wrap gap-1">
			{server.environments.map((one) => (
				<Badge key={one} className="max-w-full border-transparent tint-accent">
					<span className="truncate">{one}</span>
				</Badge>
			))}
			{server.labels.slice(0, MOST_LABELS).map((one) => (
				<Badge key={one} className="max-w-full">
					<span className="truncate">{one}</span>
				</Badge>
			))}
			{rest > 0 && (
				<Badge>
					<span title={server.labels.slice(MOST_LABELS).join(", ")}>{rest} more</span>
				</Badge>
			)}
		</span>
	);
}

/* One connection of a database; its name, and with `alone` the database's as well. */
function MemberLine({ member, alone }: { member: Member; alone: boolean }) {
	const watch = useWatch();
	const start = () =>
		watch.mutate(
			{ id: member.id, change: { monitoring_enabled: true } },
			{ onSuccess: () => void toast.success(`${member.name} is watched`), onError: (error) => void toast.error(error.title, { description: fullSentence(error.detail) }) },
		);
	return (
		<div className="flex flex-wrap items-center gap-x-4 gap-y-1">
			<span className="min-w-0 flex-1 basis-48">
				<Link to="/connections/$id" params={{ id: String(member.id) }} className="rounded font-medium break-words hover:text-accent-text">
					{member.name}
				</Link>
				{alone && <span className="block text-2xs break-all text-fg-3">{databaseName(member.database)}</span>}
			</span>
			{member.monitoring_enabled ? (
				<Link to="/queries" search={{ c: member.id } as never} className="tnum rounded text-xs text-fg-2 hover:text-accent-text" title={`${exact(member.statements)} statements in the last good read`}>
					{counted(member.statements, "statement")}
				</Link>
			) : (
				<>
					<Badge className="tint-amber border-transparent">paused</Badge>
					<Button size="sm" disabled={watch.isPending} onClick={start} aria-label={`Watch ${member.name}`}>
						{watch.isPending ? <LoaderCircle className="animate-spin" /> : <Play />} Watch it
					</Button>
				</>
			)}
		</div>
	);
}

const databaseName = (name: string): ReactNode => (name ? <span className="mono">{name}</span> : "all that its login may see");

function DatabaseLine({ database }: { database: Database }) {
	const [first, ...others] = database.members;
	return (
		<li className="border-b border-line py-2 pr-4 pl-10 last:border-0 max-md:pl-4">
			{others.length > 0 && (
				<p className="text-2xs break-all text-fg-3">
					{databaseName(database.name)}, {exact(database.members.length)} connections
				</p>
			)}
			{first && <MemberLine member={first} alone={others.length === 0} />}
			{others.map((member) => (
				<MemberLine key={member.id} member={member} alone={false} />
			))}
		</li>
	);
}

export function ServerRow({ server, now, opened, toggle, find }: { server: Server; now: number; opened: boolean; toggle: () => void; find: () => void }) {
	const { instance, name, databases } = server;
	const id = useId();
	const progress = progressOf(instance);
	const state = condition(progress);
	const members = instance.connections;
	return (
		<tbody className="border-b border-line last:border-0 max-md:block max-md:py-2">
			<tr className="max-md:block md:hover:bg-hover">
				<th scope="row" className="px-4 py-2.5 text-left align-top font-normal max-md:block">
					<button type="button" aria-expanded={opened} aria-controls={id} onClick={toggle} className="flex w-full items-start gap-2 rounded text-left font-medium hover:text-accent-text">
						<ChevronRight aria-hidden className={cn("mt-0.5 size-4 shrink-0 text-fg-3 transition-transform", opened && "rotate-90")} />
						<span className="min-w-0 break-all">{name}</span>
					</button>
					<span className="block pl-6 text-2xs break-words text-fg-3">
						{engineText(instance)}
						<Words server={server} />
					</span>
				</th>
				<td data-label="State" className={cell}>
					<span className="inline-flex items-center gap-2 whitespace-nowrap">
						<ConditionIcon state={state} />
						<span className={cn("tnum", state === "off" && "text-fg-2")}>{conditionText(progress, now)}</span>
					</span>
				</td>
				<td data-label="Databases" className={cn(cell, "tnum md:text-right")}>
					<span>
						{exact(databases.length)}
						{server.paused > 0 && <span className="block text-2xs whitespace-nowrap text-amber max-md:inline max-md:pl-2">{server.paused === databases.length ? "all paused" : `${exact(server.paused)} paused`}</span>}
					</span>
				</td>
				<td data-label="Last read" className={cn(cell, "tnum whitespace-nowrap md:text-right")} title={fullTime(instance.last_poll_at)}>
					{instance.last_poll_at ? ago(instance.last_poll_at, now) : NONE}
				</td>
				<CostCell waitMs={server.waitMs} share={server.share} />
				<td className="py-2 pr-4 pl-3 text-right align-top max-md:block max-md:px-4 max-md:pt-2 max-md:text-left">
					{canFind(instance) && members.length > 0 && (
						<Button size="sm" onClick={find} aria-label={`Find databases of ${name}`}>
							<SearchCode /> Find databases
						</Button>
					)}
				</td>
			</tr>
			{instance.failures > 0 && state !== "off" && (
				<FailureRow columns={6} kind={server.failing?.error_kind ?? null} error={instance.error} failures={instance.failures} connection={server.failing?.connection_id ?? instance.connections[0]?.id}>
					. What was stored stays.
				</FailureRow>
			)}
			<tr id={id} hidden={!opened} className={cn(opened && "max-md:block")}>
				<td colSpan={6} className="border-t border-line bg-inset p-0 max-md:mt-2 max-md:block">
					{opened && (
						<ul aria-label={`Databases of ${name}`}>
							{databases.map((one) => (
								<DatabaseLine key={one.name} database={one} />
							))}
							{members.length === 0 && <li className="px-4 py-2.5 text-xs text-fg-2">Its connections were deleted; nothing is read there any more.</li>}
						</ul>
					)}
				</td>
			</tr>
		</tbody>
	);
}
