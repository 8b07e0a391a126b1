import { DropdownMenu as Radix } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export const Menu = Radix.Root;
export const MenuTrigger = Radix.Trigger;
export const MenuSeparator = () => <Radix.Separator className="my-1 h-px bg-line" />;
export const MenuLabel = (props: ComponentProps<typeof Radix.Label>) => <Radix.Label {...props} className="px-2 py-1 text-2xs font-medium text-fg-3" />;

export function MenuContent({ className, ...props }: ComponentProps<typeof Radix.Content>) {
	return (
		<Radix.Portal>
			<Radix.Content
				sideOffset={6}
				collisionPadding={8}
				className={cn("pop z-50 max-h-[70vh] min-w-44 overflow-y-auto rounded-lg border border-line bg-panel p-1 shadow-pop", className)}
				{...props}
			/>
		</Radix.Portal>
	);
}

export function MenuItem({ className, ...props }: ComponentProps<typeof Radix.Item>) {
	return (
		<Radix.Item
			className={cn(
				"flex min-h-7 cursor-pointer items-center gap-2 rounded-md px-2 py-1 text-sm outline-none select-none data-[disabled]:pointer-events-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover [&_svg]:size-4 [&_svg]:text-fg-3",
				className,
			)}
			{...props}
		/>
	);
}
