import { Link } from "@tanstack/react-router";
import { CornerDownRight, Hourglass, Lock, Play, Timer, type LucideIcon } from "lucide-react";
import { useState } from "react";
import type { SessionState } from "@/api/activity";
import { Sql } from "@/components/sql/SqlBlock";
import { cn } from "@/lib/cn";
import { duration, oneLine } from "@/lib/format";
import { stateWords, type Line } from "./sessions";

const looks: Record<SessionState, { icon: LucideIcon; look: string }> = {
	running: { icon: Play, look: "text-accent-text" },
	waiting: { icon: Hourglass, look: "text-orange" },
	in_transaction: { icon: Timer, look: "text-amber" },
};
const cell = "px-3 py-2 align-top max-md:block max-md:px-0 max-md:py-0";
const LONG = 160;

/* A session. What it waits for, and for whom, is said in words; that it stands below the holder only helps. */
export function SessionLine({ line, connection, database }: { line: Line; connection: number; database: boolean }) {
	const [open, setOpen] = useState(false);
	const { session, depth, holds } = line;
	const { icon: Icon, look } = looks[session.state];
	const text = session.sql_text === null ? null : oneLine(session.sql_text);
	const long = text !== null && text.length > LONG;
	const who = [session.username, session.application, database ? session.database : null].filter(Boolean).join(" · ");
	return (
		<tr className={cn("border-b border-line last:border-0 max-md:grid max-md:grid-cols-[1fr_auto] max-md:gap-x-4 max-md:gap-y-1.5 max-md:px-4 max-md:py-3 md:hover:bg-hover", holds > 0 && "bg-[color-mix(in_oklab,var(--orange)_5%,transparent)]")}>
			<th scope="row" className={cn(cell, "text-left font-normal md:w-[18%] md:!pl-4")}>
				<span className="flex items-start gap-1.5" style={{ paddingLeft: Math.min(depth, 6) * 16 }}>
					{depth > 0 && <CornerDownRight aria-hidden className="mt-0.5 size-3.5 shrink-0 text-orange" />}
					<span className="min-w-0">
						<span className="tnum font-medium">{session.id}</span>
						{who && <span className="block text-2xs break-words text-fg-3">{who}</span>}
					</span>
				</span>
			</th>
			<td className={cn(cell, "whitespace-nowrap max-md:order-none md:w-[19%] md:whitespace-normal")}>
				<span className="inline-flex items-center gap-2">
					<Icon aria-hidden className={cn("size-4 shrink-0", look)} />
					{stateWords[session.state]}
				</span>
				{session.wait && <span className="block pl-6 text-2xs text-fg-2">{session.wait}</span>}
			</td>
			<td className={cn(cell, "tnum whitespace-nowrap max-md:order-last max-md:col-span-2 max-md:text-xs max-md:text-fg-2 md:w-[11%] md:text-right")}>
				<span className="md:sr-only">for </span>
				{session.state === "in_transaction" ? (
					<span title="Since its transaction began">{duration(session.transaction_ms)}</span>
				) : (
					<span title="Since its statement began">{duration(session.query_ms)}</span>
				)}
				{session.state !== "in_transaction" && session.transaction_ms !== null && session.transaction_ms > (session.query_ms ?? 0) * 1.05 + 50 && (
					<span className="block text-2xs text-fg-3 max-md:inline max-md:pl-2">in a transaction for {duration(session.transaction_ms)}</span>
				)}
			</td>
			<td className={cn(cell, "max-w-0 max-md:col-span-2 max-md:max-w-none")}>
				{text === null ? (
					<span className="text-xs text-fg-3 italic">{session.state === "in_transaction" ? "No statement is shown" : "The login may not see its text"}</span>
				) : (
					<code className={cn("mono block text-xs break-words", !open && "line-clamp-2")}>
						<Sql text={text} />
						{session.truncated && "…"}
					</code>
				)}
				<span className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-2xs">
					{session.state === "in_transaction" && text !== null && <span className="text-fg-3">its last statement</span>}
					{holds > 0 && (
						<span className="inline-flex items-center gap-1 font-medium text-orange">
							<Lock aria-hidden className="size-3" /> holds up {holds} {holds === 1 ? "session" : "sessions"}
						</span>
					)}
					{session.blocked_by !== null && <span className="text-fg-2">waits for session {session.blocked_by}</span>}
					{session.query_id !== null && (
						<Link to="/queries/$id" params={{ id: String(session.query_id) }} search={{ c: connection } as never} className="rounded py-1 font-medium text-accent-text hover:underline">
							Its history
						</Link>
					)}
					{long && (
						<button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="rounded py-1 font-medium text-accent-text hover:underline">
							{open ? "Less" : "Whole text"}
						</button>
					)}
					{session.truncated && <span className="text-fg-3">the server cut it off</span>}
				</span>
			</td>
		</tr>
	);
}
