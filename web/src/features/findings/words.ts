import type { FindingRecord } from "@/api/findings";
import { ago, until } from "@/lib/format";

const ends: Record<string, string> = { recovered: "recovered", gone: "gone", settled: "the new normal" };

/* The state of a finding in a few words. */
export function stateText(finding: FindingRecord, now: number = Date.now()): string {
	switch (finding.state) {
		case "closed":
			return `${ends[finding.ended ?? ""] ?? "closed"} ${ago(finding.closed_at, now)}`;
		case "muted":
			return finding.muted_for_ever || !finding.muted_until ? "muted for ever" : `muted, speaks again ${until(finding.muted_until, now)}`;
		case "acknowledged":
			return `acknowledged ${ago(finding.acknowledged_at, now)}`;
		default:
			return finding.returns > 0 ? `open, came back ${finding.returns === 1 ? "once" : `${finding.returns} times`}` : "open";
	}
}

const order = { open: 0, acknowledged: 1, muted: 2, closed: 3 } as const;
const weight = { critical: 0, high: 1, medium: 2, low: 3 } as const;

/* What waits first, then by weight, then the newest. */
export const arranged = (list: readonly FindingRecord[]): FindingRecord[] =>
	[...list].sort((a, b) => order[a.state] - order[b.state] || weight[a.severity] - weight[b.severity] || Date.parse(b.detected_at) - Date.parse(a.detected_at));

export const muteChoices: readonly { label: string; days: number | null }[] = [
	{ label: "For a day", days: 1 },
	{ label: "For a week", days: 7 },
	{ label: "For 30 days", days: 30 },
	{ label: "For ever", days: null },
];
export const muteUntil = (days: number | null, now: number = Date.now()): string | null => (days === null ? null : new Date(now + days * 86_400_000).toISOString());
