import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleX, LoaderCircle } from "lucide-react";
import { ApiError } from "@/api/client";
import { applyNow, dryRun, keys } from "@/api/queries";
import type { Check, DryRun, Proposal } from "@/api/types";
import { SqlBlock } from "@/components/sql/SqlBlock";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog";
import { ErrorState, Skeleton } from "@/components/ui/states";
import { capital, fullSentence } from "@/lib/format";
import { toast } from "@/lib/toast";

/* First what would be done, then the question. While the server is not allowed to change anything it says so. */
export function ApplyDialog({ runId, proposal, close }: { runId: number; proposal: Proposal; close: () => void }) {
	const client = useQueryClient();
	const trial = useQuery({ queryKey: ["dry-run", runId, proposal.id], queryFn: () => dryRun(runId, proposal.id, proposal.sql), retry: false, staleTime: 0, gcTime: 0 });
	const apply = useMutation<DryRun, ApiError>({
		mutationFn: () => applyNow(runId, proposal.id, proposal.sql),
		onSuccess: (result) => {
			toast.success(result.message);
			void client.invalidateQueries({ queryKey: keys.run(runId) });
			close();
		},
	});
	const sql = trial.data?.sql ?? proposal.sql ?? "";
	const undo = trial.data?.undo_sql ?? proposal.undo_sql;
	const forbidden = (apply.error ?? (trial.error instanceof ApiError ? trial.error : null))?.status === 403;
	const checks = (trial.data?.checks ?? []).map((check): Check => (typeof check === "string" ? { id: check, title: check, ok: true, required: false } : check));
	const blocked = checks.some((check) => !check.ok && check.required !== false);
	return (
		<Dialog open onOpenChange={(open) => !open && close()}>
			<DialogContent
				wide
				title="Apply this proposal"
				description="A dry run: nothing has been changed yet."
				footer={
					<>
						<DialogClose asChild>
							<Button>Close</Button>
						</DialogClose>
						<CopyButton text={sql} label="Copy SQL" size="md" />
						<Button look="primary" disabled={!trial.data || blocked || forbidden || apply.isPending} onClick={() => apply.mutate()}>
							{apply.isPending && <LoaderCircle className="animate-spin" />} Run it on the database
						</Button>
					</>
				}
			>
				{trial.isPending && <Skeleton className="px-0" />}
				{trial.isError && !forbidden && <ErrorState error={trial.error} retry={() => void trial.refetch()} className="px-0" />}
				{forbidden && (
					<div role="alert" className="tint-amber mb-3 flex items-start gap-2.5 rounded-lg px-3 py-2.5">
						<CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
						<div className="text-fg">
							<p className="font-medium">This server may not change databases</p>
							<p className="mt-0.5 text-fg-2">{apply.error?.detail ?? (trial.error instanceof ApiError ? trial.error.detail : "")}</p>
							<p className="mt-1 text-fg-2">
								Whoever runs the server can allow it with <code className="text-xs">ENABLE_DDL_EXECUTION=true</code>. Until then, copy the SQL and run it yourself.
							</p>
						</div>
					</div>
				)}
				{apply.isError && !forbidden && <ErrorState error={apply.error} className="px-0" />}
				<div className="flex flex-col gap-3">
					{sql && (
						<div>
							<p className="mb-1 text-xs font-medium text-fg-2">Would run</p>
							<SqlBlock text={sql} label="SQL that would run" />
						</div>
					)}
					{undo && (
						<div>
							<p className="mb-1 text-xs font-medium text-fg-2">To undo it</p>
							<SqlBlock text={undo} label="SQL to undo it" />
						</div>
					)}
					{proposal.lock && <p className="text-xs text-fg-2">Locks: {fullSentence(proposal.lock)}</p>}
					{checks.length > 0 && (
						<ul className="divide-y divide-line rounded-lg border border-line">
							{checks.map((check, index) => (
								<li key={index} className="flex items-start gap-2 px-3 py-2 text-xs">
									{check.ok ? <CircleCheck aria-label="passed" role="img" className="mt-0.5 size-3.5 shrink-0 text-green" /> : <CircleX aria-label="failed" role="img" className="mt-0.5 size-3.5 shrink-0 text-red" />}
									<span>
										{capital(check.title)}
										{check.detail && <span className="block break-words text-fg-3">{capital(check.detail)}</span>}
									</span>
								</li>
							))}
						</ul>
					)}
				</div>
			</DialogContent>
		</Dialog>
	);
}
