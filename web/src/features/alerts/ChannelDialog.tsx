import { LoaderCircle } from "lucide-react";
import { useState } from "react";
import { useSaveChannel, type Channel, type ChannelKind } from "@/api/alerts";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input, Select, Toggle } from "@/components/ui/field";
import { ErrorState } from "@/components/ui/states";
import { toast } from "@/lib/toast";
import { channelInput, channelValues, checkChannel, fieldsOf, kindWords, type ChannelValues, type Errors } from "./form";

type Text = Exclude<keyof ChannelValues, "kind" | "enabled" | "smtp_security" | "forget">;
const defaultPorts = { tls: "465", starttls: "587", none: "25" };

export function ChannelDialog({ channel, close }: { channel: Channel | null; close: () => void }) {
	const [values, setValues] = useState(() => channelValues(channel));
	const [errors, setErrors] = useState<Errors<ChannelValues>>({});
	const save = useSaveChannel();
	const stored = channel !== null;
	const kept = channel?.has_secret ? "Kept; leave it empty to keep it" : undefined;
	const set = <K extends keyof ChannelValues>(key: K, value: ChannelValues[K]) => {
		setValues((old) => ({ ...old, [key]: value }));
		setErrors((old) => ({ ...old, [key]: undefined }));
	};
	const send = () => {
		const found = checkChannel(values, stored);
		setErrors(found);
		const bad = Object.keys(found)[0];
		if (bad) return document.querySelector<HTMLElement>(`[name="${bad}"]`)?.focus();
		save.mutate(
			{ id: channel?.id ?? null, input: channelInput(values, stored) },
			{
				onSuccess: (saved) => {
					toast.success(stored ? `${saved.name} was saved` : `${saved.name} was added`, stored ? undefined : { description: "Send it a test, then say with a rule what it is told." });
					close();
				},
				onError: (error) => setErrors(fieldsOf(error.fields, values)),
			},
		);
	};
	const text = (key: Text, label: string, more: { hint?: string; placeholder?: string; className?: string; secret?: boolean; numeric?: boolean; off?: boolean } = {}) => (
		<Field label={label} hint={more.hint} error={errors[key]} className={more.className ?? "col-span-6"}>
			{(attributes) => (
				<Input {...attributes} name={key} type={more.secret ? "password" : "text"} autoComplete={more.secret ? "new-password" : "off"} spellCheck={false} inputMode={more.numeric ? "numeric" : undefined} placeholder={more.placeholder} disabled={more.off} value={values[key]} onChange={(event) => set(key, event.target.value)} />
			)}
		</Field>
	);
	const email = values.kind === "email";
	/* A secret that may be missing: typed anew, left as it is, or forgotten. */
	const optional = (key: "password" | "authorization", label: string, more: { hint: string; placeholder?: string; className?: string }) => (
		<div className={more.className ?? "col-span-6"}>
			{text(key, label, { secret: true, className: "", placeholder: values.forget ? undefined : more.placeholder, hint: values.forget ? "Forgotten when you save" : (channel?.has_login ? kept : more.hint), off: values.forget })}
			{channel?.has_login && (
				<button
					type="button"
					className="mt-1 rounded text-xs text-fg-2 underline hover:text-accent-text"
					onClick={() => setValues((old) => ({ ...old, forget: !old.forget, [key]: "" }))}
				>
					{values.forget ? `Keep the ${label.toLowerCase()}` : `Remove the ${label.toLowerCase()}`}
				</button>
			)}
		</div>
	);
	return (
		<Dialog open onOpenChange={(open) => !open && close()}>
			<DialogContent
				wide
				title={stored ? `Change ${channel.name}` : "Add a receiver"}
				description={stored ? `Now: ${channel.target}` : "Where alerts go. What it is told is said by rules."}
				footer={
					<>
						<Button onClick={close}>Cancel</Button>
						<Button look="primary" disabled={save.isPending} onClick={send}>
							{save.isPending && <LoaderCircle className="animate-spin" />} {stored ? "Save" : "Add it"}
						</Button>
					</>
				}
			>
				<form
					noValidate
					className="grid grid-cols-6 gap-x-4 gap-y-3.5 pt-1"
					onSubmit={(event) => {
						event.preventDefault();
						send();
					}}
				>
					{text("name", "Name", { placeholder: "operations", className: "col-span-6 sm:col-span-3" })}
					<Field label="Kind" className="col-span-6 sm:col-span-3">
						{(attributes) => (
							<Select {...attributes} value={values.kind} disabled={stored} onChange={(event) => set("kind", event.target.value as ChannelKind)}>
								{(Object.keys(kindWords) as ChannelKind[]).map((kind) => (
									<option key={kind} value={kind}>
										{kindWords[kind]}
									</option>
								))}
							</Select>
						)}
					</Field>
					{!email && text("url", "URL", { secret: true, placeholder: values.kind === "slack" ? "https://hooks.slack.com/services/…" : "https://ops.example.com/hooks/sqlopt", hint: kept ?? "The whole of it is kept encrypted and never shown again" })}
					{values.kind === "webhook" && optional("authorization", "Authorization", { placeholder: "Bearer …", hint: "Value of the header, if it asks for one. Kept encrypted, never shown again" })}
					{email && (
						<>
							{text("to", "To", { placeholder: "dba@example.com, oncall@example.com", hint: "Several with commas" })}
							{text("from", "From", { placeholder: "sqlopt@example.com", className: "col-span-6 sm:col-span-3" })}
							{text("smtp_host", "Mail server", { placeholder: "mail.example.com", className: "col-span-6 sm:col-span-3" })}
							<Field label="Security" className="col-span-3" error={errors.smtp_security} hint={values.smtp_security === "none" ? "Not encrypted: without a password" : undefined}>
								{(attributes) => (
									<Select {...attributes} value={values.smtp_security} onChange={(event) => set("smtp_security", event.target.value as ChannelValues["smtp_security"])}>
										<option value="starttls">STARTTLS</option>
										<option value="tls">TLS</option>
										<option value="none">None</option>
									</Select>
								)}
							</Field>
							{text("smtp_port", "Port", { numeric: true, placeholder: defaultPorts[values.smtp_security], className: "col-span-3" })}
							{text("username", "User", { className: "col-span-6 sm:col-span-3", hint: "If it asks for one" })}
							{optional("password", "Password", { className: "col-span-6 sm:col-span-3", hint: "Kept encrypted, never shown again" })}
						</>
					)}
					{text("tls_ca", "CA certificate", { className: "col-span-6 sm:col-span-3", hint: "A file on the server; empty: those of the system" })}
					{text("max_per_hour", "Most in an hour", { numeric: true, className: "col-span-6 sm:col-span-3", hint: "More are told in one sum later" })}
					<div className="col-span-6">
						<Toggle label="Switched on" checked={values.enabled} onChange={(on) => set("enabled", on)} />
					</div>
					{save.isError && (save.error.fields.length === 0 || errors[""]) && <div className="col-span-6"><ErrorState error={save.error} className="p-0" /></div>}
					{/* Enter in a box sends the form; the visible button stands in the footer. */}
					<button type="submit" className="hidden" tabIndex={-1} aria-hidden />
				</form>
			</DialogContent>
		</Dialog>
	);
}
