import { CircleAlert, CircleCheck, CircleX, LoaderCircle } from "lucide-react";
import type { Check, TestResult } from "@/api/types";
import { SqlBlock } from "@/components/sql/SqlBlock";
import { CopyButton } from "@/components/ui/copy";
import { ErrorState } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { capital, duration, sentence } from "@/lib/format";

/* Lines to run get colours and a copy button; advice in words stays words. */
const runnable = (remedy: string): boolean => /;\s*$|^\s*(--|GRANT|CREATE|ALTER|SET|REVOKE|VACUUM|ANALYZE|SELECT|host(ssl)?)\b/m.test(remedy);

function Line({ check }: { check: Check }) {
	const Icon = check.ok ? CircleCheck : check.required ? CircleX : CircleAlert;
	return (
		<li className="px-4 py-2.5">
			<div className="flex items-start gap-2.5">
				<Icon role="img" aria-label={check.ok ? "passed" : check.required ? "failed" : "notice"} className={cn("mt-0.5 size-4 shrink-0", check.ok ? "text-green" : check.required ? "text-red" : "text-amber")} />
				<div className="min-w-0 flex-1">
					<p className="font-medium">
						{capital(check.title || sentence(check.id))}
						{!check.ok && !check.required && <span className="ml-1.5 text-xs font-normal text-fg-3">optional</span>}
					</p>
					{check.detail && <p className="mt-0.5 text-xs break-words text-fg-2">{capital(check.detail)}</p>}
					{!check.ok && check.remedy && !runnable(check.remedy) && <p className="mt-1 text-xs break-words">To change that: {check.remedy}.</p>}
					{!check.ok && check.remedy && runnable(check.remedy) && <SqlBlock text={check.remedy} label={`Remedy: ${check.title}`} className="mt-2" actions={<CopyButton text={check.remedy} size="icon-sm" name="Copy the remedy" />} />}
				</div>
			</div>
		</li>
	);
}

/* What a database answered when it was asked everything that matters, one line each. */
export function Checks({ result, pending, error, retry }: { result: TestResult | undefined; pending: boolean; error: unknown; retry: () => void }) {
	if (pending)
		return (
			<p role="status" className="flex items-center gap-2.5 px-4 py-4 text-fg-2">
				<LoaderCircle aria-hidden className="size-4 animate-spin text-accent-text" /> Asking the database…
			</p>
		);
	if (error) return <ErrorState error={error} retry={retry} />;
	if (!result) return null;
	const checks = result.checks ?? [];
	const failed = checks.filter((check) => !check.ok && check.required).length;
	const notices = checks.filter((check) => !check.ok && !check.required).length;
	return (
		<div>
			<p role="status" className={cn("flex items-start gap-2.5 border-b border-line px-4 py-2.5", result.success ? "tint-green" : "tint-red")}>
				{result.success ? <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0" /> : <CircleX aria-hidden className="mt-0.5 size-4 shrink-0" />}
				<span className="min-w-0 flex-1 break-words text-fg">
					<strong className="font-semibold">{result.success ? "The connection works" : "The connection does not work"}</strong>
					{result.message && <span className="text-fg-2"> · {capital(result.message)}</span>}
					{(failed > 0 || notices > 0) && result.success && (
						<span className="text-fg-2">
							{" "}
							· {[failed > 0 ? `${failed} to fix` : "", notices > 0 ? `${notices} optional` : ""].filter(Boolean).join(", ")}
						</span>
					)}
				</span>
				{result.latency_ms != null && <span className="tnum shrink-0 text-xs text-fg-2" title="One round trip to the database">{duration(result.latency_ms)} round trip</span>}
			</p>
			{checks.length > 0 && (
				<ul className="divide-y divide-line">
					{checks.map((check) => (
						<Line key={check.id} check={check} />
					))}
				</ul>
			)}
		</div>
	);
}
