import { useSyncExternalStore } from "react";
import { load, save } from "@/lib/storage";

export type Theme = "system" | "light" | "dark";
const listeners = new Set<() => void>();
const media = () => (typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null);

export function theme(): Theme {
	const stored = load("theme");
	return stored === "light" || stored === "dark" ? stored : "system";
}

export const isDark = (): boolean => (theme() === "system" ? (media()?.matches ?? false) : theme() === "dark");

function paint() {
	document.documentElement.classList.toggle("dark", isDark());
	for (const listener of listeners) listener();
}

export function setTheme(next: Theme): void {
	save("theme", next === "system" ? null : next);
	paint();
}

/* Follows the system while nothing is chosen, and other tabs. */
export function watchTheme(): () => void {
	const query = media();
	const onStorage = (event: StorageEvent) => {
		if (event.key === "sqlopt.theme") paint();
	};
	query?.addEventListener("change", paint);
	window.addEventListener("storage", onStorage);
	return () => {
		query?.removeEventListener("change", paint);
		window.removeEventListener("storage", onStorage);
	};
}

const subscribe = (listener: () => void) => {
	listeners.add(listener);
	return () => listeners.delete(listener);
};
export const useTheme = (): Theme => useSyncExternalStore(subscribe, theme);
export const useDark = (): boolean => useSyncExternalStore(subscribe, isDark);
