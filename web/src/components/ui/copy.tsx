import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { toast } from "@/lib/toast";
import { Button, type ButtonProps } from "./button";

/* navigator.clipboard is absent on plain http over a network address: fall back to a selection. */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const area = document.createElement("textarea");
		area.value = text;
		area.setAttribute("readonly", "");
		area.style.position = "fixed";
		area.style.opacity = "0";
		document.body.append(area);
		area.select();
		try {
			return document.execCommand("copy");
		} catch {
			return false;
		} finally {
			area.remove();
		}
	}
}

export function CopyButton({ text, label = "Copy", name, look, size = "sm", className }: { text: string; label?: string; name?: string } & Pick<ButtonProps, "look" | "size" | "className">) {
	const [copied, setCopied] = useState(false);
	const timer = useRef<number | undefined>(undefined);
	useEffect(() => () => window.clearTimeout(timer.current), []);
	return (
		<Button
			look={look}
			size={size}
			className={className}
			aria-label={name ?? label}
			onClick={async () => {
				if (!(await copyText(text))) {
					toast.error("The browser refused to copy. Select the text and copy it by hand.");
					return;
				}
				setCopied(true);
				window.clearTimeout(timer.current);
				timer.current = window.setTimeout(() => setCopied(false), 1_600);
			}}
		>
			{copied ? <Check className="text-green" /> : <Copy />}
			{size !== "icon" && size !== "icon-sm" && (copied ? "Copied" : label)}
			<span role="status" className="sr-only">
				{copied ? "Copied" : ""}
			</span>
		</Button>
	);
}
