import { useQuery } from "@tanstack/react-query";
import { CircleStop, LoaderCircle } from "lucide-react";
import { job as jobQuery, useCancelJob } from "@/api/queries";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { duration } from "@/lib/format";
import { Steps, useElapsed } from "./Steps";

/* A run under way: what it does now, how long it has taken, and a way to stop it. */
export function Progress({ jobId, startedAt }: { jobId: number | null; startedAt: number }) {
	const query = useQuery({ ...jobQuery(jobId ?? 0), enabled: jobId !== null });
	const cancel = useCancelJob();
	const elapsed = useElapsed(startedAt);
	return (
		<Panel
			title={
				<span className="flex items-center gap-2">
					<LoaderCircle aria-hidden className="size-4 animate-spin text-accent-text" /> Optimizing
				</span>
			}
			hint={<span className="tnum">{duration(Math.round(elapsed / 100) * 100)}</span>}
			actions={
				<Button size="sm" disabled={jobId === null || cancel.isPending} onClick={() => jobId !== null && cancel.mutate(jobId)}>
					<CircleStop /> {cancel.isPending ? "Cancelling…" : "Cancel"}
				</Button>
			}
		>
			<div className="h-0.5 overflow-hidden bg-hover">
				<div className="sweep h-full w-1/4 rounded-full bg-accent" />
			</div>
			<div className="p-4">
				<Steps job={query.data ?? null} />
				<p className="mt-4 text-xs text-fg-3">Leaving this page does not stop it: the job tray above keeps it.</p>
			</div>
		</Panel>
	);
}
