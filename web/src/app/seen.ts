/* Which notices this browser has shown. */
import { useSyncExternalStore } from "react";
import { keyOf, type Notice } from "@/api/notices";
import { load, save } from "@/lib/storage";

const KEY = "notices";
const listeners = new Set<() => void>();
const stored = (): string => load(KEY) ?? "";
const subscribe = (listener: () => void) => {
	listeners.add(listener);
	return () => listeners.delete(listener);
};

export function unseen(list: readonly Notice[], seen: string): number {
	const known = new Set(seen.split("\n"));
	return list.filter((notice) => !known.has(keyOf(notice))).length;
}

/* Only what still is there is remembered. */
export function markSeen(list: readonly Notice[]): void {
	save(KEY, list.map(keyOf).join("\n"));
	for (const listener of listeners) listener();
}

export const useUnseen = (list: readonly Notice[]): number => unseen(list, useSyncExternalStore(subscribe, stored));
