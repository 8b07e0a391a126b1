import { useEffect, useState } from "react";

/* The time, again every `ms`: for what counts down. */
export function useNow(ms = 1_000): number {
	const [now, setNow] = useState(() => Date.now());
	useEffect(() => {
		const timer = window.setInterval(() => setNow(Date.now()), ms);
		return () => window.clearInterval(timer);
	}, [ms]);
	return now;
}
