/* A finding of the monitor: what it is, why, what to do, and what people said about it. */
import { useQuery } from "@tanstack/react-query";
import { BellOff, BookOpen, Check, LoaderCircle, MessageSquare, Undo2 } from "lucide-react";
import { useState } from "react";
import { findingDetail, useFindingAction, type FindingAction, type FindingRecord } from "@/api/findings";
import { toFinding } from "@/api/normalize";
import { Badge, SeverityBadge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from "@/components/ui/menu";
import { ErrorState, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { ago, evidence, exact, fullSentence, fullTime, sentence } from "@/lib/format";
import { toast } from "@/lib/toast";
import { muteChoices, muteUntil, stateText } from "./words";

const edges = { critical: "border-l-red", high: "border-l-orange", medium: "border-l-amber", low: "border-l-line-strong" } as const;

function Comments({ id }: { id: number }) {
	const detail = useQuery(findingDetail(id));
	const action = useFindingAction(id);
	const [text, setText] = useState("");
	return (
		<div className="mt-3 rounded-lg border border-line bg-inset">
			{detail.isPending && <Skeleton lines={1} />}
			{detail.isError && <ErrorState error={detail.error} retry={() => void detail.refetch()} />}
			{detail.data && detail.data.comments.length > 0 && (
				<ul aria-label="Comments" className="divide-y divide-line border-b border-line">
					{detail.data.comments.map((comment) => (
						<li key={comment.id} className="flex items-baseline gap-3 px-3 py-2">
							<span className="min-w-0 flex-1 break-words whitespace-pre-wrap">{comment.text}</span>
							<time dateTime={comment.at} title={fullTime(comment.at)} className="shrink-0 text-2xs text-fg-3">{ago(comment.at)}</time>
						</li>
					))}
				</ul>
			)}
			<form
				className="flex items-center gap-2 p-2"
				onSubmit={(event) => {
					event.preventDefault();
					if (text.trim() === "") return;
					action.mutate({ do: "comments", text: text.trim() }, { onSuccess: () => setText(""), onError: (error) => void toast.error(error.title, { description: fullSentence(error.detail) }) });
				}}
			>
				<Input aria-label="Comment" maxLength={4000} placeholder="What you know about it" value={text} onChange={(event) => setText(event.target.value)} />
				<Button type="submit" disabled={text.trim() === "" || action.isPending}>
					{action.isPending && <LoaderCircle className="animate-spin" />} Comment
				</Button>
			</form>
		</div>
	);
}

export function FindingCard({ finding }: { finding: FindingRecord }) {
	const action = useFindingAction(finding.id);
	const [talk, setTalk] = useState(false);
	const read = toFinding(finding);
	const over = finding.state === "closed";
	const act = (what: FindingAction, said: string) => action.mutate(what, { onSuccess: () => void toast.success(said), onError: (error) => void toast.error(error.title, { description: fullSentence(error.detail) }) });
	return (
		<li className={cn("border-l-[3px] px-4 py-3.5", finding.state === "open" ? edges[finding.severity] : "border-l-transparent")}>
			<div className="flex flex-wrap items-center gap-2">
				<SeverityBadge severity={finding.severity} />
				{finding.state !== "open" && <Badge>{finding.state}</Badge>}
				<span className="text-xs text-fg-3" title={fullTime(finding.closed_at ?? finding.muted_until ?? finding.acknowledged_at ?? finding.detected_at)}>
					{finding.state === "open" && finding.returns === 0 ? "" : `${stateText(finding)} · `}since {ago(finding.detected_at)}
				</span>
				<span className="ml-auto flex flex-wrap items-center gap-1">
					<Button size="sm" look="quiet" aria-expanded={talk} onClick={() => setTalk(!talk)}>
						<MessageSquare /> {finding.comments > 0 ? `Comments ${finding.comments}` : "Comment"}
					</Button>
					{!over &&
						(finding.acknowledged_at ? (
							<Button size="sm" look="quiet" disabled={action.isPending} onClick={() => act({ do: "unacknowledge" }, "It is open again")}>
								<Undo2 /> Open again
							</Button>
						) : (
							<Button size="sm" look="quiet" disabled={action.isPending} onClick={() => act({ do: "acknowledge" }, "Acknowledged: it stays quiet unless it gets worse")} title="Somebody knows of it: quiet unless it gets worse">
								<Check /> Acknowledge
							</Button>
						))}
					{finding.state === "muted" ? (
						<Button size="sm" look="quiet" disabled={action.isPending} onClick={() => act({ do: "unmute" }, "It speaks again")}>
							<BellOff /> Unmute
						</Button>
					) : (
						!over && (
							<Menu>
								<MenuTrigger asChild>
									<Button size="sm" look="quiet" disabled={action.isPending}>
										<BellOff /> Mute
									</Button>
								</MenuTrigger>
								<MenuContent align="end">
									<MenuLabel>Say nothing of it</MenuLabel>
									{muteChoices.map(({ label, days }) => (
										<MenuItem key={label} onSelect={() => act({ do: "mute", until: muteUntil(days) }, `Muted ${label.toLowerCase()}`)}>
											{label}
										</MenuItem>
									))}
								</MenuContent>
							</Menu>
						)
					)}
					{finding.docs && (
						<Button size="icon-sm" look="quiet" asChild>
							<a href={finding.docs.startsWith("/") ? finding.docs : `/docs/findings/${encodeURIComponent(finding.rule)}`} target="_blank" rel="noreferrer" aria-label={`About the rule ${finding.rule}`} title="About this rule">
								<BookOpen />
							</a>
						</Button>
					)}
				</span>
			</div>
			<h3 className={cn("mt-1.5 text-base leading-5 font-semibold break-words", finding.state !== "open" && "text-fg-2")}>{finding.title}</h3>
			<p className="mt-1 max-w-[80ch] break-words text-fg-2">{fullSentence(finding.description)}</p>
			{read && read.evidence.length > 0 && (
				<dl className="mt-2.5 flex flex-wrap gap-2">
					{read.evidence.map((item) => (
						<div key={item.name} title={`${exact(item.value)} ${item.unit}`} className="rounded-md border border-line bg-inset px-2.5 py-1.5">
							<dt className="text-2xs text-fg-3">{sentence(item.name)}</dt>
							<dd className="tnum text-sm leading-4 font-semibold">{evidence(item.value, item.unit)}</dd>
						</div>
					))}
				</dl>
			)}
			{finding.remedy && (
				<p className="mt-2.5 max-w-[80ch] break-words text-fg-2">
					<span className="font-medium text-fg">What to do: </span>
					{fullSentence(finding.remedy)}
				</p>
			)}
			{talk && <Comments id={finding.id} />}
		</li>
	);
}
