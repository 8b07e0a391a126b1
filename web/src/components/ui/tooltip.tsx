import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";

/* The trigger must be focusable or carry its own text: a tooltip only adds. */
export function Tip({ text, children, side }: { text: ReactNode; children: ReactNode; side?: "top" | "right" | "bottom" | "left" }) {
	return (
		<Radix.Provider delayDuration={300}>
			<Radix.Root>
				<Radix.Trigger asChild>{children}</Radix.Trigger>
				<Radix.Portal>
					<Radix.Content
						side={side ?? "top"}
						sideOffset={6}
						collisionPadding={8}
						className="pop z-50 max-w-72 rounded-md bg-fg px-2 py-1 text-xs text-bg shadow-pop"
					>
						{text}
					</Radix.Content>
				</Radix.Portal>
			</Radix.Root>
		</Radix.Provider>
	);
}
