import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { RotateCw, SearchX, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { ApiError, get } from "@/api/client";
import { keys, testStored } from "@/api/queries";
import type { Connection } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { PageTitle, Panel } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Tab, Tabs, TabsContent, TabsList } from "@/components/ui/tabs";
import { ago } from "@/lib/format";
import { toast } from "@/lib/toast";
import { connectionSearch, idFrom } from "@/lib/url";
import { Checks } from "./Checks";
import { ConnectionForm } from "./ConnectionForm";
import { DeleteDialog } from "./DeleteDialog";
import { engineNames, placeOf } from "./engines";
import { formOf } from "./form";
import { HealthChecks } from "./HealthChecks";

export default function ConnectionPage() {
	const { id: text } = useParams({ from: "/connections/$id" });
	const id = idFrom(text);
	const { tab } = connectionSearch.parse(useSearch({ strict: false }) as Record<string, unknown>);
	const navigate = useNavigate();
	const [removing, setRemoving] = useState(false);
	const query = useQuery({ queryKey: [...keys.connections, id], queryFn: ({ signal }) => get<Connection>(`/api/connections/${id}`, signal), enabled: id !== null });
	const test = useQuery({ queryKey: ["connection-test", id], queryFn: () => testStored(id ?? 0), enabled: query.isSuccess, staleTime: 60_000, refetchOnWindowFocus: false, retry: false });

	if (id === null || (query.error instanceof ApiError && query.error.status === 404))
		return (
			<div className="panel">
				<Empty icon={SearchX} title="There is no such connection" action={<Button asChild><Link to="/connections">All connections</Link></Button>}>
					It may have been deleted.
				</Empty>
			</div>
		);
	if (query.isPending) return <div className="panel"><Skeleton lines={6} /></div>;
	if (!query.data) return <div className="panel"><ErrorState error={query.error} retry={() => void query.refetch()} /></div>;
	const connection = query.data;
	return (
		<>
			<PageTitle
				title={connection.name}
				hint={
					<span className="flex flex-wrap items-center gap-2">
						<Badge>{engineNames[connection.engine] ?? connection.engine}</Badge>
						{test.data?.server_version && <Badge>{test.data.server_version}</Badge>}
						<span className="mono text-xs break-all">
							{placeOf(connection)}
						</span>
						<span className="text-xs text-fg-3">added {ago(connection.created_at)}</span>
					</span>
				}
				actions={
					<>
						<Button look="danger" onClick={() => setRemoving(true)}>
							<Trash2 /> Delete
						</Button>
						<Button look="primary" asChild>
							<Link to="/optimizer" search={{ c: connection.id }}>
								<Zap /> Optimize a query
							</Link>
						</Button>
					</>
				}
			/>
			<Tabs value={tab} onValueChange={(next) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ c: old.c, ...connectionSearch.write({ tab: next as "edit" }) }) as never })}>
				<TabsList aria-label="Connection" className="mb-4 px-0">
					<Tab value="health">Health</Tab>
					<Tab value="edit">Edit</Tab>
				</TabsList>
				<TabsContent value="health">
					<Panel
						title="Checks"
						hint="Read only; nothing is changed on the database"
						className="max-w-3xl overflow-hidden"
						actions={
							<Button size="sm" onClick={() => void test.refetch()} disabled={test.isFetching}>
								<RotateCw className={test.isFetching ? "animate-spin" : ""} /> Test again
							</Button>
						}
					>
						<Checks result={test.data} pending={test.isPending} error={test.error} retry={() => void test.refetch()} />
					</Panel>
					<HealthChecks id={connection.id} reachable={test.data?.success === true} />
				</TabsContent>
				<TabsContent value="edit">
					<ConnectionForm
						key={connection.updated_at}
						initial={formOf(connection)}
						stored={connection}
						onSaved={(saved) => {
							toast.success(`${saved.name} was saved`);
							void test.refetch();
						}}
					/>
				</TabsContent>
			</Tabs>
			{removing && <DeleteDialog connection={connection} close={() => setRemoving(false)} deleted={() => void navigate({ to: "/connections" })} />}
		</>
	);
}
