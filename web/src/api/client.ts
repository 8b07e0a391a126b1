/* One door to the server. Every failure becomes an ApiError with something a person can act on. */

export interface FieldError {
	path: string;
	message: string;
}

export class ApiError extends Error {
	readonly status: number;
	readonly title: string;
	readonly detail: string;
	readonly requestId: string | null;
	readonly fields: FieldError[];
	readonly body: Record<string, unknown>;

	constructor(status: number, title: string, detail: string, requestId: string | null, fields: FieldError[] = [], body: Record<string, unknown> = {}) {
		super(detail || title);
		this.name = "ApiError";
		this.status = status;
		this.title = title;
		this.detail = detail;
		this.requestId = requestId;
		this.fields = fields;
		this.body = body;
	}

	get offline(): boolean {
		return this.status === 0;
	}
}

const TITLES: Record<number, string> = {
	400: "The request was refused",
	403: "Not allowed",
	404: "Not found",
	409: "Conflict",
	413: "Too large",
	422: "Some values are not valid",
	429: "Too many requests",
	500: "The server failed",
	502: "The database answered with an error",
	503: "Not available now",
	504: "The database did not answer in time",
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/* Reads problem+json, the list form of 422, and bodies that are neither. */
export function problemFrom(status: number, body: unknown, requestId: string | null): ApiError {
	const problem = isRecord(body) ? body : {};
	const fallback = TITLES[status] ?? (status >= 500 ? "The server failed" : "The request failed");
	const fields: FieldError[] = [];
	let detail = "";
	if (Array.isArray(problem.detail)) {
		for (const item of problem.detail) {
			if (!isRecord(item)) continue;
			const loc = Array.isArray(item.loc) ? item.loc.filter((part) => part !== "body" && part !== "query" && part !== "path") : [];
			fields.push({ path: loc.join("."), message: String(item.msg ?? "is not valid") });
		}
		detail = fields.map((field) => (field.path ? `${field.path}: ${field.message}` : field.message)).join("; ");
	} else if (typeof problem.detail === "string") {
		detail = problem.detail;
	}
	const title = typeof problem.title === "string" && problem.title ? problem.title : fallback;
	const id = typeof problem.request_id === "string" ? problem.request_id : requestId;
	return new ApiError(status, title, detail, id, fields, problem);
}

export interface Answer<T> {
	status: number;
	data: T;
	headers: Headers;
}

export interface RequestOptions {
	method?: "GET" | "POST" | "PUT" | "DELETE";
	body?: unknown;
	headers?: Record<string, string>;
	signal?: AbortSignal;
}

export async function request<T>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
	const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
	if (options.body !== undefined) headers["Content-Type"] = "application/json";
	let response: Response;
	try {
		response = await fetch(path, {
			method: options.method ?? "GET",
			headers,
			body: options.body === undefined ? undefined : JSON.stringify(options.body),
			signal: options.signal,
		});
	} catch (cause) {
		if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
		throw new ApiError(0, "The server cannot be reached", "sqlopt does not answer at this address. It may be stopped or restarting; this page keeps trying.", null);
	}
	const requestId = response.headers.get("X-Request-ID");
	const text = await response.text();
	let data: unknown = null;
	if (text !== "") {
		try {
			data = JSON.parse(text);
		} catch {
			throw new ApiError(response.status, TITLES[response.status] ?? "Unexpected answer", "The answer was not JSON. Is another program listening at this address?", requestId);
		}
	}
	if (!response.ok) throw problemFrom(response.status, data, requestId);
	return { status: response.status, data: data as T, headers: response.headers };
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await request<T>(path, { signal })).data;
/* A list with the number of all there are, of which these are the first. */
export async function getList<T>(path: string, signal?: AbortSignal): Promise<{ items: T[]; total: number }> {
	const answer = await request<T[]>(path, { signal });
	const header = answer.headers.get("X-Total-Count");
	const total = header === null ? Number.NaN : Number(header);
	return { items: answer.data, total: Number.isFinite(total) ? total : answer.data.length };
}
export const post = async <T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> =>
	(await request<T>(path, { method: "POST", body: body ?? {}, signal })).data;
export const put = async <T>(path: string, body: unknown): Promise<T> => (await request<T>(path, { method: "PUT", body })).data;
export const del = async (path: string): Promise<void> => void (await request(path, { method: "DELETE" }));
