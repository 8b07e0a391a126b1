import { Tabs as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";

export const Tabs = Radix.Root;
export const TabsContent = ({ className, ...props }: ComponentProps<typeof Radix.Content>) => <Radix.Content className={cn("outline-none", className)} {...props} />;

/* `extra` stands beside the tabs, outside the list: only tabs may be in it. */
export const TabsList = ({ className, extra, ...props }: ComponentProps<typeof Radix.List> & { extra?: ReactNode }) => (
	<div className={cn("flex items-center border-b border-line px-3", className)}>
		<Radix.List className="scroll-thin flex min-w-0 flex-1 gap-1 overflow-x-auto" {...props} />
		{extra}
	</div>
);

export function Tab({ value, children, count }: { value: string; children: ReactNode; count?: number }) {
	return (
		<Radix.Trigger
			value={value}
			className="relative inline-flex h-10 items-center gap-1.5 px-2 text-sm font-medium whitespace-nowrap text-fg-2 transition-colors after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:rounded-full hover:text-fg data-[state=active]:text-fg data-[state=active]:after:bg-accent"
		>
			{children}
			{count !== undefined && <span className="tnum rounded-full bg-hover px-1.5 text-2xs leading-4 text-fg-2">{count}</span>}
		</Radix.Trigger>
	);
}

/* A choice of a few, as radio buttons in a row. */
export function Segmented<T extends string>({ label, value, options, onChange }: {
	label: string;
	value: T;
	options: readonly { value: T; label: ReactNode; disabled?: boolean; title?: string }[];
	onChange: (value: T) => void;
}) {
	return (
		<div role="group" aria-label={label} className="inline-flex rounded-md border border-line bg-inset p-0.5">
			{options.map((option) => (
				<button
					key={option.value}
					type="button"
					aria-pressed={value === option.value}
					disabled={option.disabled}
					title={option.title}
					onClick={() => onChange(option.value)}
					className="h-6 rounded-[5px] border border-transparent px-2 text-xs font-medium whitespace-nowrap text-fg-2 transition-colors hover:text-fg disabled:cursor-not-allowed disabled:opacity-45 aria-pressed:border-line aria-pressed:bg-panel aria-pressed:text-fg aria-pressed:shadow-card"
				>
					{option.label}
				</button>
			))}
		</div>
	);
}
