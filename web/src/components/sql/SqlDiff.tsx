import { useMemo } from "react";
import { cn } from "@/lib/cn";
import { diffLines, type DiffSide } from "@/lib/diff";

function Side({ side, tone, label }: { side: (DiffSide | null)[]; tone: "red" | "green"; label: string }) {
	const changedLine = tone === "red" ? "bg-[color-mix(in_oklab,var(--red)_9%,transparent)]" : "bg-[color-mix(in_oklab,var(--green)_10%,transparent)]";
	const changedWord = tone === "red" ? "bg-[color-mix(in_oklab,var(--red)_24%,transparent)]" : "bg-[color-mix(in_oklab,var(--green)_26%,transparent)]";
	return (
		<div className="min-w-0">
			<p className="border-b border-line px-3 py-1.5 text-2xs font-medium text-fg-2">{label}</p>
			<pre tabIndex={0} role="region" aria-label={label} className="scroll-thin max-h-96 overflow-auto py-1.5 text-xs leading-5">
				{side.map((line, index) => (
					<div key={index} className={cn("flex min-h-5 pr-3", line?.pieces.some((p) => p.changed) && changedLine)}>
						<span aria-hidden className="tnum w-9 shrink-0 pr-2.5 text-right text-2xs leading-5 text-fg-3 select-none">
							{line?.line ?? ""}
						</span>
						<code className="min-w-0 break-words whitespace-pre-wrap">
							{line?.pieces.map((piece, at) =>
								piece.changed ? (
									<mark key={at} className={cn("rounded-[3px] text-fg", changedWord)}>
										{piece.text}
									</mark>
								) : (
									piece.text
								),
							)}
						</code>
					</div>
				))}
			</pre>
		</div>
	);
}

/* Two statements beside each other; below 640 px one under the other. */
export function SqlDiff({ before, after, labels = ["Original", "Rewritten"] }: { before: string; after: string; labels?: [string, string] }) {
	const rows = useMemo(() => diffLines(before, after), [before, after]);
	const whole = (side: DiffSide | null, changed: boolean): DiffSide | null =>
		side && changed && side.pieces.every((piece) => !piece.changed) ? { ...side, pieces: side.pieces.map((piece) => ({ ...piece, changed: true })) } : side;
	return (
		<div className="grid grid-cols-1 overflow-hidden rounded-lg border border-line bg-inset max-sm:divide-y sm:grid-cols-2 sm:divide-x [&>*]:border-line">
			<Side side={rows.map((row) => whole(row.left, row.kind === "removed"))} tone="red" label={labels[0]} />
			<Side side={rows.map((row) => whole(row.right, row.kind === "added"))} tone="green" label={labels[1]} />
		</div>
	);
}
