import { LoaderCircle } from "lucide-react";
import { useState } from "react";
import { useSaveRule, type Channel, type Rule } from "@/api/alerts";
import type { Connection } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input, Select, Toggle } from "@/components/ui/field";
import { ErrorState } from "@/components/ui/states";
import { interval, sentence } from "@/lib/format";
import { toast } from "@/lib/toast";
import { checkRule, events, eventWords, fieldsOf, ruleInput, ruleValues, type Errors, type RuleValues } from "./form";

const quiets = [0, 600, 3600, 21_600, 86_400];
const severities = ["low", "medium", "high", "critical"] as const;

export function RuleDialog({ rule, channels, connections, close }: { rule: Rule | null; channels: readonly Channel[]; connections: readonly Connection[]; close: () => void }) {
	const [values, setValues] = useState(() => ruleValues(rule, channels[0]?.id ?? 0));
	const [errors, setErrors] = useState<Errors<RuleValues>>({});
	const save = useSaveRule();
	const set = <K extends keyof RuleValues>(key: K, value: RuleValues[K]) => {
		setValues((old) => ({ ...old, [key]: value }));
		setErrors((old) => ({ ...old, [key]: undefined }));
	};
	const send = () => {
		const found = checkRule(values);
		setErrors(found);
		const bad = Object.keys(found)[0];
		if (bad) return document.querySelector<HTMLElement>(`[name="${bad}"]`)?.focus();
		save.mutate(
			{ id: rule?.id ?? null, input: ruleInput(values) },
			{
				onSuccess: (saved) => {
					toast.success(rule ? `${saved.name} was saved` : `${saved.name} was added`);
					close();
				},
				onError: (error) => setErrors(fieldsOf(error.fields, values)),
			},
		);
	};
	const judged = values.events.includes("regression") || values.events.includes("finding");
	return (
		<Dialog open onOpenChange={(open) => !open && close()}>
			<DialogContent
				wide
				title={rule ? `Change ${rule.name}` : "Add a rule"}
				description="One matter is told once while it lasts. What was found before the rule was made is no news."
				footer={
					<>
						<Button onClick={close}>Cancel</Button>
						<Button look="primary" disabled={save.isPending} onClick={send}>
							{save.isPending && <LoaderCircle className="animate-spin" />} {rule ? "Save" : "Add it"}
						</Button>
					</>
				}
			>
				<form
					noValidate
					className="grid grid-cols-2 gap-x-4 gap-y-3.5 pt-1"
					onSubmit={(event) => {
						event.preventDefault();
						send();
					}}
				>
					<Field label="Name" error={errors.name} className="max-sm:col-span-2">
						{(attributes) => <Input {...attributes} name="name" autoComplete="off" placeholder="what matters" value={values.name} onChange={(event) => set("name", event.target.value)} />}
					</Field>
					<Field label="Tells" error={errors.channel_id} className="max-sm:col-span-2">
						{(attributes) => (
							<Select {...attributes} value={values.channel_id} onChange={(event) => set("channel_id", Number(event.target.value))}>
								{channels.map((channel) => (
									<option key={channel.id} value={channel.id}>
										{channel.name}
									</option>
								))}
							</Select>
						)}
					</Field>
					<fieldset className="col-span-2">
						<legend className="mb-1.5 text-xs font-medium text-fg-2">About</legend>
						<div className="grid gap-3 sm:grid-cols-2">
							{events.map((event) => (
								<Toggle
									key={event}
									label={eventWords[event].label}
									hint={eventWords[event].hint}
									checked={values.events.includes(event)}
									onChange={(on) => set("events", events.filter((one) => (one === event ? on : values.events.includes(one))))}
								/>
							))}
						</div>
						{errors.events && <p className="mt-1 text-xs text-red">{errors.events}</p>}
					</fieldset>
					<Field label="Of severity" className="max-sm:col-span-2" hint="Of regressions and findings">
						{(attributes) => (
							<Select {...attributes} disabled={!judged} value={values.min_severity} onChange={(event) => set("min_severity", event.target.value as RuleValues["min_severity"])}>
								{severities.map((severity) => (
									<option key={severity} value={severity}>
										{severity === "critical" ? "Critical only" : severity === "low" ? "Any" : `${sentence(severity)} and above`}
									</option>
								))}
							</Select>
						)}
					</Field>
					<Field label="Of" error={errors.connection_id} className="max-sm:col-span-2">
						{(attributes) => (
							<Select {...attributes} value={values.connection_id ?? ""} onChange={(event) => set("connection_id", event.target.value === "" ? null : Number(event.target.value))}>
								<option value="">All connections</option>
								{connections.map((connection) => (
									<option key={connection.id} value={connection.id}>
										{connection.name}
									</option>
								))}
							</Select>
						)}
					</Field>
					<Field label="Failed reads in a row" error={errors.failures} className="max-sm:col-span-2" hint="Before a collection failure is told">
						{(attributes) => <Input {...attributes} name="failures" inputMode="numeric" disabled={!values.events.includes("collection_failure")} value={values.failures} onChange={(event) => set("failures", event.target.value)} />}
					</Field>
					<Field label="Quiet after its end" className="max-sm:col-span-2" hint="What comes back within this time is told after it, if it still lasts">
						{(attributes) => (
							<Select {...attributes} value={values.quiet_s} onChange={(event) => set("quiet_s", Number(event.target.value))}>
								{[...new Set([...quiets, values.quiet_s])].sort((a, b) => a - b).map((seconds) => (
									<option key={seconds} value={seconds}>
										{seconds === 0 ? "None" : interval(seconds)}
									</option>
								))}
							</Select>
						)}
					</Field>
					<div className="col-span-2">
						<Toggle label="Switched on" checked={values.enabled} onChange={(on) => set("enabled", on)} />
					</div>
					{save.isError && (save.error.fields.length === 0 || errors[""]) && <div className="col-span-2"><ErrorState error={save.error} className="p-0" /></div>}
					<button type="submit" className="hidden" tabIndex={-1} aria-hidden />
				</form>
			</DialogContent>
		</Dialog>
	);
}
