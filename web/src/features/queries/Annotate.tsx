/* A mark on the time line: a deployment, a change, an incident. */
import { LoaderCircle, Trash2 } from "lucide-react";
import { useState } from "react";
import { useAnnotate, useDeleteAnnotation, type Annotation } from "@/api/history";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input, Toggle } from "@/components/ui/field";
import { ErrorState } from "@/components/ui/states";
import { ago, fullSentence, fullTime } from "@/lib/format";
import { toast } from "@/lib/toast";

/* What a datetime-local box takes and gives: local time to the minute. */
export function localInput(at: Date): string {
	const two = (value: number) => String(value).padStart(2, "0");
	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function AnnotateDialog({ connectionId, connectionName, close }: { connectionId: number; connectionName: string; close: () => void }) {
	const [text, setText] = useState("");
	const [at, setAt] = useState(() => localInput(new Date()));
	const [here, setHere] = useState(true);
	const annotate = useAnnotate();
	const time = new Date(at);
	const bad = Number.isNaN(time.getTime());
	const send = () => {
		if (text.trim() === "" || bad) return;
		annotate.mutate(
			{ text: text.trim(), at: time.toISOString(), connection_id: here ? connectionId : null },
			{
				onSuccess: () => {
					toast.success("The mark stands on the time line");
					close();
				},
			},
		);
	};
	return (
		<Dialog open onOpenChange={(open) => !open && close()}>
			<DialogContent
				title="Mark a time"
				description="What happened then stands in the chart of every statement."
				footer={
					<>
						<Button onClick={close}>Cancel</Button>
						<Button look="primary" disabled={text.trim() === "" || bad || annotate.isPending} onClick={send}>
							{annotate.isPending && <LoaderCircle className="animate-spin" />} Set the mark
						</Button>
					</>
				}
			>
				<form
					className="flex flex-col gap-4"
					onSubmit={(event) => {
						event.preventDefault();
						send();
					}}
				>
					<Field label="What happened">{(attributes) => <Input {...attributes} autoFocus maxLength={500} placeholder="deploy 2026.11.3" value={text} onChange={(event) => setText(event.target.value)} />}</Field>
					<Field label="When" hint="Local time" error={bad ? "This is no time." : null}>
						{(attributes) => <Input {...attributes} type="datetime-local" value={at} onChange={(event) => setAt(event.target.value)} />}
					</Field>
					<Toggle label={`Only for ${connectionName}`} hint="Off: it stands on the time line of every connection." checked={here} onChange={setHere} />
					{annotate.isError && <ErrorState error={annotate.error} className="p-0" />}
				</form>
			</DialogContent>
		</Dialog>
	);
}

/* The marks in the time that is shown; each can be taken away again. */
export function Annotations({ list }: { list: readonly Annotation[] }) {
	const remove = useDeleteAnnotation();
	if (list.length === 0) return null;
	return (
		<ul aria-label="Marks" className="divide-y divide-line border-t border-line">
			{list.map((one) => (
				<li key={one.id} className="flex items-center gap-3 px-4 py-1.5 text-xs hover:bg-hover">
					<span aria-hidden className="text-teal">▼</span>
					<span className="min-w-0 flex-1 break-words">
						{one.text}
						{Object.entries(one.labels).map(([name, value]) => <span key={name} className="mono ml-2 text-2xs text-fg-3">{name}={String(value)}</span>)}
					</span>
					{one.connection_id === null && <span className="text-2xs text-fg-3">all connections</span>}
					<time dateTime={one.at} title={fullTime(one.at)} className="shrink-0 text-fg-3">{ago(one.at)}</time>
					<Button
						look="quiet"
						size="icon-sm"
						aria-label={`Take away the mark ${one.text}`}
						disabled={remove.isPending}
						onClick={() => remove.mutate(one.id, { onError: (error) => void toast.error(error.title, { description: fullSentence(error.detail) }) })}
					>
						<Trash2 />
					</Button>
				</li>
			))}
		</ul>
	);
}
