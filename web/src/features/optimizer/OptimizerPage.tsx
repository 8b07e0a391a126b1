/* The workbench: statement and recent runs on the left, what came of it on the right. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { FileSearch, PlugZap, Plus, ScanSearch, SearchX } from "lucide-react";
import { useCallback, useEffect, useState, type CSSProperties, type KeyboardEvent, type PointerEvent } from "react";
import { ApiError } from "@/api/client";
import { active } from "@/api/normalize";
import { dashboard, job as jobQuery, keys, run as runQuery, startOptimize, type OptimizeInput, type OptimizeStart } from "@/api/queries";
import { useConnection } from "@/app/useConnection";
import type { RunSearch } from "@/app/router";
import { Button } from "@/components/ui/button";
import { PageTitle } from "@/components/ui/panel";
import { Empty, ErrorState } from "@/components/ui/states";
import type { QueryRow } from "@/api/types";
import { ago, duration, exact } from "@/lib/format";
import { load, save } from "@/lib/storage";
import { idFrom, runSearch } from "@/lib/url";
import { loadDraft, saveDraft, type Draft } from "./draft";
import { EditorPanel, type RunOptions } from "./EditorPanel";
import { Progress } from "./Progress";
import { RecentRuns } from "./Recent";
import { RunView } from "./RunView";

const examples: readonly { title: string; sql: string }[] = [
	{ title: "Look up by an e-mail address", sql: "SELECT * FROM users WHERE email = 'test@example.com'" },
	{ title: "Latest orders of a customer", sql: "SELECT *\nFROM orders\nWHERE user_id = 4711\nORDER BY created_at DESC\nLIMIT 20" },
	{ title: "A function around a column", sql: "SELECT count(*)\nFROM orders\nWHERE date_trunc('day', created_at) = '2024-05-01'" },
];

/* The border between the two halves, by mouse or arrow keys. */
function Split({ percent, set }: { percent: number; set: (percent: number) => void }) {
	const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
		const box = event.currentTarget.parentElement?.getBoundingClientRect();
		if (!box) return;
		event.currentTarget.setPointerCapture(event.pointerId);
		const target = event.currentTarget;
		const move = (at: globalThis.PointerEvent) => set(Math.min(60, Math.max(24, ((at.clientX - box.left) / box.width) * 100)));
		const stop = () => {
			target.removeEventListener("pointermove", move);
			target.removeEventListener("pointerup", stop);
		};
		target.addEventListener("pointermove", move);
		target.addEventListener("pointerup", stop);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		const by = event.key === "ArrowLeft" ? -2 : event.key === "ArrowRight" ? 2 : 0;
		if (by === 0) return;
		event.preventDefault();
		set(Math.min(60, Math.max(24, percent + by)));
	};
	return (
		<div
			role="separator"
			aria-orientation="vertical"
			aria-label="Width of the statement area"
			aria-valuenow={Math.round(percent)}
			aria-valuemin={24}
			aria-valuemax={60}
			tabIndex={0}
			onPointerDown={onPointerDown}
			onKeyDown={onKeyDown}
			onDoubleClick={() => set(33)}
			className="group hidden cursor-col-resize touch-none items-stretch justify-center rounded xl:flex"
		>
			<span className="w-px rounded-full bg-transparent transition-colors group-hover:bg-line-strong group-focus-visible:bg-accent" />
		</div>
	);
}

/* What the statistics of the database say about a statement, before it is optimized. */
function Watched({ query }: { query: QueryRow }) {
	const figures = [
		["Total time", duration(query.total_execution_time)],
		["Calls", exact(query.calls)],
		["Mean time", duration(query.avg_execution_time)],
		["Last read", ago(query.last_seen)],
	];
	return (
		<div className="panel">
			<Empty icon={ScanSearch} title="Press Ctrl Enter to optimize it" className="pb-4">
				From the statistics of the database, which keep statements without their values. It is planned, not executed.
			</Empty>
			<dl className="mx-auto grid max-w-lg grid-cols-2 gap-px overflow-hidden border-t border-line sm:grid-cols-4">
				{figures.map(([name, value]) => (
					<div key={name} className="px-4 py-3 text-center">
						<dt className="text-2xs text-fg-3">{name}</dt>
						<dd className="tnum font-semibold">{value}</dd>
					</div>
				))}
			</dl>
		</div>
	);
}

