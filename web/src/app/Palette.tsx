/* Ctrl K: everything that can be done from anywhere. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { BellRing, BookOpen, Database, DatabaseZap, Gauge, Keyboard, ListChecks, Moon, PlugZap, Plus, Radar, Search, Server, Sparkles, Sun, TrendingUp, Users, type LucideIcon } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { runs } from "@/api/queries";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { ago, oneLine } from "@/lib/format";
import { shortcuts } from "./keys";
import { setTheme, useDark } from "./theme";
import { useConnection } from "./useConnection";

function Item({ icon: Icon, children, hint, onSelect, value }: { icon: LucideIcon; children: ReactNode; hint?: ReactNode; onSelect: () => void; value?: string }) {
	return (
		<Command.Item value={value} onSelect={onSelect} className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-hover">
			<Icon aria-hidden className="size-4 shrink-0 text-fg-3" />
			<span className="min-w-0 flex-1 truncate">{children}</span>
			{hint && <span className="shrink-0 text-2xs text-fg-3">{hint}</span>}
		</Command.Item>
	);
}

const Kbd = ({ children }: { children: string }) => (
	<span className="inline-flex gap-1">
		{children.split(" ").map((key, index) => (
			<kbd key={index} className="min-w-5 rounded border border-line-strong bg-inset px-1 text-center text-2xs leading-[1.125rem] text-fg-2">
				{key}
			</kbd>
		))}
	</span>
);

function PaletteBody({ close, showKeys }: { close: () => void; showKeys: () => void }) {
	const navigate = useNavigate();
	const dark = useDark();
	const { all, select } = useConnection();
	const recent = useQuery(runs(null)).data ?? [];
	const go = (action: () => void) => () => {
		close();
		action();
	};
	return (
		<Command label="Command palette" className="flex max-h-[60vh] flex-col">
			<div className="flex items-center gap-2.5 border-b border-line px-4">
				<Search aria-hidden className="size-4 text-fg-3" />
				<Command.Input autoFocus placeholder="Search pages, connections, runs…" className="h-12 flex-1 bg-transparent text-base outline-none placeholder:text-fg-3" />
			</div>
			<Command.List className="scroll-thin overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-fg-3">
				<Command.Empty className="p-6 text-center text-fg-2">Nothing matches.</Command.Empty>
				<Command.Group heading="Go to">
					<Item icon={Gauge} hint={<Kbd>g d</Kbd>} onSelect={go(() => void navigate({ to: "/dashboard" }))}>Dashboard</Item>
					<Item icon={DatabaseZap} hint={<Kbd>g q</Kbd>} onSelect={go(() => void navigate({ to: "/queries" }))}>Queries</Item>
					<Item icon={Sparkles} hint={<Kbd>g o</Kbd>} onSelect={go(() => void navigate({ to: "/optimizer" }))}>Optimizer</Item>
					<Item icon={Radar} hint={<Kbd>g m</Kbd>} onSelect={go(() => void navigate({ to: "/monitoring" }))}>Monitoring</Item>
					<Item icon={Server} value="servers instances databases find discover" onSelect={go(() => void navigate({ to: "/monitoring/servers" }))}>Servers and their databases</Item>
					<Item icon={Users} value="activity sessions locks waiting running now" hint={<Kbd>g a</Kbd>} onSelect={go(() => void navigate({ to: "/monitoring/activity" }))}>Activity of sessions</Item>
					<Item icon={BellRing} value="alerts rules receivers webhook slack mail" onSelect={go(() => void navigate({ to: "/monitoring/alerts" }))}>Alerts</Item>
					<Item icon={ListChecks} hint={<Kbd>g j</Kbd>} onSelect={go(() => void navigate({ to: "/jobs" }))}>Jobs</Item>
					<Item icon={PlugZap} hint={<Kbd>g c</Kbd>} onSelect={go(() => void navigate({ to: "/connections" }))}>Connections</Item>
				</Command.Group>
				<Command.Group heading="Find">
					<Item icon={TrendingUp} value="queries that got slower regressed regressions" onSelect={go(() => void navigate({ to: "/queries", search: { only: "regressed" } }))}>Queries that got slower</Item>
					<Item icon={DatabaseZap} value="new queries" onSelect={go(() => void navigate({ to: "/queries", search: { only: "new" } }))}>New queries</Item>
					<Item icon={Radar} value="targets in trouble failing collection" onSelect={go(() => void navigate({ to: "/monitoring", search: { state: "trouble" } }))}>Targets in trouble</Item>
				</Command.Group>
				<Command.Group heading="Do">
					<Item icon={Plus} onSelect={go(() => void navigate({ to: "/connections/new" }))}>Add a connection</Item>
					<Item icon={dark ? Sun : Moon} hint={<Kbd>d</Kbd>} onSelect={go(() => setTheme(dark ? "light" : "dark"))}>{dark ? "Use the light theme" : "Use the dark theme"}</Item>
					<Item icon={Keyboard} hint={<Kbd>?</Kbd>} onSelect={go(showKeys)}>Keyboard shortcuts</Item>
					<Item icon={BookOpen} onSelect={go(() => void window.open("/docs", "_blank", "noreferrer"))}>API reference</Item>
				</Command.Group>
				{all.length > 0 && (
					<Command.Group heading="Connections">
						{all.map((connection) => (
							<Item key={connection.id} icon={Database} value={`connection ${connection.id} ${connection.name} ${connection.host} ${connection.database}`} hint={connection.engine} onSelect={go(() => select(connection.id))}>
								{connection.name}
							</Item>
						))}
					</Command.Group>
				)}
				{recent.length > 0 && (
					<Command.Group heading="Recent runs">
						{recent.slice(0, 12).map((run) => (
							<Item key={run.id} icon={Sparkles} value={`run ${run.id} ${oneLine(run.original_sql).slice(0, 300)}`} hint={ago(run.created_at)} onSelect={go(() => void navigate({ to: "/optimizer/$run", params: { run: String(run.id) } }))}>
								<span className="mono text-xs">{oneLine(run.original_sql)}</span>
							</Item>
						))}
					</Command.Group>
				)}
			</Command.List>
		</Command>
	);
}

export function Palette({ open, setOpen, showKeys }: { open: boolean; setOpen: (open: boolean) => void; showKeys: () => void }) {
	return (
		<Radix.Root open={open} onOpenChange={setOpen}>
			<Radix.Portal>
				<Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
				<Radix.Content aria-describedby={undefined} className="pop fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-panel shadow-pop">
					<Radix.Title className="sr-only">Command palette</Radix.Title>
					<PaletteBody close={() => setOpen(false)} showKeys={showKeys} />
				</Radix.Content>
			</Radix.Portal>
		</Radix.Root>
	);
}

export function KeysDialog({ open, setOpen }: { open: boolean; setOpen: (open: boolean) => void }) {
	return (
		<Dialog open={open} onOpenChange={setOpen}>
			<DialogContent title="Keyboard shortcuts" wide>
				<div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
					{shortcuts.map(({ group, items }) => (
						<section key={group}>
							<h3 className="mb-1 text-xs font-medium text-fg-3">{group}</h3>
							<dl>
								{items.map(([keys, label]) => (
									<div key={keys} className="flex items-center justify-between gap-4 border-b border-line py-1.5 last:border-0">
										<dt>{label}</dt>
										<dd>
											<Kbd>{keys}</Kbd>
										</dd>
									</div>
								))}
							</dl>
						</section>
					))}
				</div>
			</DialogContent>
		</Dialog>
	);
}
