/* The servers that the databases live on, and what else lives there. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Clock, PlugZap } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { instances as instancesQuery } from "@/api/instances";
import { targets as targetsQuery } from "@/api/monitoring";
import { connections as connectionsQuery } from "@/api/queries";
import { useConnection } from "@/app/useConnection";
import { Button } from "@/components/ui/button";
import { PageTitle } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { ListPanel, type Heading } from "@/features/monitoring/parts";
import { condition } from "@/features/monitoring/state";
import { MonitoringTabs } from "@/features/monitoring/Tabs";
import { exact } from "@/lib/format";
import { useNow } from "@/lib/now";
import { serverSearch } from "@/lib/url";
import { FindDialog } from "./FindDialog";
import { ServerRow } from "./ServerRow";
import { arrange, progressOf, serversOf, type Server } from "./servers";

const MOST = 200;
const headings: readonly Heading[] = [{ text: "Server", words: true }, { text: "State", words: true }, { text: "Databases" }, { text: "Last read" }, { text: "Costs the server" }];

export default function ServersPage() {
	const now = useNow();
	const navigate = useNavigate();
	const { id: only, select } = useConnection();
	const view = serverSearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const change = (next: Partial<typeof view>) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ c: old.c, ...serverSearch.write({ ...view, ...next }) }) as never, replace: true });
	const list = useQuery(instancesQuery());
	const targets = useQuery(targetsQuery());
	const connections = useQuery(connectionsQuery());
	const [finding, find] = useState<Server | null>(null);
	const [whole, setWhole] = useState(false);
	const servers = useMemo(() => serversOf(list.data?.items ?? [], targets.data?.items ?? [], connections.data ?? []), [list.data, targets.data, connections.data]);
	const page = (content: ReactNode) => (
		<>
			<PageTitle title="Servers" hint="What the databases live on, and what else can be watched there." />
			<MonitoringTabs />
			{content}
		</>
	);
	const error = (list.data ? null : list.error) ?? (targets.data ? null : targets.error) ?? (connections.data ? null : connections.error);
	if (error) return page(<div className="panel"><ErrorState error={error} retry={() => { void list.refetch(); void targets.refetch(); void connections.refetch(); }} /></div>);
	if (!list.data || !targets.data || !connections.data) return page(<div className="panel"><Skeleton lines={5} /></div>);
	if (connections.data.length === 0)
		return page(
			<div className="panel">
				<Empty icon={PlugZap} title="No server yet" action={<Button look="primary" asChild><Link to="/connections/new">Add a connection</Link></Button>}>
					Add one database, and the others on its server can be found with its login.
				</Empty>
			</div>,
		);
	const placed = new Set(servers.flatMap((server) => server.instance.connections.map((one) => one.id)));
	const nowhere = connections.data.filter((one) => !placed.has(one.id) && (only === null || one.id === only));
	const all = servers.filter((server) => (only === null ? true : server.instance.connections.some((one) => one.id === only)));
	const shown = arrange(all, view);
	const drawn = whole ? shown : shown.slice(0, MOST);
	const troubled = all.filter((server) => condition(progressOf(server.instance)) === "trouble").length;
	return page(
		<>
			{all.length === 0 ? (
				<div className="panel">
					<Empty icon={Clock} title={only === null ? "No server was read yet" : "Its server was not read yet"} action={<><Button asChild><Link to="/monitoring">Open the targets</Link></Button>{only !== null && <Button onClick={() => select(null)}>Show all servers</Button>}</>}>
						Which server a database lives on is known from its first good read. When that fails, the reason stands at its target.
					</Empty>
				</div>
			) : (
				<ListPanel
					what="server"
					placeholder="Name, label, database, error"
					headings={headings}
					shown={shown.length}
					total={all.length}
					view={view}
					change={change}
					states={[
						{ value: "all", label: "All" },
						{ value: "trouble", label: troubled > 0 ? `In trouble ${troubled}` : "In trouble" },
					]}
					searchable={all.length > 3 || view.q !== ""}
					fine={view.q === "" ? { title: "No server is in trouble", text: "Every watched server was read the last time it was tried." } : null}
					footer={
						drawn.length < shown.length && (
							<footer className="flex items-center gap-3 border-t border-line px-4 py-2 text-xs text-fg-2">
								The first {exact(drawn.length)} of {exact(shown.length)}; the filter finds the others.
								<Button size="sm" className="ml-auto" onClick={() => setWhole(true)}>
									Show all
								</Button>
							</footer>
						)
					}
				>
					{drawn.map((server) => (
						<ServerRow
							key={server.instance.id}
							server={server}
							now={now}
							opened={view.server === server.instance.id}
							toggle={() => change({ server: view.server === server.instance.id ? null : server.instance.id })}
							find={() => find(server)}
						/>
					))}
				</ListPanel>
			)}
			{all.length > 0 && nowhere.length > 0 && (
				<p className="mt-2 px-1 text-2xs text-fg-3">
					{nowhere.length === 1 ? `${nowhere[0]?.name ?? "One connection"} was not read yet, so its server is not known.` : `${exact(nowhere.length)} connections were not read yet, so their servers are not known.`}{" "}
					<Link to="/monitoring" className="rounded underline hover:text-accent-text">
						Why
					</Link>
				</p>
			)}
			{finding && <FindDialog server={servers.find((one) => one.instance.id === finding.instance.id) ?? finding} connections={connections.data} close={() => find(null)} />}
		</>,
	);
}
