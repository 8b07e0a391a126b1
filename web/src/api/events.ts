/* Live events. The stream only says that something moved; the truth is read by the ordinary queries, which also poll, so
 * a stream that cannot be opened costs a second or two and nothing else. */
import type { QueryClient } from "@tanstack/react-query";
import { keys } from "./queries";

const NAMES = ["job", "step", "progress", "gap"];

export function listen(client: QueryClient): () => void {
	if (typeof EventSource === "undefined") return () => undefined;
	const source = new EventSource("/api/events");
	let failures = 0;
	const onEvent = (event: MessageEvent<string>) => {
		failures = 0;
		let id: number | null = null;
		try {
			const data = JSON.parse(event.data) as { id?: unknown; job_id?: unknown };
			const value = data.job_id ?? data.id;
			if (typeof value === "number") id = value;
		} catch {
			/* a comment or a keep-alive */
		}
		void client.invalidateQueries({ queryKey: keys.jobs });
		if (id !== null) void client.invalidateQueries({ queryKey: keys.job(id) });
	};
	source.onmessage = onEvent;
	for (const name of NAMES) source.addEventListener(name, onEvent as EventListener);
	source.onopen = () => {
		failures = 0;
	};
	source.onerror = () => {
		// The browser reconnects by itself with Last-Event-ID; after a few refusals polling has to do.
		if (source.readyState === EventSource.CLOSED || ++failures > 5) source.close();
	};
	return () => source.close();
}
