import { Check, CircleDashed, LoaderCircle, X } from "lucide-react";
import { useEffect, useState } from "react";
import type { Job, JobStep } from "@/api/types";
import { cn } from "@/lib/cn";
import { duration, words } from "@/lib/format";

const labels: Record<string, string> = {
	connect: "Connect",
	parse: "Parse the statement",
	resolve: "Resolve names",
	plan: "Ask for the plan",
	findings: "Look for problems",
	advise: "Find proposals",
	prove: "Prove them",
	model: "Ask the model",
	store: "Keep the result",
	measure: "Measure",
	verify: "Verify",
};
export const stepLabel = (name: string): string => labels[name] ?? words(name).replace(/^./, (letter) => letter.toUpperCase());

const standard = ["parse", "resolve", "plan", "findings", "advise", "prove"];

export function useElapsed(from: number | null): number {
	const [now, setNow] = useState(() => Date.now());
	useEffect(() => {
		if (from === null) return;
		const timer = window.setInterval(() => setNow(Date.now()), 200);
		return () => window.clearInterval(timer);
	}, [from]);
	return from === null ? 0 : Math.max(now - from, 0);
}

/* The steps of a job as they happen. The list is announced politely, one change at a time. */
export function Steps({ job, compact }: { job: Job | null; compact?: boolean }) {
	const steps: JobStep[] = job && job.steps.length > 0 ? job.steps : standard.map((name) => ({ name, state: "waiting" }));
	const running = steps.find((step) => step.state === "running");
	return (
		<>
			<p role="status" aria-live="polite" className="sr-only">
				{running ? `Step: ${stepLabel(running.name)}` : (job?.state ?? "queued")}
			</p>
			<ol className={cn("flex flex-col", compact ? "gap-1" : "gap-2")}>
				{steps.map((step, index) => (
					<li key={`${step.name}-${index}`} className={cn("flex items-center gap-2.5 text-sm", step.state === "waiting" && "text-fg-3")}>
						{step.state === "done" && <Check aria-label="done" role="img" className="size-4 text-green" />}
						{step.state === "running" && <LoaderCircle aria-label="running" role="img" className="size-4 animate-spin text-accent-text" />}
						{step.state === "failed" && <X aria-label="failed" role="img" className="size-4 text-red" />}
						{(step.state === "waiting" || step.state === "skipped") && <CircleDashed aria-label={step.state} role="img" className="size-4 text-fg-3" />}
						<span className="min-w-0 flex-1">
							{stepLabel(step.name)}
							{step.detail && <span className="ml-2 text-xs text-fg-3">{step.detail}</span>}
						</span>
						{step.elapsed_ms != null && <span className="tnum text-xs text-fg-3">{duration(step.elapsed_ms)}</span>}
					</li>
				))}
			</ol>
		</>
	);
}
