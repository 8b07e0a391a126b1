import { AlignLeft, Info, LoaderCircle, Play, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import type { ApiError } from "@/api/client";
import type { Connection } from "@/api/types";
import { formatSql } from "@/components/sql/format";
import { sqlTokens } from "@/components/sql/tokens";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog";
import { Select, Toggle } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/states";
import { Tip } from "@/components/ui/tooltip";
import { capital } from "@/lib/format";
import { lineColumn, rangeAt } from "@/lib/position";
import { toast } from "@/lib/toast";

const SqlEditor = lazy(() => import("@/components/sql/SqlEditor").then((module) => ({ default: module.SqlEditor })));

export interface RunOptions {
	analyze: boolean;
	verify: boolean;
}

/* The two options that execute the statement say so before they are switched on. */
function Warning({ what, close, accept }: { what: keyof RunOptions; close: () => void; accept: () => void }) {
	return (
		<Dialog open onOpenChange={(open) => !open && close()}>
			<DialogContent
				title={what === "analyze" ? "Run with actual times?" : "Compare the results of rewrites?"}
				footer={
					<>
						<DialogClose asChild>
							<Button>Keep it off</Button>
						</DialogClose>
						<Button look="primary" onClick={accept}>
							Switch it on
						</Button>
					</>
				}
			>
				<div className="flex items-start gap-3">
					<TriangleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-orange" />
					<div className="flex flex-col gap-2 text-fg-2">
						<p>
							<strong className="font-semibold text-fg">This executes the statement on the database.</strong>{" "}
							{what === "analyze" ? "The plan then shows actual rows and times." : "The original and each rewrite are run once and their rows are compared."}
						</p>
						<p>It happens inside a read-only transaction and is stopped when the time limit is reached. Statements that change data are refused. It still costs the database the work of the query itself.</p>
					</div>
				</div>
			</DialogContent>
		</Dialog>
	);
}

export function EditorPanel({ sql, onSql, onRun, busy, connections, connectionId, onConnection, options, onOptions, error, fault, edited, onRevert }: {
	sql: string;
	onSql: (sql: string) => void;
	onRun: () => void;
	busy: boolean;
	connections: readonly Connection[];
	connectionId: number | null;
	onConnection: (id: number) => void;
	options: RunOptions;
	onOptions: (options: RunOptions) => void;
	error: ApiError | null;
	/* a place in the statement that was sent, and what is wrong there */
	fault: { position: unknown; sql: string; message: string } | null;
	edited: boolean;
	onRevert: () => void;
}) {
	const [asking, setAsking] = useState<keyof RunOptions | null>(null);
	// A mark is about the text that was sent: once that is edited it would point anywhere.
	const range = fault && fault.sql === sql ? rangeAt(fault.position, sql) : null;
	const place = range ? lineColumn(sql, range.from) : null;
	const [mark, setMark] = useState<{ key: string; from: number; to: number; message: string } | null>(null);
	const key = range && fault ? `${range.from}:${range.to}:${fault.message}` : "";
	if ((mark?.key ?? "") !== key) setMark(range && fault ? { key, ...range, message: fault.message } : null);

	const format = async () => {
		const next = await formatSql(sql);
		if (next === sql) toast.message("Nothing to format, or the statement cannot be read yet.");
		else onSql(next);
	};
	const toggle = (what: keyof RunOptions, on: boolean) => {
		if (on) setAsking(what);
		else onOptions({ ...options, [what]: false });
	};
	const parameters = useMemo(() => new Set(sqlTokens(sql.slice(0, 40_000)).flatMap((token) => (/^\$\d+$/.test(token.text) && token.kind === "number" ? [token.text] : []))).size, [sql]);
	const ready = sql.trim() !== "" && connectionId !== null && !busy;
	return (
		<section aria-label="Statement" className="panel flex min-w-0 flex-col overflow-hidden">
			<div className="flex items-center gap-2 border-b border-line px-3 py-2">
				<label htmlFor="connection" className="sr-only">
					Connection
				</label>
				<Select id="connection" value={connectionId ?? ""} onChange={(event) => onConnection(Number(event.target.value))} disabled={connections.length === 0} className="max-w-72 min-w-0 flex-1">
					{connections.length === 0 && <option value="">No connection yet</option>}
					{connectionId === null && connections.length > 0 && <option value="">Choose a connection</option>}
					{connectionId !== null && !connections.some((connection) => connection.id === connectionId) && <option value={connectionId}>Unknown connection ({connectionId})</option>}
					{connections.map((connection) => (
						<option key={connection.id} value={connection.id}>
							{connection.name}
						</option>
					))}
				</Select>
				<Tip text="Format (Ctrl Shift F)" side="bottom">
					<Button look="quiet" size="icon" className="ml-auto" onClick={() => void format()} disabled={sql.trim() === ""} aria-label="Format the statement">
						<AlignLeft />
					</Button>
				</Tip>
				<Button look="primary" onClick={onRun} disabled={!ready} title="Ctrl Enter">
					{busy ? <LoaderCircle className="animate-spin" /> : <Play />} Optimize
				</Button>
			</div>
			<div className="h-64 min-h-40 resize-y overflow-hidden xl:h-72">
				<Suspense fallback={<Skeleton lines={4} />}>
					<SqlEditor value={sql} onChange={onSql} onRun={() => ready && onRun()} onFormat={() => void format()} mark={mark} names={[]} label="SQL statement" />
				</Suspense>
			</div>
			{error && (
				<div role="alert" className="border-t border-line bg-[color-mix(in_oklab,var(--red)_7%,var(--panel))] px-4 py-2.5">
					<p className="font-medium text-red">
						{error.title}
						{place && <span className="tnum font-normal"> at line {place.line}, column {place.column}</span>}
					</p>
					{error.detail && <p className="mt-0.5 break-words">{capital(error.detail)}</p>}
					{error.requestId && <p className="mono mt-1 text-2xs text-fg-3">request {error.requestId}</p>}
				</div>
			)}
			{parameters > 0 && (
				<p className="flex items-start gap-2 border-t border-line bg-inset px-4 py-2 text-xs text-fg-2">
					<Info aria-hidden className="mt-0.5 size-3.5 shrink-0 text-fg-3" />
					<span>
						{parameters === 1 ? "A parameter has" : `${parameters} parameters have`} no value ({parameters === 1 ? "$1" : "$1 …"}): the statement gets its generic plan, and it cannot be executed. Put values in their place to plan and measure the real thing.
					</span>
				</p>
			)}
			<div className="flex flex-wrap items-center gap-x-5 gap-y-2 border-t border-line px-4 py-2.5">
				<Toggle label="Actual times" checked={options.analyze} onChange={(on) => toggle("analyze", on)} />
				<Toggle label="Compare results" checked={options.verify} onChange={(on) => toggle("verify", on)} />
				{edited && (
					<Button look="quiet" size="sm" onClick={onRevert} className="-my-1 ml-auto">
						Undo edits
					</Button>
				)}
			</div>
			{asking && (
				<Warning
					what={asking}
					close={() => setAsking(null)}
					accept={() => {
						onOptions({ ...options, [asking]: true });
						setAsking(null);
					}}
				/>
			)}
		</section>
	);
}
