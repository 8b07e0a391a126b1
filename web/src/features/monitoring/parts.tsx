/* What the lists of targets and of servers are made of. */
import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { SearchBox } from "@/components/ui/search";
import { Empty } from "@/components/ui/states";
import { Segmented } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { capital, duration, exact, fullSentence, percent } from "@/lib/format";
import { failureTitle } from "./state";

interface Shown<S extends string> {
	q: string;
	state: S;
}

/* A heading is of numbers (to the right), unless it says otherwise. */
export interface Heading {
	text: string;
	words?: boolean;
}

/* A list with its filters and headings; what stands there when nothing matches. `total`: how many there are when no filter is set. `fine`: what it means that nothing is left, if that is no failure of the filter. */
export function ListPanel<S extends string>({ what, placeholder, headings, shown, total, note, view, change, states, searchable, fine, children, footer }: {
	/* one of them: "target" */
	what: string;
	placeholder: string;
	headings: readonly Heading[];
	shown: number;
	total: number;
	note?: string;
	view: Shown<S>;
	change: (next: Partial<Shown<S>>) => void;
	states: readonly { value: S; label: string }[];
	searchable: boolean;
	fine: { title: string; text: string } | null;
	children: ReactNode;
	footer?: ReactNode;
}) {
	const title = capital(`${what}s`);
	return (
		<section aria-label={title} className="panel overflow-hidden">
			<header className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
				<h2 className="text-sm font-semibold">{title}</h2>
				<p className="text-xs text-fg-3">
					{shown === total ? exact(total) : `${exact(shown)} of ${exact(total)}`}
					{note}
				</p>
				<div className="ml-auto flex flex-wrap items-center gap-2 max-sm:w-full">
					<Segmented label="Which" value={view.state} onChange={(state) => change({ state } as Partial<Shown<S>>)} options={states} />
					{searchable && <SearchBox slash label={`Filter ${what}s`} placeholder={placeholder} value={view.q} onChange={(q) => change({ q } as Partial<Shown<S>>)} />}
				</div>
			</header>
			{shown === 0 ? (
				<Empty icon={fine ? CircleCheck : SearchX} tone={fine ? "good" : "plain"} title={fine?.title ?? `No such ${what}`} action={<Button onClick={() => change({ q: "", state: "all" as S })}>Show all</Button>}>
					{fine?.text ?? "The filter matches none of them."}
				</Empty>
			) : (
				<table className="w-full text-sm max-md:block">
					<thead className="border-b border-line text-xs text-fg-2 max-md:hidden">
						<tr className="[&>th]:px-3 [&>th]:py-2 [&>th]:font-medium">
							{headings.map(({ text, words }, index) => (
								<th key={text} scope="col" className={cn(index === 0 && "!px-4", words ? "text-left" : "text-right")}>
									{text}
								</th>
							))}
							<td />
						</tr>
					</thead>
					{children}
				</table>
			)}
			{footer}
		</section>
	);
}

/* A cell of such a list: on a small screen a line with its heading before it. */
export const cell = "px-3 py-2.5 align-top max-md:flex max-md:items-baseline max-md:gap-3 max-md:px-4 max-md:py-1 max-md:before:w-32 max-md:before:shrink-0 max-md:before:text-xs max-md:before:text-fg-3 max-md:before:content-[attr(data-label)]";

/* What one read cost the server: the time that we waited for it, and its share of the time between two, in percent. */
export function CostCell({ waitMs, share }: { waitMs: number | null; share: number | null }) {
	return (
		<td data-label="Costs the server" className={cn(cell, "tnum md:text-right")}>
			<span title="Time that we waited for the server at the last read, and as a share of the time between two">
				{duration(waitMs)}
				{share !== null && (
					<span className={cn("block text-2xs whitespace-nowrap max-md:inline max-md:pl-2", share > 1 ? "font-medium text-amber" : "text-fg-3")}>
						{share > 0 && share < 0.01 ? "under 0.01 %" : percent(share, 2)} of the time
					</span>
				)}
			</span>
		</td>
	);
}

/* Why something cannot be read, in the server's words, and the way to the checks, which have what to run there. */
export function FailureRow({ columns, kind, error, failures, connection, children }: { columns: number; kind: string | null; error: string | null; failures: number; connection: number | undefined; children?: ReactNode }) {
	return (
		<tr className="max-md:block">
			<td colSpan={columns} className="p-0 max-md:block">
				<div className="tint-red flex items-start gap-3 px-4 py-3">
					<CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
					<div className="min-w-0 flex-1 text-fg">
						<p className="font-semibold">{failureTitle(kind)}</p>
						{error && <p className="mt-0.5 max-w-[90ch] break-words text-fg-2">{fullSentence(error)}</p>}
						<p className="mt-1 text-xs text-fg-2">
							{failures === 1 ? "Failed once" : `Failed ${exact(failures)} times in a row`}
							{children}
						</p>
					</div>
					{connection !== undefined && (
						<Button size="sm" asChild>
							<Link to="/connections/$id" params={{ id: String(connection) }}>
								Check it
							</Link>
						</Button>
					)}
				</div>
			</td>
		</tr>
	);
}
