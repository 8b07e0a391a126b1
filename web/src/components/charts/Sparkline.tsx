/* A line as small as a word. Hundreds of them stand on a page, so they are drawn by hand. Decoration: the figure is beside it. */
export function Sparkline({ points, width = 96, height = 24, bad = false }: { points: readonly (number | null)[]; width?: number; height?: number; bad?: boolean }) {
	const max = points.reduce((most: number, value) => Math.max(most, value ?? 0), 0);
	if (points.length === 0 || max <= 0) return <svg aria-hidden width={width} height={height} className="block"><line x1="0" x2={width} y1={height - 1.5} y2={height - 1.5} stroke="var(--line-strong)" strokeDasharray="2 3" /></svg>;
	const x = (index: number) => (points.length === 1 ? width / 2 : (index / (points.length - 1)) * (width - 2) + 1);
	const y = (value: number) => height - 1.5 - (value / max) * (height - 4);
	// A null breaks the line; a point alone between two is a dot.
	let line = "";
	let area = "";
	let from = -1;
	points.forEach((value, index) => {
		if (value === null) return;
		if (from < 0) from = index;
		line += `${points[index - 1] == null ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
		const next = points[index + 1];
		if (next == null) {
			area += `M${x(from).toFixed(1)} ${height}${points.slice(from, index + 1).map((one, step) => `L${x(from + step).toFixed(1)} ${y(one ?? 0).toFixed(1)}`).join("")}L${x(index).toFixed(1)} ${height}Z`;
			from = -1;
		}
	});
	const last = points.findLastIndex((value) => value !== null);
	const colour = bad ? "var(--orange)" : "var(--bar)";
	return (
		<svg aria-hidden width={width} height={height} viewBox={`0 0 ${width} ${height}`} className="block overflow-visible">
			<path d={area} fill={colour} opacity="0.13" />
			<path d={line} fill="none" stroke={colour} strokeWidth="1.4" strokeLinejoin="round" strokeLinecap="round" />
			{last >= 0 && <circle cx={x(last)} cy={y(points[last] ?? 0)} r="1.8" fill={colour} />}
		</svg>
	);
}
