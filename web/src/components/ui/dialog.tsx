import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useState, type ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Button } from "./button";

export const Dialog = Radix.Root;
export const DialogTrigger = Radix.Trigger;
export const DialogClose = Radix.Close;

export function DialogContent({ title, description, children, footer, wide }: { title: ReactNode; description?: ReactNode; children?: ReactNode; footer?: ReactNode; wide?: boolean }) {
	// Most dialogs here are opened by state, not by a trigger: without this the focus would be lost when they close.
	const [opener] = useState(() => document.activeElement);
	return (
		<Radix.Portal>
			<Radix.Overlay className="late fixed inset-0 z-40 bg-black/40 [animation-delay:0s]" />
			<Radix.Content
				className={cn(
					"pop fixed top-[10vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col rounded-xl border border-line bg-panel shadow-pop",
					wide ? "max-w-2xl" : "max-w-md",
				)}
				onCloseAutoFocus={(event) => {
					event.preventDefault();
					const back = opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : document.getElementById("main");
					back?.focus();
				}}
				{...(description ? {} : { "aria-describedby": undefined })}
			>
				<div className="flex items-start gap-3 px-5 pt-4 pb-3">
					<div className="min-w-0 flex-1">
						<Radix.Title className="text-lg font-semibold tracking-tight">{title}</Radix.Title>
						{description && <Radix.Description className="mt-1 text-fg-2">{description}</Radix.Description>}
					</div>
					<Radix.Close asChild>
						<Button look="quiet" size="icon-sm" aria-label="Close" className="-mr-1.5">
							<X />
						</Button>
					</Radix.Close>
				</div>
				{children && (
					<div className="scroll-thin overflow-y-auto px-5 pb-4" tabIndex={-1}>
						{children}
					</div>
				)}
				{footer && <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</div>}
			</Radix.Content>
		</Radix.Portal>
	);
}
