import { Link } from "@tanstack/react-router";
import { CircleAlert, Sparkle, TrendingUp } from "lucide-react";
import type { QueryRow } from "@/api/history";
import { Sparkline } from "@/components/charts/Sparkline";
import { Sql } from "@/components/sql/SqlBlock";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/lib/cn";
import { compact, duration, exact, factorText, NONE, oneLine, percent } from "@/lib/format";
import { NOTABLE, perCall, slower } from "./words";

const cell = "px-3 py-2.5 align-top max-md:min-w-0 max-md:px-0 max-md:py-0 max-md:before:block max-md:before:text-2xs max-md:before:text-fg-3 max-md:before:content-[attr(data-label)]";

/* A change against the period before. Colour only for what is worse and large; the sign says it, too. */
function Change({ factor, title, bad }: { factor: number | null; title: string; bad?: boolean }) {
	if (factor === null) return null;
	return (
		<span className={cn("tnum block text-2xs whitespace-nowrap ", bad && factor >= NOTABLE ? "font-medium text-orange" : "text-fg-3")} title={title}>
			{bad && factor >= NOTABLE && "▲ "}
			{factorText(factor)}
		</span>
	);
}

export function QueryLine({ row, points, connections, search }: { row: QueryRow; points: readonly (number | null)[] | undefined; connections: boolean; search: Record<string, unknown> }) {
	const share = row.load_share * 100;
	const bad = slower(row);
	const was = (value: number | null, write: (value: number) => string) => (value === null ? "" : `${write(value)} in the period before`);
	return (
		<tr className="border-b border-line last:border-0 max-md:grid max-md:grid-cols-3 max-md:gap-x-4 max-md:gap-y-2 max-md:px-4 max-md:py-3 md:hover:bg-hover">
			<th scope="row" className="max-w-0 px-4 py-2.5 text-left align-top font-normal max-md:col-span-3 max-md:max-w-none max-md:p-0 md:w-[42%]">
				{row.other ? (
					<span className="block text-xs text-fg-2 italic">All statements that were not kept singly</span>
				) : (
					<Link to="/queries/$id" params={{ id: String(row.id) }} search={search as never} data-row="" title={row.sql_text} className="mono block truncate rounded text-xs max-md:break-words max-md:whitespace-normal max-md:[display:-webkit-box] max-md:[-webkit-box-orient:vertical] max-md:[-webkit-line-clamp:3]">
						<Sql text={oneLine(row.sql_text)} />
						{row.sql_cut && "…"}
					</Link>
				)}
				<span className="mt-1 flex flex-wrap items-center gap-1.5 text-2xs text-fg-3">
					{row.regressed ? (
						<Badge className="tint-red border-transparent"><TrendingUp aria-hidden className="size-2.5" /> regressed</Badge>
					) : (
						row.findings > 0 && <Badge className="tint-amber border-transparent"><CircleAlert aria-hidden className="size-2.5" /> {row.findings} {row.findings === 1 ? "finding" : "findings"}</Badge>
					)}
					{row.is_new && <Badge className="tint-violet border-transparent"><Sparkle aria-hidden className="size-2.5" /> new</Badge>}
					{connections && <span className="truncate">{row.connection_name}</span>}
				</span>
			</th>
			<td data-label="Load" className={cell}>
				<span className="flex items-center gap-2 max-md:[&>span:last-child]:text-left" title={`${percent(share, 2)} of all time on the connections shown`}>
					<span aria-hidden className="h-1.5 w-16 shrink-0 max-md:hidden overflow-hidden rounded-full bg-hover">
						<span className="block h-full min-w-px rounded-full bg-bar" style={{ width: `${Math.min(share, 100)}%` }} />
					</span>
					<span className="tnum min-w-13 text-right text-xs whitespace-nowrap max-md:text-sm">{share > 0 && share < 0.1 ? "< 0.1" : share.toFixed(1)} %</span>
				</span>
			</td>
			<td data-label="Trend" className={cn(cell, "max-md:order-last md:!px-2")}>
				{points ? <Sparkline points={points} bad={bad} /> : <span aria-hidden className="block h-6 w-24" />}
			</td>
			<td data-label="Time" className={cn(cell, "tnum whitespace-nowrap md:text-right")}>
				<span>
					<span title={`${exact(row.total_ms)} ms`}>{duration(row.total_ms)}</span>
					<Change factor={row.load_change} title={was(row.previous_total_ms, duration)} />
				</span>
			</td>
			<td data-label="Calls" className={cn(cell, "tnum whitespace-nowrap md:text-right")}>
				<span title={`${exact(row.calls)} calls`}>{compact(row.calls)}</span>
			</td>
			<td data-label="Mean time" className={cn(cell, "tnum whitespace-nowrap md:text-right")}>
				<span>
					<span title={`${exact(row.mean_ms)} ms`}>{duration(row.mean_ms)}</span>
					<Change factor={row.mean_change} title={was(row.previous_mean_ms, duration)} bad />
				</span>
			</td>
			<td data-label="Rows a call" className={cn(cell, "tnum whitespace-nowrap md:text-right max-lg:hidden")} title={`${exact(row.rows)} rows in all`}>
				{compact(perCall(row.rows, row.calls))}
			</td>
			<td data-label="Reads a call" className={cn(cell, "tnum whitespace-nowrap md:text-right max-lg:hidden")} title={row.reads === null ? "This engine does not count them for each statement" : `${exact(row.reads)} pages read in all`}>
				{row.reads === null ? NONE : compact(perCall(row.reads, row.calls))}
			</td>
		</tr>
	);
}
