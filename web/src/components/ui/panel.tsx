import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

export function Panel({ title, hint, actions, children, className, id }: { title?: ReactNode; hint?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string; id?: string }) {
	return (
		<section id={id} className={cn("panel min-w-0", className)}>
			{title && (
				<header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
					<h2 className="text-sm font-semibold">{title}</h2>
					{hint && <p className="text-xs text-fg-3">{hint}</p>}
					{actions && <div className="ml-auto flex items-center gap-1.5">{actions}</div>}
				</header>
			)}
			{children}
		</section>
	);
}

export function PageTitle({ title, hint, actions }: { title: ReactNode; hint?: ReactNode; actions?: ReactNode }) {
	return (
		<div className="mb-4 flex flex-wrap items-end gap-x-4 gap-y-2">
			<div className="min-w-0 flex-1 max-sm:basis-full">
				<h1 className="text-xl font-semibold tracking-tight">{title}</h1>
				{hint && <p className="mt-0.5 text-fg-2">{hint}</p>}
			</div>
			{actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
		</div>
	);
}
