import { useEffect } from "react";

/* The title of a page that has more to say than its place in the rail. Null while that is not known yet. */
export function useTitle(text: string | null): void {
	useEffect(() => {
		if (text !== null) document.title = `${text} · sqlopt`;
	}, [text]);
}
