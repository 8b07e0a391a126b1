import { useEffect, useRef } from "react";

/* Keys that mean something only while nobody is typing. */
export function typing(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false;
	return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest(".cm-editor") !== null;
}

export interface KeyMap {
	[keys: string]: () => void;
}

/* Single keys ("d", "?") and pairs ("g o"). Pairs must follow within a second. */
export function useKeys(map: KeyMap): void {
	const current = useRef(map);
	useEffect(() => {
		current.current = map;
	});
	useEffect(() => {
		let lead = "";
		let at = 0;
		const onKey = (event: KeyboardEvent) => {
			if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
			if (document.querySelector('[role="dialog"]')) return;
			const now = performance.now();
			const pair = lead && now - at < 1000 ? `${lead} ${event.key}` : "";
			const action = (pair && current.current[pair]) || current.current[event.key];
			if (action) {
				event.preventDefault();
				lead = "";
				action();
				return;
			}
			lead = Object.keys(current.current).some((keys) => keys.startsWith(`${event.key} `)) ? event.key : "";
			at = now;
		};
		window.addEventListener("keydown", onKey);
		return () => window.removeEventListener("keydown", onKey);
	}, []);
}

export const shortcuts: readonly { group: string; items: readonly (readonly [string, string])[] }[] = [
	{
		group: "Anywhere",
		items: [
			["Ctrl K", "Command palette"],
			["g d", "Dashboard"],
			["g q", "Queries"],
			["g o", "Optimizer"],
			["g m", "Monitoring"],
			["g a", "Activity of sessions"],
			["g j", "Jobs"],
			["g c", "Connections"],
			["r", "Refresh what is shown"],
			["y", "Copy the link to this view"],
			["d", "Light or dark"],
			["?", "These keys"],
		],
	},
	{
		group: "Lists",
		items: [
			["/", "Filter"],
			["j k", "Next, previous row"],
			["Enter", "Open the row"],
			["[ ]", "Previous, next page"],
		],
	},
	{
		group: "Optimizer",
		items: [
			["Ctrl Enter", "Optimize the statement"],
			["Ctrl Shift F", "Format the statement"],
			["1 … 4", "Proposals, findings, plan, explanation"],
			["c", "Copy the best SQL"],
		],
	},
	{
		group: "Plan",
		items: [
			["↑ ↓", "Walk the nodes"],
			["← →", "To the parent, to the first child"],
			["b", "Next bottleneck"],
			["m", "Next metric"],
			["+ − f", "Diagram: zoom, fit"],
		],
	},
];
