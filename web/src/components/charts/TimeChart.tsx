/* Figures over time, drawn by Recharts: loaded by the pages that show one. The same as a table is in ChartFrame. */
import { useEffect, useMemo, useRef, useState } from "react";
import { Area, Bar, CartesianGrid, ComposedChart, Line, ReferenceArea, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useDark } from "@/app/theme";
import { bucketLabel, tickLabel, ticks, valueTicks } from "./time";
import { markerLooks, type ChartData, type Marker } from "./types";

/* The bucket that holds a time; null outside of the chart. */
const bucketOf = (times: readonly number[], step: number, at: number): number | null => {
	const first = times[0];
	if (first === undefined || at < first) return null;
	const index = Math.floor((at - first) / step);
	return times[index] ?? null;
};

/* Where points are few or stand alone, each is a dot: the line between them is only a guide. */
function Dot({ cx, cy, index, rows, name, color }: { cx?: number; cy?: number; index: number; rows: ChartData["points"]; name: string; color: string }) {
	const known = (at: number) => rows[at]?.values[name] != null;
	if (cx === undefined || cy === undefined || !known(index)) return null;
	if (rows.length >= 60 && known(index - 1) && known(index + 1)) return null;
	return <circle cx={cx} cy={cy} r="2" fill={color} />;
}

/* A point between two that are not known has no line: without a dot nobody would see it. */
function Lone({ cx, cy, index, rows, name, color }: { cx?: number; cy?: number; index: number; rows: ChartData["points"]; name: string; color: string }) {
	const known = (at: number) => rows[at]?.values[name] != null;
	if (cx === undefined || cy === undefined || !known(index) || known(index - 1) || known(index + 1)) return null;
	return <circle cx={cx} cy={cy} r="2.5" fill={color} />;
}

interface TipProps {
	active?: boolean;
	label?: string | number;
	data: ChartData;
	markers: ReadonlyMap<number, Marker[]>;
}

function Tip({ active, label, data, markers }: TipProps) {
	if (!active || label === undefined) return null;
	const at = Number(label);
	const point = data.points.find((one) => one.at === at);
	if (!point) return null;
	const here = markers.get(at) ?? [];
	return (
		<div className="pop max-w-80 rounded-lg border border-line bg-panel px-3 py-2 text-xs shadow-pop">
			<p className="mb-1 font-medium whitespace-nowrap">{bucketLabel(at, data.step)}</p>
			{data.series.map((series) => (
				<p key={series.key} className="flex items-center gap-2">
					<span aria-hidden className="size-2 shrink-0 rounded-[2px]" style={{ background: series.color }} />
					<span className="min-w-0 flex-1 truncate text-fg-2">{series.label}</span>
					<span className="tnum pl-3 font-medium whitespace-nowrap">{point.values[series.key] == null ? "no data" : series.format(point.values[series.key] as number)}</span>
				</p>
			))}
			{here.map((marker, index) => (
				<p key={index} className="mt-1 flex items-start gap-2 border-t border-line pt-1">
					<span aria-hidden style={{ color: markerLooks[marker.kind].color }}>{markerLooks[marker.kind].sign}</span>
					<span className="min-w-0 break-words">{marker.label}</span>
				</p>
			))}
		</div>
	);
}

