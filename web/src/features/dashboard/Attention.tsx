import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { openFindings } from "@/api/findings";
import { SeverityBadge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { arranged } from "@/features/findings/words";
import { ago, exact, fullTime } from "@/lib/format";

/* What the monitor found and nobody has looked at yet. Nothing is no panel: the verdict above says that all is calm. */
export function Attention({ connection }: { connection: number | null }) {
	const list = useQuery(openFindings(connection)).data;
	// Findings of optimizer runs stand with their runs.
	const found = arranged(list?.items ?? []).filter((finding) => finding.query_id !== null && finding.optimization_id === null);
	if (found.length === 0) return null;
	return (
		<Panel
			title="Needs attention"
			hint={found.length === 1 ? "one open finding of the monitor" : `${exact(found.length)} open findings of the monitor`}
			className="mb-3 overflow-hidden"
			actions={
				<Button size="sm" look="quiet" asChild>
					<Link to="/queries" search={(old) => ({ c: old.c, only: "findings" }) as never}>
						All with findings
					</Link>
				</Button>
			}
		>
			<ul className="divide-y divide-line">
				{found.slice(0, 5).map((finding) => (
					<li key={finding.id} className="hover:bg-hover">
						<Link to="/queries/$id" params={{ id: String(finding.query_id) }} className="flex items-center gap-3 px-4 py-2.5 -outline-offset-2 max-sm:flex-wrap">
							<SeverityBadge severity={finding.severity} />
							<span className="min-w-0 flex-1 truncate font-medium max-sm:basis-full max-sm:whitespace-normal">{finding.title}</span>
							<time dateTime={finding.detected_at} title={fullTime(finding.detected_at)} className="text-xs whitespace-nowrap text-fg-3">
								since {ago(finding.detected_at)}
							</time>
						</Link>
					</li>
				))}
			</ul>
		</Panel>
	);
}
