import { load, save } from "@/lib/storage";

/* Text that was typed and not run yet. It belongs to the run that it started from, or to none. */
export interface Draft {
	run: number | null;
	/* the statement of the dashboard that it was, if any */
	query?: number | null;
	sql: string;
}

export function loadDraft(): Draft | null {
	const text = load("draft");
	if (!text) return null;
	try {
		const value = JSON.parse(text) as Partial<Draft>;
		if (typeof value.sql !== "string") return null;
		return { sql: value.sql, run: typeof value.run === "number" ? value.run : null, query: typeof value.query === "number" ? value.query : null };
	} catch {
		return null;
	}
}

export const saveDraft = (draft: Draft | null): void => save("draft", draft && draft.sql !== "" ? JSON.stringify(draft) : null);