export default function OptimizerPage() {
	const params = useParams({ strict: false }) as { run?: string };
	const rawSearch = useSearch({ strict: false }) as Record<string, unknown>;
	const search = runSearch.parse(rawSearch);
	const navigate = useNavigate();
	const client = useQueryClient();
	const { id: chosen, all, pending } = useConnection();
	const runId = idFrom(params.run);
	const badRun = params.run !== undefined && runId === null;

	const current = useQuery({ ...runQuery(runId ?? 0), enabled: runId !== null });
	const [draft, setDraft] = useState<Draft | null>(loadDraft);
	const [options, setOptions] = useState<RunOptions>({ analyze: false, verify: false });
	const [startedAt, setStartedAt] = useState(() => Date.now());
	const [failed, setFailed] = useState<{ problem: ApiError; sql: string } | null>(null);
	const [split, setSplit] = useState(() => Math.min(60, Math.max(24, Number(load("split")) || 33)));

	// ?q=17: a statement of the dashboard's list.
	const top = useQuery({ ...dashboard(chosen), enabled: runId === null && search.q !== null });
	const watched = runId === null ? (top.data?.top_bottlenecks.find((query) => query.id === search.q) ?? null) : null;
	const lost = runId === null && search.q !== null && top.isSuccess && watched === null;

	const stored = current.data?.original_sql ?? watched?.sql_text;
	const mine = draft && draft.run === runId && (draft.query ?? null) === search.q ? draft.sql : null;
	const sql = mine ?? stored ?? "";
	const connectionId = chosen ?? current.data?.connection_id ?? watched?.connection_id ?? (all.length > 0 ? (all[0]?.id ?? null) : null);

	const edit = useCallback(
		(text: string) => {
			const next = { run: runId, query: search.q, sql: text };
			setDraft(next);
			saveDraft(next);
		},
		[runId, search.q],
	);
	const setSearch = useCallback(
		(next: Partial<RunSearch>, push = false) =>
			void navigate({
				to: ".",
				search: (old: Record<string, unknown>) => ({ c: old.c, ...runSearch.write({ ...runSearch.parse(old), ...next }) }) as never,
				replace: !push,
				resetScroll: false,
			}),
		[navigate],
	);
	const open = useCallback(
		(id: number) => {
			void client.invalidateQueries({ queryKey: ["runs"] });
			void client.invalidateQueries({ queryKey: ["stats"] });
			void navigate({ to: "/optimizer/$run", params: { run: String(id) }, search: (old: Record<string, unknown>) => ({ c: old.c }) as never, replace: search.job !== null });
		},
		[client, navigate, search.job],
	);

	const start = useMutation<OptimizeStart, ApiError, OptimizeInput>({
		mutationFn: startOptimize,
		onMutate: () => {
			setFailed(null);
			setStartedAt(Date.now());
		},
		onError: (problem, input) => setFailed({ problem: problem instanceof ApiError ? problem : new ApiError(0, "The request failed", String(problem), null), sql: input.sql_query }),
		onSuccess: (answer, input) => {
			void client.invalidateQueries({ queryKey: keys.jobs });
			if (answer.run) {
				client.setQueryData(keys.run(answer.run.id), answer.run);
				open(answer.run.id);
				return;
			}
			const next = { run: null, query: null, sql: input.sql_query };
			setDraft(next);
			saveDraft(next);
			void navigate({ to: "/optimizer", search: (old: Record<string, unknown>) => ({ c: old.c, job: answer.job_id }) as never });
		},
	});

	const job = useQuery({ ...jobQuery(search.job ?? 0), enabled: search.job !== null });
	const result = job.data?.optimization_id ?? null;
	// The rules' part may be there while the model still thinks: look as soon as the job names its run.
	const partial = useQuery({ ...runQuery(result ?? 0), enabled: search.job !== null && result !== null });
	const shown = partial.data;
	const usable = shown && (shown.complete || shown.findings.length > 0 || shown.proposals.length > 0 || shown.verdict.fine);
	useEffect(() => {
		if (search.job === null || !job.data) return;
		if (usable && shown && job.data.state !== "failed" && job.data.state !== "cancelled") open(shown.id);
	}, [job.data, open, search.job, shown, usable]);

	// A run that failed says so itself, with the place in the statement.
	const broken = job.data?.state === "failed" ? result : null;
	useEffect(() => {
		if (broken === null) return;
		void client.fetchQuery({ ...runQuery(broken), staleTime: 0 }).finally(() => open(broken));
	}, [broken, client, open]);
	const fault = failed
		? { position: failed.problem.body.position, sql: failed.sql, message: failed.problem.detail }
		: current.data?.status === "failed"
			? { position: current.data.error_position, sql: current.data.original_sql, message: current.data.error ?? "" }
			: null;

	const ended = job.data && !active(job.data) && job.data.state !== "done" ? job.data : null;
	const busy = start.isPending || (search.job !== null && (!job.data || active(job.data)) && !job.isError);
	const go = () => {
		if (connectionId === null || sql.trim() === "" || busy) return;
		start.mutate({ connection_id: connectionId, sql_query: sql, ...(watched && watched.connection_id === connectionId && watched.sql_text === sql ? { query_id: watched.id } : {}), ...(options.analyze ? { analyze: true } : {}), ...(options.verify ? { verify: true } : {}) });
	};
	const selectConnection = (id: number) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...old, c: id }) as never, replace: true });

	return (
		<>
			<PageTitle
				title="Optimizer"
				hint="Findings and proposals for one statement, each with its proof."
				actions={
					<>
						<Button asChild look="quiet">
							<Link to="/optimizer/plan" search={(old) => ({ c: old.c })}>
								<FileSearch /> Paste a plan
							</Link>
						</Button>
						{(runId !== null || search.job !== null) && (
							<Button asChild>
								<Link
									to="/optimizer"
									search={(old) => ({ c: old.c })}
									onClick={() => {
										setDraft(null);
										saveDraft(null);
										setFailed(null);
									}}
								>
									<Plus /> New statement
								</Link>
							</Button>
						)}
					</>
				}
			/>
			<div
				className="grid grid-cols-[minmax(0,1fr)] gap-4 xl:grid-cols-[minmax(0,calc(var(--split)*1%))_0.5rem_minmax(0,1fr)] xl:gap-x-2"
				style={{ "--split": split } as CSSProperties}
			>
				<div className="flex min-w-0 flex-col gap-4">
					<EditorPanel
						sql={sql}
						onSql={edit}
						onRun={go}
						busy={busy}
						connections={all}
						connectionId={connectionId}
						onConnection={selectConnection}
						options={options}
						onOptions={setOptions}
						error={failed?.problem ?? null}
						fault={fault}
						edited={runId !== null && mine !== null && stored !== undefined && mine !== stored}
						onRevert={() => {
							setDraft(null);
							saveDraft(null);
						}}
					/>
					<div className="max-xl:hidden">
						<RecentRuns connectionId={chosen} current={runId} />
					</div>
				</div>
				<Split
					percent={split}
					set={(percent) => {
						setSplit(percent);
						save("split", String(Math.round(percent)));
					}}
				/>
				<div className="min-w-0">
					{badRun ? (
						<div className="panel">
							<Empty icon={SearchX} title="There is no such run">
								“{params.run}” is not the number of a run.
							</Empty>
						</div>
					) : busy ? (
						<Progress jobId={search.job} startedAt={startedAt} />
					) : ended ? (
						<div className="panel">
							<ErrorState
								error={new ApiError(500, ended.state === "cancelled" ? "The run was cancelled" : ended.state === "interrupted" ? "The server was stopped during this run" : "The run failed", ended.error ?? "The statement is still in the editor; run it again when you like.", null)}
								retry={go}
							/>
						</div>
					) : job.isError && search.job !== null ? (
						<div className="panel">
							<ErrorState error={job.error} retry={() => void job.refetch()} />
						</div>
					) : runId !== null ? (
						<RunView key={runId} id={runId} search={search} change={setSearch} />
					) : !pending && all.length === 0 ? (
						<div className="panel">
							<Empty
								icon={PlugZap}
								title="Add a connection first"
								action={
									<Button asChild look="primary">
										<Link to="/connections/new">Add a connection</Link>
									</Button>
								}
							>
								The planner of your own database judges every proposal, so there must be one to ask.
							</Empty>
						</div>
					) : lost ? (
						<div className="panel">
							<Empty icon={SearchX} title="That statement is not in the list any more">
								Only the statements that cost most are listed, and others have taken its place. Paste it here to optimize it.
							</Empty>
						</div>
					) : watched ? (
						<Watched query={watched} />
					) : (
						<div className="panel">
							<Empty icon={ScanSearch} title="Paste a statement and press Ctrl Enter" className="pb-4">
								The statement is planned, not executed. Every proposal is tried against the planner before it is shown.
							</Empty>
							<div className="mx-auto max-w-lg px-4 pb-6">
								<p className="mb-1.5 text-2xs font-medium text-fg-3">Or start from an example of the demo database</p>
								<ul className="divide-y divide-line rounded-lg border border-line">
									{examples.map((example) => (
										<li key={example.title}>
											<button type="button" onClick={() => edit(example.sql)} className="flex min-h-10 w-full flex-col gap-0.5 px-3 py-2 text-left hover:bg-hover">
												<span>{example.title}</span>
												<span className="mono w-full truncate text-2xs text-fg-3">{example.sql.replace(/\s+/g, " ")}</span>
											</button>
										</li>
									))}
								</ul>
							</div>
						</div>
					)}
				</div>
				<div className="xl:hidden">
					<RecentRuns connectionId={chosen} current={runId} />
				</div>
			</div>
		</>
	);
}
