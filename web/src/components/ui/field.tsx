import { ChevronDown } from "lucide-react";
import { Switch as Radix } from "radix-ui";
import { useId, type ComponentProps, type ReactNode } from "react";
import { cn } from "@/lib/cn";

const box =
	"h-8 w-full rounded-md border border-line-strong bg-panel px-2.5 text-sm text-fg shadow-card placeholder:text-fg-3 aria-invalid:border-red disabled:opacity-60";

export const Input = ({ className, ...props }: ComponentProps<"input">) => <input className={cn(box, className)} {...props} />;

export function Select({ className, children, ...props }: ComponentProps<"select">) {
	return (
		<span className={cn("relative inline-flex w-full", className)}>
			<select className={cn(box, "appearance-none truncate pr-7")} {...props}>
				{children}
			</select>
			<ChevronDown aria-hidden className="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-fg-3" />
		</span>
	);
}

/* Label, control, hint and error, tied together for screen readers. */
export function Field({ label, hint, error, children, className }: {
	label: string;
	hint?: ReactNode;
	error?: string | null;
	className?: string;
	children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}) {
	const id = useId();
	const note = error ?? hint;
	return (
		<div className={cn("flex min-w-0 flex-col gap-1", className)}>
			<label htmlFor={id} className="text-xs font-medium text-fg-2">
				{label}
			</label>
			{children({ id, "aria-describedby": note ? `${id}-note` : undefined, "aria-invalid": error ? true : undefined })}
			{note && (
				<p id={`${id}-note`} className={cn("text-xs", error ? "text-red" : "text-fg-3")}>
					{note}
				</p>
			)}
		</div>
	);
}

export function Toggle({ label, hint, checked, onChange, disabled }: { label: string; hint?: ReactNode; checked: boolean; onChange: (on: boolean) => void; disabled?: boolean }) {
	const id = useId();
	return (
		<div className="flex items-start gap-2.5">
			<Radix.Root
				id={id}
				checked={checked}
				onCheckedChange={onChange}
				disabled={disabled}
				aria-describedby={hint ? `${id}-hint` : undefined}
				className="relative mt-px h-[1.125rem] w-8 shrink-0 rounded-full bg-line-strong transition-colors before:absolute before:-inset-1 data-[state=checked]:bg-accent disabled:opacity-50"
			>
				<Radix.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-white shadow-card transition-transform data-[state=checked]:translate-x-4" />
			</Radix.Root>
			<div className="min-w-0">
				<label htmlFor={id} className="cursor-pointer text-sm">
					{label}
				</label>
				{hint && (
					<p id={`${id}-hint`} className="text-xs text-fg-3">
						{hint}
					</p>
				)}
			</div>
		</div>
	);
}
