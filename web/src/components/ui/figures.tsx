/* The figures at the head of a page: what it is about, in numbers. */
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const columns = { 5: "md:grid-cols-5", 6: "md:grid-cols-3 xl:grid-cols-6" };

/* The lines between are what shines through, so that they are there in every arrangement. */
export const Figures = ({ count, children }: { count: keyof typeof columns; children: ReactNode }) => <dl className={cn("panel mb-3 grid grid-cols-2 gap-px overflow-hidden !bg-line [&>*]:bg-panel", columns[count])}>{children}</dl>;

/* `wide`: alone in the last row where there are two beside each other. */
export function Figure({ label, value, note, title, tone, wide }: { label: string; value: string; note?: ReactNode; title?: string; tone?: "bad" | "worse"; wide?: boolean }) {
	return (
		<div className={cn("min-w-0 px-4 py-3.5", wide && "max-md:col-span-2")}>
			<dt className="truncate text-xs text-fg-2">{label}</dt>
			<dd>
				<span className={cn("tnum text-2xl font-semibold tracking-tight whitespace-nowrap", tone === "bad" && "text-red")} title={title}>
					{value}
				</span>
				<span className={cn("tnum mt-0.5 block text-2xs break-words md:truncate", tone === "worse" ? "font-medium text-orange" : "text-fg-3")}>{note ?? "\u00a0"}</span>
			</dd>
		</div>
	);
}
