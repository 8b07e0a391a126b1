/* The states a panel can be in besides full: loading, empty, failed. Never blank. */
import { CircleAlert, CloudOff, RotateCw, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "@/api/client";
import { cn } from "@/lib/cn";
import { capital } from "@/lib/format";
import { Button } from "./button";

export function Skeleton({ lines = 3, className }: { lines?: number; className?: string }) {
	return (
		<div role="status" aria-label="Loading" className={cn("late flex flex-col gap-2.5 p-4", className)}>
			{Array.from({ length: lines }, (_, index) => (
				<span key={index} className="skeleton block h-4" style={{ width: `${[92, 78, 85, 64, 71][index % 5]}%` }} />
			))}
		</div>
	);
}

export function Empty({ icon: Icon, title, children, action, className, tone }: {
	icon: LucideIcon;
	title: string;
	children?: ReactNode;
	action?: ReactNode;
	className?: string;
	tone?: "good" | "plain";
}) {
	return (
		<div className={cn("flex flex-col items-center justify-center gap-1 px-6 py-10 text-center", className)}>
			<span className={cn("mb-2 grid size-10 place-items-center rounded-xl border border-line", tone === "good" ? "tint-green" : "bg-inset text-fg-3")}>
				<Icon aria-hidden className="size-5" />
			</span>
			<h3 className="text-base font-semibold">{title}</h3>
			{children && <div className="max-w-md text-fg-2">{children}</div>}
			{action && <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div>}
		</div>
	);
}

export function ErrorState({ error, retry, className }: { error: unknown; retry?: () => void; className?: string }) {
	const problem = error instanceof ApiError ? error : null;
	const Icon = problem?.offline ? CloudOff : CircleAlert;
	return (
		<div role="alert" className={cn("flex items-start gap-3 p-4", className)}>
			<Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-red" />
			<div className="min-w-0 flex-1">
				<p className="font-medium">{problem?.title ?? "This part of the page failed"}</p>
				<p className="mt-0.5 break-words text-fg-2">{problem ? capital(problem.detail) : error instanceof Error ? error.message : String(error)}</p>
				{problem?.requestId && <p className="mono mt-1 text-2xs text-fg-3">request {problem.requestId}</p>}
			</div>
			{retry && (
				<Button size="sm" onClick={retry}>
					<RotateCw /> Retry
				</Button>
			)}
		</div>
	);
}
