import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Activity, CircleAlert, CircleCheck, CircleSlash, LoaderCircle } from "lucide-react";
import { isActive, jobs, useCancelJob } from "@/api/queries";
import type { Job } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from "@/components/ui/menu";
import { cn } from "@/lib/cn";
import { ago, sentence } from "@/lib/format";

export function JobIcon({ job, className }: { job: Job; className?: string }) {
	const look = cn("size-4 shrink-0", className);
	if (isActive(job)) return <LoaderCircle aria-hidden className={cn(look, "animate-spin text-accent-text")} />;
	if (job.state === "done") return <CircleCheck aria-hidden className={cn(look, "text-green")} />;
	if (job.state === "failed") return <CircleAlert aria-hidden className={cn(look, "text-red")} />;
	return <CircleSlash aria-hidden className={cn(look, "text-fg-3")} />;
}

/* What runs now, and the last few that ran. */
export function JobTray() {
	const query = useQuery(jobs());
	const cancel = useCancelJob();
	const all = query.data ?? [];
	const running = all.filter(isActive);
	const shown = [...running, ...all.filter((job) => !isActive(job))].slice(0, 8);
	return (
		<Menu>
			<MenuTrigger asChild>
				<Button look="quiet" size="icon" aria-label={running.length > 0 ? `Jobs: ${running.length} running` : "Jobs"} className="relative">
					<Activity className={cn(running.length > 0 && "text-accent-text")} />
					{running.length > 0 && <span aria-hidden className="tnum absolute top-0.5 right-0.5 grid h-3.5 min-w-3.5 place-items-center rounded-full bg-accent px-0.5 text-[0.5625rem] font-semibold text-on-accent">{running.length}</span>}
				</Button>
			</MenuTrigger>
			<MenuContent align="end" className="w-80">
				<MenuLabel>Jobs</MenuLabel>
				{shown.length === 0 && <p className="px-2 pb-2 text-sm text-fg-2">{query.isError ? "The list of jobs could not be read." : "Nothing has run yet."}</p>}
				{shown.map((job) => (
					<div key={job.id} className="flex items-center gap-1">
						<MenuItem asChild className="min-w-0 flex-1">
							<Link to="/jobs/$id" params={{ id: String(job.id) }}>
								<JobIcon job={job} className="!text-current" />
								<span className="min-w-0 flex-1">
									<span className="block truncate">{job.title ?? `${sentence(job.kind)} #${job.id}`}</span>
									<span className="block truncate text-2xs text-fg-3">
										{isActive(job) ? (job.steps.find((step) => step.state === "running")?.name ?? job.state) : `${job.state} ${ago(job.finished_at ?? job.created_at)}`}
									</span>
								</span>
							</Link>
						</MenuItem>
						{isActive(job) && (
							<Button look="quiet" size="sm" onClick={() => cancel.mutate(job.id)}>
								Cancel
							</Button>
						)}
					</div>
				))}
				<MenuItem asChild className="mt-1 border-t border-line text-fg-2">
					<Link to="/jobs">All jobs</Link>
				</MenuItem>
			</MenuContent>
		</Menu>
	);
}
