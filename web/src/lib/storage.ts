/* localStorage that never throws: private windows and policies may block it. */
export function load(key: string): string | null {
	try {
		return localStorage.getItem(`sqlopt.${key}`);
	} catch {
		return null;
	}
}
export function save(key: string, value: string | null): void {
	try {
		if (value === null) localStorage.removeItem(`sqlopt.${key}`);
		else localStorage.setItem(`sqlopt.${key}`, value);
	} catch {
		/* nothing is lost but a convenience */
	}
}
