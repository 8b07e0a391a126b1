import { useMutation, useQuery } from "@tanstack/react-query";
import { Eye, EyeOff, ListChecks, LoaderCircle } from "lucide-react";
import { useState, type FormEvent, type ReactNode } from "react";
import type { ApiError } from "@/api/client";
import { health, testInput, testStored, useSaveConnection } from "@/api/queries";
import type { Connection, TestResult } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Field, Input, Select, Toggle } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { capital } from "@/lib/format";
import { Checks } from "./Checks";
import { engineNames, isFile, offeredEngines, takesAuthority, words } from "./engines";
import { fieldErrors, toInput, validate, withEngine, type FormErrors, type FormValues } from "./form";

export function ConnectionForm({ initial, stored, onSaved, cancel }: { initial: FormValues; stored: Connection | null; onSaved: (connection: Connection) => void; cancel?: ReactNode }) {
	const [values, setValues] = useState(initial);
	const [errors, setErrors] = useState<FormErrors>({});
	const [reveal, setReveal] = useState(false);
	const monitors = useQuery(health()).data?.monitoring_agent === true;
	const save = useSaveConnection(stored?.id ?? null);
	const test = useMutation<TestResult, ApiError, FormValues>({
		mutationFn: (now) => {
			// Without a new password the stored one must be used, which only the stored test knows.
			const same = stored && now.password === "" && JSON.stringify(now) === JSON.stringify(initial);
			return same ? testStored(stored.id) : testInput(toInput(now));
		},
		onError: (error) => setErrors(fieldErrors(error.fields, values)),
	});
	const set = <K extends keyof FormValues>(key: K, value: FormValues[K]) => {
		setValues((old) => ({ ...old, [key]: value }));
		setErrors((old) => ({ ...old, [key]: undefined }));
	};
	const file = isFile(values.engine);
	const { host, database, searchPath, tls, dsn } = words[values.engine];
	const authority = takesAuthority(values.engine);
	const more = [authority && "certificate authority", searchPath?.label.toLowerCase(), !stored && "connection string"].filter(Boolean);
	const checked = (): boolean => {
		const found = validate(values);
		setErrors(found);
		const bad = Object.keys(found)[0];
		if (bad) document.querySelector<HTMLElement>(`[name="${bad}"]`)?.focus();
		return !bad;
	};
	const onSubmit = (event: FormEvent) => {
		event.preventDefault();
		if (!checked()) return;
		save.mutate(toInput(values), { onSuccess: onSaved, onError: (error) => setErrors(fieldErrors(error.fields, values)) });
	};
	const text = (key: "name" | "host" | "port" | "database" | "username" | "tls_ca" | "search_path" | "dsn", label: string, more: { hint?: string; placeholder?: string; className?: string; numeric?: boolean } = {}) => (
		<Field label={label} hint={more.hint} error={errors[key]} className={more.className}>
			{(attributes) => (
				<Input
					{...attributes}
					name={key}
					value={values[key]}
					placeholder={more.placeholder}
					inputMode={more.numeric ? "numeric" : undefined}
					autoComplete="off"
					spellCheck={false}
					onChange={(event) => set(key, event.target.value)}
				/>
			)}
		</Field>
	);
	return (
		<div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]">
			<Panel title={stored ? "Settings" : "New connection"}>
				<form onSubmit={onSubmit} noValidate className="grid grid-cols-6 gap-x-4 gap-y-3.5 p-4">
					{text("name", "Name", { placeholder: "orders, production", className: "col-span-6 sm:col-span-4" })}
					<Field label="Engine" className="col-span-6 sm:col-span-2">
						{(attributes) => (
							<Select {...attributes} value={values.engine} disabled={stored !== null} onChange={(event) => setValues((old) => withEngine(old, event.target.value as FormValues["engine"]))}>
								{(stored ? [stored.engine] : offeredEngines).map((engine) => (
									<option key={engine} value={engine}>
										{engineNames[engine]}
									</option>
								))}
							</Select>
						)}
					</Field>
					{!file && text("host", "Host", { hint: host, className: "col-span-6 sm:col-span-4" })}
					{!file && text("port", "Port", { numeric: true, className: "col-span-6 sm:col-span-2" })}
					{text("database", database.label, { hint: database.hint, placeholder: database.placeholder, className: "col-span-6" })}
					{!file && text("username", "User", { className: "col-span-6 sm:col-span-3" })}
					{!file && (
					<Field label="Password" hint={stored ? "Leave it empty to keep the stored one" : "Kept encrypted, never shown again"} error={errors.password} className="col-span-6 sm:col-span-3">
						{(attributes) => (
							<span className="relative block">
								<Input {...attributes} name="password" type={reveal ? "text" : "password"} autoComplete="new-password" value={values.password} onChange={(event) => set("password", event.target.value)} className="pr-9" />
								<Button look="quiet" size="icon-sm" className="absolute top-0.5 right-0.5" aria-label={reveal ? "Hide the password" : "Show the password"} aria-pressed={reveal} onClick={() => setReveal(!reveal)}>
									{reveal ? <EyeOff /> : <Eye />}
								</Button>
							</span>
						)}
					</Field>
					)}
					{more.length > 0 && (
					<details className="col-span-6 rounded-lg border border-line" open={(authority && values.tls_ca !== "") || (searchPath !== null && values.search_path !== "") || values.dsn !== "" || undefined}>
						<summary className="list-none px-3 py-2 text-xs font-medium text-fg-2 hover:text-fg">More: {more.join(", ")}</summary>
						<div className="grid gap-3.5 border-t border-line p-3 sm:grid-cols-2">
							{authority && text("tls_ca", "CA certificate", { hint: "A file on the server; with TLS on, the certificate is then verified" })}
							{searchPath && text("search_path", searchPath.label, { placeholder: searchPath.placeholder, hint: searchPath.hint })}
							{!stored && text("dsn", "Connection string", { placeholder: dsn, hint: "Takes the place of the fields above. Kept encrypted, never shown again.", className: "sm:col-span-2" })}
						</div>
					</details>
					)}
					<div className="col-span-6 grid gap-3 sm:grid-cols-2">
						{!file && <Toggle label="TLS" hint={tls ?? "Require an encrypted connection"} checked={values.ssl_enabled} onChange={(on) => set("ssl_enabled", on)} />}
						<Toggle label="Monitoring" hint={monitors ? "Read its statistics regularly" : "Read which statements cost most, when it is added"} checked={values.monitoring_enabled} onChange={(on) => set("monitoring_enabled", on)} />
						<Toggle label="Scratch permission" hint="May build and drop an index to time it. Not for production." checked={values.scratch} onChange={(on) => set("scratch", on)} />
					</div>
					{save.isError && (
						<div role="alert" className="col-span-6 rounded-lg border border-line bg-[color-mix(in_oklab,var(--red)_7%,var(--panel))] px-3 py-2.5">
							<p className="font-medium text-red">{save.error.title}</p>
							<p className="mt-0.5 break-words">{capital(save.error.detail)}</p>
							{save.error.requestId && <p className="mono mt-1 text-2xs text-fg-3">request {save.error.requestId}</p>}
						</div>
					)}
					<div className="col-span-6 flex flex-wrap gap-2 border-t border-line pt-4">
						<Button type="submit" look="primary" disabled={save.isPending}>
							{save.isPending && <LoaderCircle className="animate-spin" />} {stored ? "Save" : "Add connection"}
						</Button>
						<Button onClick={() => checked() && test.mutate(values)} disabled={test.isPending}>
							<ListChecks /> Test
						</Button>
						<span className="ml-auto">{cancel}</span>
					</div>
				</form>
			</Panel>
			<Panel title="Checks" hint="What the database allows, and what to run where it does not">
				{test.isIdle ? (
					<p className="px-4 py-5 text-fg-2">
						Press <strong className="font-medium text-fg">Test</strong> to try these values. Reach, TLS, login, version, statistics, privileges and what-if planning are looked at one by one; nothing is changed on the database.
					</p>
				) : (
					<Checks result={test.data} pending={test.isPending} error={test.error} retry={() => test.mutate(values)} />
				)}
			</Panel>
		</div>
	);
}
