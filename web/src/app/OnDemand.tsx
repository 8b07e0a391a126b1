import { Slot } from "radix-ui";
import { Suspense, useState, type ComponentType, type KeyboardEvent, type ReactElement } from "react";

export interface OpenedMenu {
	/* the button that opens it */
	children: ReactElement;
}

/* A button of the frame whose menu is not loaded before it is asked for: what places a menu and keeps the focus in it is a
 * fifth of the frame. `menu` is lazy, takes the button as its trigger, and is open when it appears. */
export function OnDemand({ menu: Opened, children }: OpenedMenu & { menu: ComponentType<OpenedMenu> }) {
	const [asked, setAsked] = useState(false);
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key !== "ArrowDown") return;
		event.preventDefault();
		setAsked(true);
	};
	const closed = (
		<Slot.Root aria-haspopup="menu" aria-expanded={false} onClick={() => setAsked(true)} onKeyDown={onKeyDown}>
			{children}
		</Slot.Root>
	);
	return asked ? (
		<Suspense fallback={closed}>
			<Opened>{children}</Opened>
		</Suspense>
	) : (
		closed
	);
}
