/* Live events. The stream only says that something moved; the truth is read by the ordinary queries, which also poll, so
 * a stream that cannot be opened costs a second or two and nothing else. */
import type { QueryClient } from "@tanstack/react-query";
import { keys } from "./queries";

const NAMES = ["job", "step", "progress", "poll", "finding", "gap"];
const FINAL = ["done", "failed", "cancelled", "interrupted"];
const REOPEN_MS = 30_000;
const GATHER_MS = 60;

/* What an event makes stale: the job, and with its last event all that it may have written. */
export function staleBy(text: string, name = "job"): (readonly unknown[])[] {
	// What a poll found is in the figures only after the fold, which follows within seconds: those pages ask by themselves.
	if (name === "poll") return [["monitoring"]];
	if (name === "finding") return [["findings"], ["queries"], ["stats"]];
	let data: { id?: unknown; state?: unknown; result_id?: unknown } = {};
	try {
		data = (JSON.parse(text) as typeof data | null) ?? {};
	} catch {
		/* a comment or a keep-alive */
	}
	const stale: (readonly unknown[])[] = [keys.jobs];
	if (typeof data.id === "number") stale.push(keys.job(data.id));
	// A step event has a state too, of the step; only jobs have results.
	if (!FINAL.includes(String(data.state)) || !("result_id" in data)) return stale;
	stale.push(["runs"], ["stats"], keys.connections);
	if (typeof data.result_id === "number") stale.push(keys.run(data.result_id));
	return stale;
}

export function listen(client: QueryClient): () => void {
	if (typeof EventSource === "undefined") return () => undefined;
	let source: EventSource | null = null;
	let timer = 0;
	// The steps of a quick run come within milliseconds: one question answers for all of them.
	let waiting = new Map<string, readonly unknown[]>();
	let flush = 0;
	const ask = () => {
		const now = waiting;
		waiting = new Map();
		flush = 0;
		for (const queryKey of now.values()) void client.invalidateQueries({ queryKey });
	};
	const open = () => {
		const stream = new EventSource("/api/events");
		let failures = 0;
		const take = (event: MessageEvent<string>) => {
			failures = 0;
			for (const queryKey of staleBy(event.data, event.type)) waiting.set(JSON.stringify(queryKey), queryKey);
			flush ||= window.setTimeout(ask, GATHER_MS);
		};
		source = stream;
		stream.onmessage = take;
		for (const name of NAMES) stream.addEventListener(name, take as EventListener);
		stream.onopen = () => {
			failures = 0;
		};
		stream.onerror = () => {
			// The browser reconnects by itself with Last-Event-ID; after a few refusals polling has to do for a while.
			if (stream.readyState !== EventSource.CLOSED && ++failures <= 5) return;
			stream.close();
			timer = window.setTimeout(open, REOPEN_MS);
		};
	};
	open();
	return () => {
		window.clearTimeout(timer);
		window.clearTimeout(flush);
		source?.close();
	};
}