export default function TimeChart({ data, label, height, zoom }: { data: ChartData; label: string; height: number; zoom?: (from: number, to: number) => void }) {
	const box = useRef<HTMLDivElement>(null);
	const [width, setWidth] = useState(800);
	const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
	// Recharts keeps what it drew: another theme is another drawing.
	const dark = useDark();
	useEffect(() => {
		const node = box.current;
		if (!node) return;
		const watch = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
		watch.observe(node);
		return () => watch.disconnect();
	}, []);

	const times = useMemo(() => data.points.map((point) => point.at), [data.points]);
	const rows = useMemo(() => data.points.map((point) => ({ at: point.at, ...point.values })), [data.points]);
	const marks = useMemo(() => ticks(times, Math.max(2, Math.floor(width / 84))), [times, width]);
	const markers = useMemo(() => {
		const out = new Map<number, Marker[]>();
		for (const marker of data.markers ?? []) {
			const at = bucketOf(times, data.step, marker.at);
			if (at !== null) out.set(at, [...(out.get(at) ?? []), marker]);
		}
		return out;
	}, [data.markers, data.step, times]);
	const span = (times[times.length - 1] ?? 0) - (times[0] ?? 0);
	const lead = data.series[0];
	const stacked = data.series.some((series) => series.stack);
	const values = useMemo(() => {
		let max = 0;
		for (const point of data.points) {
			const stacks = new Map<string, number>();
			for (const series of data.series) {
				const key = series.stack ?? series.key;
				const sum = (stacks.get(key) ?? 0) + (point.values[series.key] ?? 0);
				stacks.set(key, sum);
				max = Math.max(max, sum);
			}
		}
		return valueTicks(max, data.unit);
	}, [data.points, data.series, data.unit]);
	const at = (state: { activeLabel?: string | number }): number | null => (state.activeLabel === undefined ? null : Number(state.activeLabel));

	return (
		<div ref={box} className="chart min-w-0 select-none" style={{ height }}>
			<ResponsiveContainer width="100%" height={height} initialDimension={{ width: 800, height }}>
				<ComposedChart
					key={dark ? "dark" : "light"}
					data={rows}
					title={label}
					desc="Left and right arrow keys walk from bar to bar. The same figures are in the table."
					margin={{ top: 14, right: 20, bottom: 0, left: 0 }}
					barCategoryGap={times.length > width / 8 ? 0 : times.length > 60 ? 1 : "14%"}
					{...(zoom && {
						onMouseDown: (state) => { const from = at(state); if (from !== null) setDrag({ from, to: from }); },
						onMouseMove: (state) => { const to = at(state); if (drag && to !== null && to !== drag.to) setDrag({ ...drag, to }); },
						onMouseUp: () => {
							if (drag && drag.from !== drag.to) zoom(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to) + data.step);
							setDrag(null);
						},
						onMouseLeave: () => setDrag(null),
					})}
				>
					<CartesianGrid vertical={false} stroke="var(--line)" />
					<XAxis dataKey="at" ticks={marks} interval={0} tickFormatter={(value: number) => tickLabel(value, span)} tickLine={false} axisLine={{ stroke: "var(--line-strong)" }} tick={{ fill: "var(--fg-3)", fontSize: 11 }} tickMargin={6} height={26} />
					<YAxis width="auto" ticks={values} interval={0} tickFormatter={(value: number) => lead?.format(value) ?? String(value)} tickLine={false} axisLine={false} tick={{ fill: "var(--fg-3)", fontSize: 11 }} domain={[0, values[values.length - 1] || 1]} />
					<Tooltip isAnimationActive={false} filterNull={false} cursor={{ fill: "var(--hover)", stroke: "var(--line-strong)", opacity: 0.6 }} content={(props) => <Tip active={props.active} label={props.label} data={data} markers={markers} />} />
					{data.series.map((series) =>
						series.kind === "bar" ? (
							<Bar key={series.key} dataKey={series.key} name={series.label} fill={series.color} stackId={series.stack} isAnimationActive={false} maxBarSize={48} minPointSize={(value) => (!stacked && Number(value) > 0 ? 1 : 0)} radius={stacked || times.length > 120 ? 0 : [2, 2, 0, 0]} />
						) : series.kind === "area" ? (
							<Area key={series.key} dataKey={series.key} name={series.label} stroke={series.color} fill={series.color} fillOpacity={series.stack ? 0.55 : 0.14} strokeWidth={series.stack ? 1 : 1.75} stackId={series.stack} isAnimationActive={false} type="monotone" dot={(props) => <Lone key={props.index} {...props} rows={data.points} name={series.key} color={series.color} />} activeDot={{ r: 3.5 }} />
						) : (
							<Line key={series.key} dataKey={series.key} name={series.label} stroke={series.color} strokeWidth={1.5} strokeDasharray={series.dashed ? "4 3" : undefined} isAnimationActive={false} type="monotone" connectNulls dot={(props) => <Dot key={props.index} {...props} rows={data.points} name={series.key} color={series.color} />} activeDot={{ r: 3.5 }} />
						),
					)}
					{[...markers].map(([time, list]) => {
						const look = markerLooks[list[0]?.kind ?? "note"];
						return <ReferenceLine key={time} x={time} stroke={look.color} strokeDasharray="3 3" label={{ value: look.sign, position: "top", fill: look.color, fontSize: 12 }} />;
					})}
					{drag && drag.from !== drag.to && <ReferenceArea x1={Math.min(drag.from, drag.to)} x2={Math.max(drag.from, drag.to)} fill="var(--accent)" fillOpacity={0.14} />}
				</ComposedChart>
			</ResponsiveContainer>
		</div>
	);
}
