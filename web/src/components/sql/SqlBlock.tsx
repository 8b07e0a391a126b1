import { useMemo, type ReactNode } from "react";
import { cn } from "@/lib/cn";
import { sqlTokens } from "./tokens";

const MAX_COLOURED = 40_000;

/* SQL as coloured text. Very long statements stay plain: thousands of spans help nobody. */
export function Sql({ text }: { text: string }) {
	const pieces = useMemo(() => (text.length > MAX_COLOURED ? null : sqlTokens(text)), [text]);
	if (!pieces) return <>{text}</>;
	return (
		<>
			{pieces.map((piece, index) =>
				piece.kind === "name" || piece.kind === "space" ? piece.text : (
					<span key={index} className={`tok-${piece.kind}`}>
						{piece.text}
					</span>
				),
			)}
		</>
	);
}

export function SqlBlock({ text, actions, className, label }: { text: string; actions?: ReactNode; className?: string; label: string }) {
	return (
		<div className={cn("relative rounded-lg border border-line bg-inset", className)}>
			<pre tabIndex={0} aria-label={label} role="region" className={cn("scroll-thin max-h-80 overflow-auto rounded-lg p-3 text-xs leading-5 break-words whitespace-pre-wrap", actions && "pr-11")}>
				<code>
					<Sql text={text} />
				</code>
			</pre>
			{actions && <div className="absolute top-1.5 right-1.5 flex gap-1">{actions}</div>}
		</div>
	);
}
