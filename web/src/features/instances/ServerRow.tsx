import { Link } from "@tanstack/react-router";
import { ChevronRight, CircleAlert, LoaderCircle, Play, SearchCode } from "lucide-react";
import { useId } from "react";
import type { Member } from "@/api/instances";
import { useWatch } from "@/api/monitoring";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { condition, conditionText, failureTitle } from "@/features/monitoring/state";
import { ConditionIcon } from "@/features/monitoring/TargetRow";
import { cn } from "@/lib/cn";
import { ago, compact, duration, exact, fullSentence, fullTime, NONE, percent } from "@/lib/format";
import { toast } from "@/lib/toast";
import { canFind, engineText, progressOf, type Server } from "./servers";

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

/* Why it cannot be read, in its own words, and the way to the checks, which have what to run there. */
function Failure({ server }: { server: Server }) {
	const { instance, failing } = server;
	const whose = failing?.connection_id ?? instance.connections[0]?.id;
	return (
		<div className="tint-red flex items-start gap-3 px-4 py-3">
			<CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
			<div className="min-w-0 flex-1 text-fg">
				<p className="font-semibold">{failureTitle(failing?.error_kind ?? null)}</p>
				{instance.error && <p className="mt-0.5 max-w-[90ch] break-words text-fg-2">{fullSentence(instance.error)}</p>}
				<p className="mt-1 text-xs text-fg-2">{instance.failures === 1 ? "Failed once" : `Failed ${exact(instance.failures)} times in a row`}. What was stored stays.</p>
			</div>
			{whose !== undefined && (
				<Button size="sm" asChild>
					<Link to="/connections/$id" params={{ id: String(whose) }}>
						Check it
					</Link>
				</Button>
			)}
		</div>
	);
}

function MemberLine({ member }: { member: Member }) {
	const watch = useWatch();
	const start = () =>
		watch.mutate(
			{ id: member.id, change: { monitoring_enabled: true } },
			{ onSuccess: () => void toast.success(`${member.name} is watched`), onError: (error) => void toast.error(error.title, { description: fullSentence(error.detail) }) },
		);
	return (
		<li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2 pr-4 pl-11 last:border-0 max-md:pl-4">
			<span className="min-w-0 flex-1 basis-48">
				<Link to="/connections/$id" params={{ id: String(member.id) }} className="rounded font-medium break-words hover:text-accent-text">
					{member.name}
				</Link>
				<span className="block text-2xs break-all text-fg-3">{member.database ? <span className="mono">{member.database}</span> : "all that its login may see"}</span>
			</span>
			{member.monitoring_enabled ? (
				<Link to="/queries" search={{ c: member.id } as never} className="tnum rounded text-xs text-fg-2 hover:text-accent-text" title={`${exact(member.statements)} statements in the last good read`}>
					{compact(member.statements)} {member.statements === 1 ? "statement" : "statements"}
				</Link>
			) : (
				<>
					<Badge className="tint-amber border-transparent">paused</Badge>
					<Button size="sm" disabled={watch.isPending} onClick={start} aria-label={`Watch ${member.name}`}>
						{watch.isPending ? <LoaderCircle className="animate-spin" /> : <Play />} Watch it
					</Button>
				</>
			)}
		</li>
	);
}

const cell = "px-3 py-2.5 align-top max-md:flex max-md:items-baseline max-md:gap-3 max-md:px-4 max-md:py-1 max-md:before:w-32 max-md:before:shrink-0 max-md:before:text-xs max-md:before:text-fg-3 max-md:before:content-[attr(data-label)]";

export function ServerRow({ server, now, opened, toggle, find }: { server: Server; now: number; opened: boolean; toggle: () => void; find: () => void }) {
	const { instance, name, share } = server;
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
						{exact(members.length)}
						{server.paused > 0 && <span className="block text-2xs whitespace-nowrap text-amber max-md:inline max-md:pl-2">{server.paused === members.length ? "all paused" : `${exact(server.paused)} paused`}</span>}
					</span>
				</td>
				<td data-label="Last read" className={cn(cell, "tnum whitespace-nowrap md:text-right")} title={fullTime(instance.last_poll_at)}>
					{instance.last_poll_at ? ago(instance.last_poll_at, now) : NONE}
				</td>
				<td data-label="Costs the server" className={cn(cell, "tnum md:text-right")}>
					<span title="Time that we waited for the server at the last read, and as a share of the time between two">
						{duration(server.waitMs)}
						{share !== null && (
							<span className={cn("block text-2xs whitespace-nowrap max-md:inline max-md:pl-2", share > 1 ? "font-medium text-amber" : "text-fg-3")}>
								{share > 0 && share < 0.01 ? "under 0.01 %" : percent(share, 2)} of the time
							</span>
						)}
					</span>
				</td>
				<td className="py-2 pr-4 pl-3 text-right align-top max-md:block max-md:px-4 max-md:pt-2 max-md:text-left">
					{canFind(instance) && members.length > 0 && (
						<Button size="sm" onClick={find} aria-label={`Find databases of ${name}`}>
							<SearchCode /> Find databases
						</Button>
					)}
				</td>
			</tr>
			{instance.failures > 0 && state !== "off" && (
				<tr className="max-md:block">
					<td colSpan={6} className="p-0 max-md:block">
						<Failure server={server} />
					</td>
				</tr>
			)}
			<tr id={id} hidden={!opened} className={cn(opened && "max-md:block")}>
				<td colSpan={6} className="border-t border-line bg-inset p-0 max-md:mt-2 max-md:block">
					{opened && (
						<ul aria-label={`Databases of ${name}`}>
							{members.map((member) => (
								<MemberLine key={member.id} member={member} />
							))}
							{members.length === 0 && <li className="px-4 py-2.5 text-xs text-fg-2">Its connections were deleted; nothing is read there any more.</li>}
						</ul>
					)}
				</td>
			</tr>
		</tbody>
	);
}
