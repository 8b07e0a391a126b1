/* The menus of the frame. Loaded when one is asked for (OnDemand.tsx), and open from the beginning. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Monitor, Moon, PlugZap, Sun, TriangleAlert, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { ApiError, post } from "@/api/client";
import { keyOf, notices, titleOf, type Notice } from "@/api/notices";
import { isActive, jobs, useCancelJob } from "@/api/queries";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { JobIcon } from "@/features/jobs/JobIcon";
import { ago, exact, fullSentence, sentence } from "@/lib/format";
import { toast } from "@/lib/toast";
import type { OpenedMenu } from "./OnDemand";
import { markSeen } from "./seen";
import { setTheme, useTheme } from "./theme";
import { useConnection } from "./useConnection";

export function ConnectionMenu({ children }: OpenedMenu) {
	const { id, all, select } = useConnection();
	return (
		<Menu defaultOpen>
			<MenuTrigger asChild>{children}</MenuTrigger>
			<MenuContent align="start" className="w-72">
				<MenuItem onSelect={() => select(null)}>
					<span className="flex-1">All connections</span>
					{id === null && <span className="text-xs text-fg-3">shown</span>}
				</MenuItem>
				{all.length > 0 && <MenuSeparator />}
				{all.map((connection) => (
					<MenuItem key={connection.id} onSelect={() => select(connection.id)}>
						<span className="min-w-0 flex-1">
							<span className="block truncate">{connection.name}</span>
							<span className="mono block truncate text-2xs text-fg-3">
								{connection.engine} · {connection.host}
								{connection.port ? `:${connection.port}` : ""}/{connection.database}
							</span>
						</span>
						{id === connection.id && <span className="text-xs text-fg-3">shown</span>}
					</MenuItem>
				))}
				<MenuSeparator />
				<MenuItem asChild>
					<Link to="/connections/new">
						<PlugZap /> Add a connection…
					</Link>
				</MenuItem>
			</MenuContent>
		</Menu>
	);
}

export function ThemeMenu({ children }: OpenedMenu) {
	const chosen = useTheme();
	return (
		<Menu defaultOpen>
			<MenuTrigger asChild>{children}</MenuTrigger>
			<MenuContent align="end">
				<MenuLabel>Theme</MenuLabel>
				{([
					["light", "Light", Sun],
					["dark", "Dark", Moon],
					["system", "System", Monitor],
				] as const).map(([value, label, Icon]) => (
					<MenuItem key={value} onSelect={() => setTheme(value)}>
						<Icon /> <span className="flex-1">{label}</span>
						{chosen === value && <span className="text-xs text-fg-3">chosen</span>}
					</MenuItem>
				))}
			</MenuContent>
		</Menu>
	);
}

/* Gone at once, and back when the server could not do it. The menu may be gone before the server answers. */
function useDismiss(): (notice: Notice, dismissed?: boolean) => Promise<void> {
	const client = useQueryClient();
	const set = async (notice: Notice, dismissed = true) => {
		const { queryKey } = notices();
		if (dismissed) client.setQueryData(queryKey, (old) => old?.filter((one) => keyOf(one) !== keyOf(notice)));
		try {
			await post("/api/notices/dismiss", { connection_id: notice.connection_id, kind: notice.kind, dismissed });
			if (dismissed) toast.message("The notice is dismissed", { description: "It comes back when it happens again after a day without it.", action: { label: "Undo", onClick: () => void set(notice, false) } });
		} catch (error) {
			if (error instanceof ApiError) toast.error(error.title, { description: fullSentence(error.detail) });
		}
		await client.invalidateQueries({ queryKey });
	};
	return set;
}

const SHOWN = 20;

/* Opening it is having seen them. */
export function NoticeMenu({ children }: OpenedMenu) {
	const { data } = useQuery(notices());
	const list = data ?? [];
	const { all } = useConnection();
	const dismiss = useDismiss();
	const content = useRef<HTMLDivElement>(null);
	const hide = (notice: Notice, at: number) => {
		// What has the focus goes away: the next one gets it, and without any there is no bell.
		const others = content.current?.querySelectorAll<HTMLElement>("[data-dismiss]");
		const next = others?.[at + 1] ?? others?.[at - 1] ?? document.getElementById("main");
		next?.focus();
		void dismiss(notice);
	};
	useEffect(() => {
		if (data) markSeen(data);
	}, [data]);
	return (
		<Menu defaultOpen modal={false}>
			<MenuTrigger asChild>{children}</MenuTrigger>
			<MenuContent ref={content} align="end" className="w-96 max-w-[calc(100vw-1rem)]">
				<MenuLabel>What the server did by itself</MenuLabel>
				{list.slice(0, SHOWN).map((notice, at) => (
					<div key={keyOf(notice)} className="flex items-start gap-1">
						<MenuItem asChild className="min-w-0 flex-1 items-start py-2">
							<Link to="/monitoring" search={notice.connection_id === null ? {} : ({ c: notice.connection_id } as never)}>
								<TriangleAlert className="mt-0.5 shrink-0 !text-amber" />
								<span className="min-w-0 flex-1">
									<span className="block font-medium">{titleOf(notice)}</span>
									<span className="block text-xs break-words text-fg-2">{fullSentence(notice.message)}</span>
									<span className="block text-2xs text-fg-3">
										{notice.connection_id === null ? "this server" : (all.find((one) => one.id === notice.connection_id)?.name ?? `connection #${notice.connection_id}`)} · {ago(notice.last_at)}
										{notice.seen > 1 && ` · ${exact(notice.seen)} times since ${ago(notice.first_at)}`}
									</span>
								</span>
							</Link>
						</MenuItem>
						<MenuItem
							data-dismiss
							aria-label={`Dismiss: ${titleOf(notice)}`}
							title="Dismiss"
							className="mt-1 size-7 shrink-0 justify-center px-0"
							onSelect={(event) => {
								event.preventDefault();
								hide(notice, at);
							}}
						>
							<X />
						</MenuItem>
					</div>
				))}
				{list.length > SHOWN && <p className="px-2 py-1.5 text-2xs text-fg-3">and {exact(list.length - SHOWN)} more</p>}
			</MenuContent>
		</Menu>
	);
}

/* What runs now, and the last few that ran. */
export function JobMenu({ children }: OpenedMenu) {
	const query = useQuery(jobs());
	const cancel = useCancelJob();
	const all = query.data ?? [];
	const shown = [...all.filter(isActive), ...all.filter((job) => !isActive(job))].slice(0, 8);
	return (
		<Menu defaultOpen>
			<MenuTrigger asChild>{children}</MenuTrigger>
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
