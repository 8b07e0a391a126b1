import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { CircleStop, SearchX } from "lucide-react";
import { ApiError } from "@/api/client";
import { isActive, job as jobQuery, useCancelJob } from "@/api/queries";
import { JobIcon } from "./JobIcon";
import { Button } from "@/components/ui/button";
import { PageTitle, Panel } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Steps } from "@/features/optimizer/Steps";
import { ago, duration, fullTime, sentence } from "@/lib/format";
import { idFrom } from "@/lib/url";
import { took } from "./JobsPage";

export default function JobPage() {
	const { id: text } = useParams({ from: "/jobs/$id" });
	const id = idFrom(text);
	const query = useQuery({ ...jobQuery(id ?? 0), enabled: id !== null });
	const cancel = useCancelJob();
	if (id === null || (query.error instanceof ApiError && query.error.status === 404))
		return (
			<div className="panel">
				<Empty icon={SearchX} title="There is no such job" action={<Button asChild><Link to="/jobs">All jobs</Link></Button>}>
					Old jobs are forgotten after a while; their results stay.
				</Empty>
			</div>
		);
	if (query.isPending) return <div className="panel"><Skeleton lines={5} /></div>;
	if (!query.data) return <div className="panel"><ErrorState error={query.error} retry={() => void query.refetch()} /></div>;
	const job = query.data;
	return (
		<>
			<PageTitle
				title={job.title ?? `${sentence(job.kind)} #${job.id}`}
				hint={
					<span className="flex flex-wrap items-center gap-2">
						<JobIcon job={job} /> {sentence(job.state)}
						{took(job) !== null && <span className="tnum">in {duration(took(job))}</span>}
						<span className="text-fg-3" title={fullTime(job.created_at)}>
							{ago(job.created_at)}
						</span>
					</span>
				}
				actions={
					<>
						{isActive(job) && (
							<Button onClick={() => cancel.mutate(job.id)} disabled={cancel.isPending}>
								<CircleStop /> Cancel
							</Button>
						)}
						{job.optimization_id !== null && (
							<Button look="primary" asChild>
								<Link to="/optimizer/$run" params={{ run: String(job.optimization_id) }}>
									Open the result
								</Link>
							</Button>
						)}
					</>
				}
			/>
			<Panel title="Steps" className="max-w-2xl">
				<div className="p-4">{job.steps.length > 0 || isActive(job) ? <Steps job={job} /> : <p className="text-fg-2">It ended before its first step.</p>}</div>
				{job.error && <div className="border-t border-line"><ErrorState error={new ApiError(500, sentence(job.state), job.error, null)} /></div>}
			</Panel>
		</>
	);
}
