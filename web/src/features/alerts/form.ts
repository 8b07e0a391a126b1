/* What the forms of alerts hold, and what is sent of it. */
import type { AlertEvent, Channel, ChannelInput, ChannelKind, Rule, RuleInput } from "@/api/alerts";
import type { FieldError } from "@/api/client";
import { capital } from "@/lib/format";

export const kindWords: Record<ChannelKind, string> = { webhook: "Webhook", slack: "Slack and compatible", email: "E-mail" };
export const eventWords: Record<AlertEvent, { label: string; hint: string; short: string }> = {
	regression: { label: "Regressions", hint: "A query got slower, a slow one is new, or one is called in a loop", short: "regressions" },
	finding: { label: "Other findings", hint: "Whatever else the monitor found", short: "other findings" },
	collection_failure: { label: "Collection failures", hint: "The statistics of a connection cannot be read any more", short: "collection failures" },
	resolved: { label: "The end of each", hint: "What was told is over", short: "their end" },
};
export const events = Object.keys(eventWords) as AlertEvent[];

export interface ChannelValues {
	name: string;
	kind: ChannelKind;
	enabled: boolean;
	url: string;
	authorization: string;
	smtp_host: string;
	smtp_port: string;
	smtp_security: "tls" | "starttls" | "none";
	username: string;
	password: string;
	from: string;
	to: string;
	tls_ca: string;
	max_per_hour: string;
	/* what is kept and may be missing (the password of a mail server, the authorization of a webhook) is to be forgotten */
	forget: boolean;
}
export type Errors<T> = Partial<Record<keyof T | "", string>>;

export const channelValues = (channel: Channel | null): ChannelValues => ({
	name: channel?.name ?? "",
	kind: channel?.kind ?? "slack",
	enabled: channel?.enabled ?? true,
	// Secrets never come back: an empty box keeps what is stored.
	url: "",
	authorization: "",
	password: "",
	forget: false,
	smtp_host: channel?.smtp_host ?? "",
	smtp_port: channel?.smtp_port ? String(channel.smtp_port) : "",
	smtp_security: (channel?.smtp_security as ChannelValues["smtp_security"] | null) ?? "starttls",
	username: channel?.username ?? "",
	from: channel?.from ?? "",
	to: channel?.to.join(", ") ?? "",
	tls_ca: channel?.tls_ca ?? "",
	max_per_hour: String(channel?.max_per_hour ?? 60),
});

export const addresses = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);
const whole = (text: string): number | null => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : null);

export function checkChannel(values: ChannelValues, stored: boolean): Errors<ChannelValues> {
	const errors: Errors<ChannelValues> = {};
	if (values.name.trim() === "") errors.name = "Give it a name: rules and the log call it so.";
	if (values.kind === "email") {
		if (values.smtp_host.trim() === "") errors.smtp_host = "The mail server that takes it.";
		if (addresses(values.to).length === 0) errors.to = "At least one address.";
		if (values.from.trim() === "") errors.from = "The address it comes from.";
		if (values.smtp_port.trim() !== "" && whole(values.smtp_port) === null) errors.smtp_port = "A number, or empty.";
	} else if (values.url.trim() === "" && !stored) errors.url = "The address that is posted to.";
	if (whole(values.max_per_hour) === null) errors.max_per_hour = "A number, 1 to 1000.";
	return errors;
}

/* Only what the kind takes; of a stored one no secret that was left empty, and "" for one that is to be forgotten. */
export function channelInput(values: ChannelValues, stored: boolean): ChannelInput {
	const text = (value: string) => (value.trim() === "" ? null : value.trim());
	const out: ChannelInput = { name: values.name.trim(), enabled: values.enabled, max_per_hour: whole(values.max_per_hour) ?? 60 };
	if (!stored) out.kind = values.kind;
	out.tls_ca = text(values.tls_ca);
	if (values.kind === "email") {
		Object.assign(out, { smtp_host: text(values.smtp_host), smtp_port: values.smtp_port.trim() === "" ? null : whole(values.smtp_port), smtp_security: values.smtp_security, username: text(values.username), from: text(values.from), to: addresses(values.to) });
		if (values.password !== "" || values.forget) out.password = values.forget ? "" : values.password;
	} else {
		if (values.url.trim() !== "") out.url = values.url.trim();
		if (values.kind === "webhook" && (values.authorization !== "" || values.forget)) out.authorization = values.forget ? "" : values.authorization;
	}
	return out;
}

export interface RuleValues {
	name: string;
	channel_id: number;
	enabled: boolean;
	events: AlertEvent[];
	min_severity: Rule["min_severity"];
	connection_id: number | null;
	failures: string;
	quiet_s: number;
}
export const ruleValues = (rule: Rule | null, channel: number): RuleValues => ({
	name: rule?.name ?? "",
	channel_id: rule?.channel_id ?? channel,
	enabled: rule?.enabled ?? true,
	events: rule?.events ?? [...events],
	min_severity: rule?.min_severity ?? "high",
	connection_id: rule?.connection_id ?? null,
	failures: String(rule?.failures ?? 3),
	quiet_s: rule?.quiet_s ?? 3600,
});
export function checkRule(values: RuleValues): Errors<RuleValues> {
	const errors: Errors<RuleValues> = {};
	if (values.name.trim() === "") errors.name = "Give it a name.";
	if (values.events.length === 0) errors.events = "At least one kind of event.";
	if (whole(values.failures) === null || whole(values.failures) === 0) errors.failures = "A number, 1 to 100.";
	return errors;
}
export const ruleInput = (values: RuleValues): RuleInput => ({ ...values, name: values.name.trim(), failures: whole(values.failures) ?? 3 });

/* The server's word on single fields; what belongs to none of the form is told at its foot. */
export function fieldsOf<T extends object>(fields: readonly FieldError[], values: T): Errors<T> {
	const errors: Errors<T> = {};
	for (const { path, message } of fields) {
		const key = path.split(".")[0] ?? "";
		const text = capital(message);
		if (key in values) errors[key as keyof T] = text as Errors<T>[keyof T];
		else errors[""] = text as Errors<T>[""];
	}
	return errors;
}

/* "Regressions and collection failures" */
export function eventsText(list: readonly AlertEvent[]): string {
	if (list.length === events.length) return "Everything, and its end";
	const words = events.filter((event) => list.includes(event)).map((event) => eventWords[event].short);
	const text = words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}` : (words[0] ?? "nothing");
	return text.charAt(0).toUpperCase() + text.slice(1);
}
