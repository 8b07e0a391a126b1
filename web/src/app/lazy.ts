/* Pages that are loaded when they are opened, while the server may be away or may have been replaced by a newer build. */
import { createElement, use, type FunctionComponent } from "react";
import { ApiError } from "@/api/client";

/* It could not be loaded; `again` lets the next try ask anew. */
export class PageAway extends ApiError {
	constructor(readonly again: () => void) {
		super(0, "This page could not be loaded", "The server does not answer. It may be stopped or restarting; try again in a moment.", null);
	}
}

const RELOADED = "reloaded for";
/* Files of an older build are gone from a server that answers: the whole page is loaded anew, once for each file. */
async function replaced(error: unknown): Promise<boolean> {
	const there = await fetch("/health", { cache: "no-store" }).then(() => true, () => false);
	const file = String(error);
	if (!there || sessionStorage.getItem(RELOADED) === file) return false;
	sessionStorage.setItem(RELOADED, file);
	window.location.reload();
	return true;
}

/* The router's own loads all anew also when nobody answers, and then not even the frame is left. */
export function lazyPage(load: () => Promise<{ default: FunctionComponent }>): FunctionComponent & { preload: () => Promise<void> } {
	let page: FunctionComponent | null = null;
	let asked: Promise<void> | null = null;
	const forget = () => {
		asked = null;
	};
	const ask = () =>
		(asked ??= load().then(
			(module) => {
				page = module.default;
			},
			async (error: unknown) => {
				if (await replaced(error)) return new Promise<void>(() => undefined);
				throw new PageAway(forget);
			},
		));
	function Page() {
		if (!page) use(ask());
		return page && createElement(page);
	}
	// What fails is told by the page itself.
	return Object.assign(Page, { preload: () => ask().catch(() => undefined) });
}
