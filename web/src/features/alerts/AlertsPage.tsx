/* Who is told when something gets worse, and what became of each message. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { BellRing, CircleAlert, CircleCheck, EllipsisVertical, Hash, LoaderCircle, Mail, Pencil, Plus, Power, Send, Trash2, Webhook, type LucideIcon } from "lucide-react";
import { useState, type ReactNode } from "react";
import { channels as channelsQuery, rules as rulesQuery, useDeleteChannel, useDeleteRule, useSaveChannel, useSaveRule, useTestChannel, type Channel, type ChannelKind, type Rule } from "@/api/alerts";
import type { ApiError } from "@/api/client";
import { connections as connectionsQuery } from "@/api/queries";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { PageTitle, Panel } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { MonitoringTabs } from "@/features/monitoring/Tabs";
import { cn } from "@/lib/cn";
import { duration, fullSentence, interval } from "@/lib/format";
import { toast } from "@/lib/toast";
import { alertSearch } from "@/lib/url";
import { ChannelDialog } from "./ChannelDialog";
import { eventsText, kindWords } from "./form";
import { LogPanel } from "./LogPanel";
import { RuleDialog } from "./RuleDialog";

const icons: Record<ChannelKind, LucideIcon> = { webhook: Webhook, slack: Hash, email: Mail };
const told = { onError: (error: ApiError) => toast.error(error.title, { description: fullSentence(error.detail) }) };

type Open = { what: "channel"; channel: Channel | null } | { what: "rule"; rule: Rule | null } | { what: "delete channel"; channel: Channel } | { what: "delete rule"; rule: Rule };

function Actions({ name, on, busy, edit, toggle, remove }: { name: string; on: boolean; busy: boolean; edit: () => void; toggle: () => void; remove: () => void }) {
	return (
		<Menu>
			<MenuTrigger asChild>
				<Button look="quiet" size="icon-sm" aria-label={`Actions for ${name}`} disabled={busy}>
					{busy ? <LoaderCircle className="animate-spin" /> : <EllipsisVertical />}
				</Button>
			</MenuTrigger>
			<MenuContent align="end">
				<MenuItem onSelect={edit}>
					<Pencil /> Change…
				</MenuItem>
				<MenuItem onSelect={toggle}>
					<Power /> {on ? "Switch it off" : "Switch it on"}
				</MenuItem>
				<MenuSeparator />
				<MenuItem onSelect={remove}>
					<Trash2 /> Delete…
				</MenuItem>
			</MenuContent>
		</Menu>
	);
}

const Off = () => <Badge className="tint-amber border-transparent">off</Badge>;

function ChannelLine({ channel, open }: { channel: Channel; open: (what: Open) => void }) {
	const test = useTestChannel();
	const save = useSaveChannel();
	const Icon = icons[channel.kind];
	return (
		<li className="border-b border-line px-4 py-3 last:border-0">
			<div className="flex items-start gap-3">
				<Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-fg-3" />
				<div className="min-w-0 flex-1">
					<p className="flex flex-wrap items-center gap-2">
						<span className="font-medium break-words">{channel.name}</span>
						{!channel.enabled && <Off />}
					</p>
					<p className="text-xs break-words text-fg-2">
						{kindWords[channel.kind]} · <span className="mono text-2xs break-words">{channel.target}</span>
					</p>
				</div>
				<Button size="sm" disabled={test.isPending} onClick={() => test.mutate(channel.id)} aria-label={`Send ${channel.name} a test`}>
					{test.isPending ? <LoaderCircle className="animate-spin" /> : <Send />} Test
				</Button>
				<Actions
					name={channel.name}
					on={channel.enabled}
					busy={save.isPending}
					edit={() => open({ what: "channel", channel })}
					toggle={() => save.mutate({ id: channel.id, input: { enabled: !channel.enabled } }, told)}
					remove={() => open({ what: "delete channel", channel })}
				/>
			</div>
			{test.isError && <ErrorState error={test.error} className="mt-2 p-0 pl-7" />}
			{test.data && (
				<p role="status" className="mt-2 flex items-start gap-2 pl-7 text-xs">
					{test.data.success ? <CircleCheck aria-hidden className="mt-px size-4 shrink-0 text-green" /> : <CircleAlert aria-hidden className="mt-px size-4 shrink-0 text-red" />}
					<span className="min-w-0 break-words">
						{test.data.success ? `The test arrived, in ${duration(test.data.latency_ms)}.` : fullSentence(test.data.message)}
					</span>
				</p>
			)}
		</li>
	);
}

function RuleLine({ rule, channel, connection, open }: { rule: Rule; channel: Channel | undefined; connection: string | null; open: (what: Open) => void }) {
	const save = useSaveRule();
	const judged = rule.events.includes("regression") || rule.events.includes("finding");
	return (
		<li className="flex items-start gap-3 border-b border-line px-4 py-3 last:border-0">
			<BellRing aria-hidden className={cn("mt-0.5 size-4 shrink-0", rule.enabled && channel?.enabled !== false ? "text-accent-text" : "text-fg-3")} />
			<div className="min-w-0 flex-1">
				<p className="flex flex-wrap items-center gap-2">
					<span className="font-medium break-words">{rule.name}</span>
					{!rule.enabled && <Off />}
					{rule.enabled && channel && !channel.enabled && <Badge className="tint-amber border-transparent">its receiver is off</Badge>}
				</p>
				<p className="text-xs break-words text-fg-2">
					{eventsText(rule.events)}, {connection === null ? "of all connections" : `of ${connection}`}, to <span className="font-medium text-fg">{channel?.name ?? `receiver #${rule.channel_id}`}</span>
				</p>
				<p className="text-2xs text-fg-3">
					{[judged && (rule.min_severity === "low" ? "any severity" : rule.min_severity === "critical" ? "critical only" : `${rule.min_severity} and above`), rule.events.includes("collection_failure") && `after ${rule.failures} failed ${rule.failures === 1 ? "read" : "reads"}`, rule.quiet_s > 0 && `quiet for ${interval(rule.quiet_s)} after its end`].filter(Boolean).join(" · ")}
				</p>
			</div>
			<Actions
				name={rule.name}
				on={rule.enabled}
				busy={save.isPending}
				edit={() => open({ what: "rule", rule })}
				toggle={() => save.mutate({ id: rule.id, input: { enabled: !rule.enabled } }, told)}
				remove={() => open({ what: "delete rule", rule })}
			/>
		</li>
	);
}

function Confirm({ title, text, pending, error, go, close }: { title: string; text: string; pending: boolean; error: unknown; go: () => void; close: () => void }) {
	return (
		<Dialog open onOpenChange={(open) => !open && close()}>
			<DialogContent
				title={title}
				description={text}
				footer={
					<>
						<Button autoFocus onClick={close}>Keep it</Button>
						<Button look="danger" disabled={pending} onClick={go}>
							{pending && <LoaderCircle className="animate-spin" />} Delete
						</Button>
					</>
				}
			>
				{error !== null && <ErrorState error={error} className="p-0" />}
			</DialogContent>
		</Dialog>
	);
}

export default function AlertsPage() {
	const navigate = useNavigate();
	const view = alertSearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const change = (next: Partial<typeof view>) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ c: old.c, ...alertSearch.write({ ...view, ...next }) }) as never, replace: true });
	const channels = useQuery(channelsQuery());
	const rules = useQuery(rulesQuery());
	const connections = useQuery(connectionsQuery()).data ?? [];
	const [opened, open] = useState<Open | null>(null);
	const removeChannel = useDeleteChannel();
	const removeRule = useDeleteRule();
	const close = () => {
		removeChannel.reset();
		removeRule.reset();
		open(null);
	};
	const page = (content: ReactNode) => (
		<>
			<PageTitle
				title="Alerts"
				hint="Who is told when something gets worse, and whether it arrived."
				actions={
					channels.data && channels.data.length > 0 && (
						<>
							<Button onClick={() => open({ what: "channel", channel: null })}>
								<Plus /> Add a receiver
							</Button>
							<Button look="primary" onClick={() => open({ what: "rule", rule: null })}>
								<Plus /> Add a rule
							</Button>
						</>
					)
				}
			/>
			<MonitoringTabs />
			{content}
			{opened?.what === "channel" && <ChannelDialog channel={opened.channel} close={close} />}
			{opened?.what === "rule" && channels.data && <RuleDialog rule={opened.rule} channels={channels.data} connections={connections} close={close} />}
			{opened?.what === "delete channel" && (
				<Confirm title={`Delete ${opened.channel.name}?`} text="Its rules and what was told to it are forgotten as well." pending={removeChannel.isPending} error={removeChannel.error} go={() => removeChannel.mutate(opened.channel.id, { onSuccess: close })} close={close} />
			)}
			{opened?.what === "delete rule" && <Confirm title={`Delete ${opened.rule.name}?`} text="What it told so far stays in the log." pending={removeRule.isPending} error={removeRule.error} go={() => removeRule.mutate(opened.rule.id, { onSuccess: close })} close={close} />}
		</>
	);
	const error = channels.error ?? rules.error;
	if (error && (!channels.data || !rules.data)) return page(<div className="panel"><ErrorState error={error} retry={() => { void channels.refetch(); void rules.refetch(); }} /></div>);
	if (!channels.data || !rules.data) return page(<div className="panel"><Skeleton lines={5} /></div>);
	if (channels.data.length === 0)
		return page(
			<div className="panel">
				<Empty icon={BellRing} title="Nobody is told yet" action={<Button look="primary" onClick={() => open({ what: "channel", channel: null })}><Plus /> Add a receiver</Button>}>
					A receiver is a webhook, a chat that takes Slack's messages, or an e‑mail address. A rule says what it is told: queries that got slower, findings, or a server that cannot be read.
				</Empty>
			</div>,
		);
	return page(
		<>
			<div className="grid items-start gap-3 xl:grid-cols-2">
				<Panel title="Receivers" className="overflow-hidden">
					<ul aria-label="Receivers">
						{channels.data.map((channel) => (
							<ChannelLine key={channel.id} channel={channel} open={open} />
						))}
					</ul>
				</Panel>
				<Panel title="Rules" className="overflow-hidden">
					{rules.data.length === 0 ? (
						<Empty icon={BellRing} title="No rule tells anything yet" className="py-8" action={<Button onClick={() => open({ what: "rule", rule: null })}><Plus /> Add a rule</Button>}>
							Without a rule a receiver is told nothing.
						</Empty>
					) : (
						<ul aria-label="Rules">
							{rules.data.map((rule) => (
								<RuleLine key={rule.id} rule={rule} channel={channels.data.find((channel) => channel.id === rule.channel_id)} connection={rule.connection_id === null ? null : (connections.find((one) => one.id === rule.connection_id)?.name ?? `connection #${rule.connection_id}`)} open={open} />
							))}
						</ul>
					)}
				</Panel>
			</div>
			<LogPanel channels={channels.data} view={view} change={change} />
		</>,
	);
}
