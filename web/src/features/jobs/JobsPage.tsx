import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ListChecks } from "lucide-react";
import { isActive, jobs, useCancelJob } from "@/api/queries";
import type { Job } from "@/api/types";
import { JobIcon } from "./JobIcon";
import { Button } from "@/components/ui/button";
import { PageTitle } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Segmented } from "@/components/ui/tabs";
import { ago, duration, fullTime, sentence } from "@/lib/format";
import { jobSearch } from "@/lib/url";

export const took = (job: Job): number | null => {
	if (!job.started_at) return null;
	const end = job.finished_at ? Date.parse(job.finished_at) : Date.now();
	return Math.max(end - Date.parse(job.started_at), 0);
};

export default function JobsPage() {
	const query = useQuery(jobs());
	const cancel = useCancelJob();
	const navigate = useNavigate();
	const { state } = jobSearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const shown = (query.data ?? []).filter((job) => state === "all" || (state === "running" ? isActive(job) : state === "done" ? job.state === "done" : !isActive(job) && job.state !== "done"));
	return (
		<>
			<PageTitle
				title="Jobs"
				hint="What runs now, and what ran before."
				actions={
					<Segmented
						label="State"
						value={state}
						onChange={(next) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ c: old.c, ...jobSearch.write({ state: next }) }) as never, replace: true })}
						options={[
							{ value: "all", label: "All" },
							{ value: "running", label: "Running" },
							{ value: "done", label: "Done" },
							{ value: "failed", label: "Failed or stopped" },
						]}
					/>
				}
			/>
			<div className="panel overflow-hidden">
				{query.isPending && <Skeleton lines={5} />}
				{query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
				{query.isSuccess && shown.length === 0 && (
					<Empty icon={ListChecks} title={state === "all" ? "No job has run yet" : "No such job"}>
						{state === "all" ? "Optimizing a statement is the first one." : "Choose another state above."}
					</Empty>
				)}
				<ul className="divide-y divide-line">
					{shown.map((job) => {
						const time = took(job);
						const running = job.steps.find((step) => step.state === "running");
						return (
							<li key={job.id} className="flex items-center gap-3 pr-3 hover:bg-hover">
								<Link to="/jobs/$id" params={{ id: String(job.id) }} className="flex min-w-0 flex-1 items-center gap-3 px-4 py-2.5 -outline-offset-2">
									<JobIcon job={job} />
									<span className="min-w-0 flex-1">
										<span className="block truncate font-medium">{job.title ?? sentence(job.kind)}</span>
										<span className="block truncate text-xs text-fg-3">
											#{job.id} · {sentence(job.kind)} · {running ? running.name : job.state}
											{job.error && !isActive(job) && ` · ${job.error}`}
										</span>
									</span>
									<span className="tnum shrink-0 text-right text-xs text-fg-2">
										{time !== null && <span className="block">{duration(time)}</span>}
										<span className="block text-fg-3" title={fullTime(job.created_at)}>
											{ago(job.created_at)}
										</span>
									</span>
								</Link>
								{isActive(job) && (
									<Button size="sm" onClick={() => cancel.mutate(job.id)} disabled={cancel.isPending}>
										Cancel
									</Button>
								)}
							</li>
						);
					})}
				</ul>
			</div>
		</>
	);
}
