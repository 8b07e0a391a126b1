import type { Unit } from "./time";

export interface Series {
	key: string;
	label: string;
	color: string;
	kind: "bar" | "line" | "area";
	format: (value: number) => string;
	stack?: string;
	dashed?: boolean;
}

export type MarkerKind = "plan" | "note" | "finding" | "settings" | "reset";
export interface Marker {
	at: number;
	kind: MarkerKind;
	label: string;
}
/* A shape and a colour for each; the legend has the word. */
export const markerLooks: Record<MarkerKind, { sign: string; color: string; word: string }> = {
	plan: { sign: "◆", color: "var(--violet)", word: "plan change" },
	note: { sign: "▼", color: "var(--teal)", word: "annotation" },
	finding: { sign: "▲", color: "var(--red)", word: "finding" },
	settings: { sign: "■", color: "var(--amber)", word: "settings or statistics" },
	reset: { sign: "○", color: "var(--fg-3)", word: "statistics reset" },
};

export interface Point {
	/* begin of the bucket, ms */
	at: number;
	/* null: nothing is known of that time */
	values: Readonly<Record<string, number | null>>;
}
export interface ChartData {
	points: readonly Point[];
	series: readonly Series[];
	unit: Unit;
	/* length of a bucket, ms */
	step: number;
	markers?: readonly Marker[];
}
