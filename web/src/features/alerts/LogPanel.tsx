import { useQuery } from "@tanstack/react-query";
import { Ban, BellOff, CircleAlert, CircleCheck, Clock, Layers, type LucideIcon } from "lucide-react";
import { deliveries, LOG_PAGE, type Channel, type Delivery } from "@/api/alerts";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Segmented } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { ago, exact, fullSentence, fullTime, sentence, until } from "@/lib/format";
import { useNow } from "@/lib/now";
import type { alertSearch } from "@/lib/url";

type View = ReturnType<typeof alertSearch.parse>;
const looks: Record<Delivery["state"], { icon: LucideIcon; look: string; word: string }> = {
	queued: { icon: Clock, look: "text-accent-text", word: "Waiting" },
	sent: { icon: CircleCheck, look: "text-green", word: "Sent" },
	failed: { icon: CircleAlert, look: "text-red", word: "Given up" },
	held: { icon: Layers, look: "text-amber", word: "Held back" },
	summed: { icon: Layers, look: "text-fg-3", word: "Told in a sum" },
};

function Line({ one, channel, now }: { one: Delivery; channel: string; now: number }) {
	const { icon: Icon, look, word } = looks[one.state];
	return (
		<li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 last:border-0 sm:grid-cols-[minmax(0,1fr)_11rem_8rem]">
			<div className="min-w-0 max-sm:col-span-2">
				<p className="break-words">{one.title}</p>
				<p className="text-2xs text-fg-3">
					{sentence(one.event)} · to {channel}
				</p>
				{one.error && one.state !== "sent" && <p className="mt-0.5 text-xs break-words text-fg-2">{fullSentence(one.error)}</p>}
			</div>
			<div className="min-w-0">
				<span className="inline-flex items-center gap-2">
					<Icon aria-hidden className={cn("size-4 shrink-0", look)} />
					{word}
				</span>
				<p className="pl-6 text-2xs text-fg-3">
					{one.attempts === 0 ? "not tried yet" : one.attempts === 1 ? "tried once" : `tried ${one.attempts} times`}
					{one.next_attempt_at && `, again ${until(one.next_attempt_at, now)}`}
				</p>
			</div>
			<time dateTime={one.created_at} title={fullTime(one.created_at)} className="tnum text-right text-xs text-fg-2">
				{ago(one.created_at, now)}
			</time>
		</li>
	);
}

/* What was sent, what waits, and what was given up. */
export function LogPanel({ channels, view, change }: { channels: readonly Channel[]; view: View; change: (next: Partial<View>) => void }) {
	const page = view.page ?? 1;
	const query = useQuery(deliveries(view.state, page));
	const now = useNow(5_000);
	const total = query.data?.total ?? 0;
	const from = (page - 1) * LOG_PAGE;
	return (
		<Panel
			title="What was told"
			hint={query.data ? exact(total) : undefined}
			className="mt-3 overflow-hidden"
			actions={
				<div className="scroll-thin max-w-full overflow-x-auto">
				<Segmented
					label="Which"
					value={view.state}
					onChange={(state) => change({ state, page: null })}
					options={[
						{ value: "all", label: "All" },
						{ value: "queued", label: "Waiting" },
						{ value: "failed", label: "Given up" },
						{ value: "held", label: "Held back" },
						{ value: "sent", label: "Sent" },
					]}
				/>
				</div>
			}
		>
			{query.isPending && <Skeleton lines={3} />}
			{query.isError && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
			{query.data && query.data.items.length === 0 && (
				<Empty icon={view.state === "all" ? BellOff : Ban} title={view.state === "all" ? "Nothing was told yet" : "None of these"} className="py-8">
					{view.state === "all" ? "As soon as a rule has something to tell, it stands here: what, to whom, and whether it arrived." : "No message is in this state."}
				</Empty>
			)}
			{query.data && query.data.items.length > 0 && (
				<ul className={cn(query.isPlaceholderData && "opacity-60")}>
					{query.data.items.map((one) => (
						<Line key={one.id} one={one} now={now} channel={channels.find((channel) => channel.id === one.channel_id)?.name ?? `receiver #${one.channel_id}`} />
					))}
				</ul>
			)}
			{total > LOG_PAGE && (
				<footer className="flex items-center justify-end gap-2 border-t border-line px-4 py-2 text-xs text-fg-2">
					<span className="tnum mr-auto">
						{exact(from + 1)}–{exact(Math.min(from + LOG_PAGE, total))} of {exact(total)}
					</span>
					<Button size="sm" disabled={page <= 1} onClick={() => change({ page: page - 1 > 1 ? page - 1 : null })}>
						Newer
					</Button>
					<Button size="sm" disabled={from + LOG_PAGE >= total} onClick={() => change({ page: page + 1 })}>
						Older
					</Button>
				</footer>
			)}
		</Panel>
	);
}
