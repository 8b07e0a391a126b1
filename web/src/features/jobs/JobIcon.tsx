import { CircleAlert, CircleCheck, CircleSlash, LoaderCircle } from "lucide-react";
import { isActive } from "@/api/queries";
import type { Job } from "@/api/types";
import { cn } from "@/lib/cn";

export function JobIcon({ job, className }: { job: Job; className?: string }) {
	const look = cn("size-4 shrink-0", className);
	if (isActive(job)) return <LoaderCircle aria-hidden className={cn(look, "animate-spin text-accent-text")} />;
	if (job.state === "done") return <CircleCheck aria-hidden className={cn(look, "text-green")} />;
	if (job.state === "failed") return <CircleAlert aria-hidden className={cn(look, "text-red")} />;
	return <CircleSlash aria-hidden className={cn(look, "text-fg-3")} />;
}
