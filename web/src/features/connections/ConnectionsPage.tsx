import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Database, LoaderCircle, Lock, Plus, PlugZap, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { connections, testStored } from "@/api/queries";
import type { Connection } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { PageTitle } from "@/components/ui/panel";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { ago, duration, fullTime } from "@/lib/format";
import { DeleteDialog } from "./DeleteDialog";
import { engineNames, placeOf } from "./engines";

function Card({ connection, remove }: { connection: Connection; remove: () => void }) {
	const test = useMutation({ mutationFn: () => testStored(connection.id) });
	const bad = test.data && !test.data.success;
	return (
		<li className="panel flex flex-col transition-shadow hover:border-line-strong">
			<div className="flex items-start gap-3 p-4 pb-3">
				<span className="grid size-9 shrink-0 place-items-center rounded-lg border border-line bg-inset text-accent-text">
					<Database aria-hidden className="size-4.5" />
				</span>
				<div className="min-w-0 flex-1">
					<h2 className="truncate text-base leading-5 font-semibold">
						<Link to="/connections/$id" params={{ id: String(connection.id) }} className="rounded hover:text-accent-text">
							{connection.name}
						</Link>
					</h2>
					<p className="mono mt-0.5 truncate text-2xs text-fg-3" title={placeOf(connection)}>
						{placeOf(connection)}
					</p>
				</div>
				<Button look="quiet" size="icon-sm" aria-label={`Delete ${connection.name}`} onClick={remove} className="-mt-1 -mr-1.5">
					<Trash2 />
				</Button>
			</div>
			<div className="flex flex-wrap items-center gap-1.5 px-4">
				{connection.environment && (
					<Badge className="tint-accent max-w-full border-transparent">
						<span className="truncate">{connection.environment}</span>
					</Badge>
				)}
				<Badge>{engineNames[connection.engine] ?? connection.engine}</Badge>
				{connection.server_flavor && connection.server_flavor !== connection.engine && <Badge>{connection.server_flavor}</Badge>}
				{connection.ssl_enabled && (
					<Badge>
						<Lock aria-hidden className="size-2.5" /> TLS
					</Badge>
				)}
				{connection.monitoring_enabled && <Badge>monitored</Badge>}
				{connection.scratch && <Badge className="tint-amber border-transparent">scratch</Badge>}
			</div>
			<p className="px-4 pt-2.5 text-xs text-fg-3" title={fullTime(connection.created_at)}>
				added {ago(connection.created_at)}
				{connection.last_monitored_at && <span title={fullTime(connection.last_monitored_at)}> · last read {ago(connection.last_monitored_at)}</span>}
			</p>
			<div className="mt-auto flex flex-wrap items-center gap-2 px-4 pt-3 pb-4">
				<Button size="sm" asChild>
					<Link to="/optimizer" search={{ c: connection.id }}>
						<Zap /> Optimize a query
					</Link>
				</Button>
				<Button size="sm" look="quiet" onClick={() => test.mutate()} disabled={test.isPending}>
					{test.isPending && <LoaderCircle className="animate-spin" />} Test
				</Button>
				<span role="status" className={cn("ml-auto min-w-0 truncate text-xs", test.data?.success ? "text-green" : "text-red")}>
					{test.data?.success && `works, ${duration(test.data.latency_ms)} round trip`}
					{bad && (
						<Link to="/connections/$id" params={{ id: String(connection.id) }} className="underline underline-offset-2">
							does not work
						</Link>
					)}
					{test.isError && "the test failed"}
				</span>
			</div>
		</li>
	);
}

export default function ConnectionsPage() {
	const query = useQuery(connections());
	const [removing, setRemoving] = useState<Connection | null>(null);
	return (
		<>
			<PageTitle
				title="Connections"
				hint="The databases that are looked at."
				actions={
					<Button look="primary" asChild>
						<Link to="/connections/new">
							<Plus /> Add a connection
						</Link>
					</Button>
				}
			/>
			{query.isPending && <div className="panel"><Skeleton lines={4} /></div>}
			{query.isError && <div className="panel"><ErrorState error={query.error} retry={() => void query.refetch()} /></div>}
			{query.data?.length === 0 && (
				<div className="panel">
					<Empty
						icon={PlugZap}
						title="No connection yet"
						action={
							<Button look="primary" asChild>
								<Link to="/connections/new">Add the first one</Link>
							</Button>
						}
					>
						A role that may read statistics and plans is enough. It is tested before it is kept.
					</Empty>
				</div>
			)}
			<ul className="grid grid-cols-1 gap-3 sm:grid-cols-2 xl:grid-cols-3">
				{query.data?.map((connection) => (
					<Card key={connection.id} connection={connection} remove={() => setRemoving(connection)} />
				))}
			</ul>
			{removing && <DeleteDialog connection={removing} close={() => setRemoving(null)} deleted={() => setRemoving(null)} />}
		</>
	);
}
