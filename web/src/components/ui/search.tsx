import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { Input } from "./field";

/* A search box whose text is kept elsewhere (the address bar), trimmed there. `delay`: ms of silence before it is told. */
export function SearchBox({ label, placeholder, value, onChange, delay = 0, className, slash }: { label: string; placeholder: string; value: string; onChange: (text: string) => void; delay?: number; className?: string; slash?: boolean }) {
	// What is being typed is shown as long as nobody else has changed the value meanwhile.
	const [typed, setTyped] = useState({ text: value, base: value });
	const timer = useRef<number | undefined>(undefined);
	const box = useRef<HTMLInputElement>(null);
	useEffect(() => () => window.clearTimeout(timer.current), []);
	useEffect(() => {
		if (!slash) return;
		const onKey = (event: KeyboardEvent) => {
			const target = event.target;
			if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('[role="dialog"]')) return;
			if (target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) return;
			event.preventDefault();
			box.current?.focus();
		};
		window.addEventListener("keydown", onKey);
		return () => window.removeEventListener("keydown", onKey);
	}, [slash]);
	const shown = value === typed.base || value === typed.text.trim() ? typed.text : value;
	const tell = (text: string) => {
		setTyped({ text, base: text.trim() });
		onChange(text.trim());
	};
	return (
		<div className={cn("relative w-60 max-sm:w-full", className)}>
			<Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-fg-3" />
			<Input
				ref={box}
				type="search"
				aria-label={label}
				aria-keyshortcuts={slash ? "/" : undefined}
				placeholder={placeholder}
				className="pl-8"
				value={shown}
				onChange={(event) => {
					const text = event.target.value;
					window.clearTimeout(timer.current);
					if (delay === 0 || text === "") tell(text);
					else {
						setTyped({ text, base: value });
						timer.current = window.setTimeout(() => tell(text), delay);
					}
				}}
			/>
		</div>
	);
}
