import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const button = cva(
	"inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
	{
		variants: {
			look: {
				primary: "bg-accent text-on-accent shadow-card hover:bg-accent-strong",
				normal: "border border-line-strong bg-panel text-fg shadow-card hover:bg-hover",
				quiet: "text-fg-2 hover:bg-hover hover:text-fg",
				danger: "border border-line-strong bg-panel text-red shadow-card hover:bg-hover",
			},
			size: { md: "h-8 px-3 text-sm", sm: "h-7 px-2 text-xs [&_svg]:size-3.5", icon: "size-8", "icon-sm": "size-7 [&_svg]:size-3.5" },
		},
		defaultVariants: { look: "normal", size: "md" },
	},
);

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof button> {
	asChild?: boolean;
}

export function Button({ className, look, size, asChild, type, ...props }: ButtonProps) {
	const Tag = asChild ? Slot.Root : "button";
	return <Tag className={cn(button({ look, size }), className)} {...(asChild ? {} : { type: type ?? "button" })} {...props} />;
}
