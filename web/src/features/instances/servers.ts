/* Servers in words, and how the databases that were found on one become connections. */
import { ApiError } from "@/api/client";
import type { FoundDatabase, Instance, Member, NewConnection } from "@/api/instances";
import type { Target } from "@/api/monitoring";
import type { Connection } from "@/api/types";
import { engineNames } from "@/features/connections/engines";
import { condition, sum, type Progress } from "@/features/monitoring/state";

/* "db.example.com:5432"; a file has no host, and is called by its path. */
export function serverName({ host, port, engine, connections }: Pick<Instance, "host" | "port" | "engine" | "connections">): string {
	if (!host) return connections[0]?.database || (engineNames[engine] ?? engine);
	return port === null ? host : `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
}

export const engineText = ({ engine, version }: Pick<Instance, "engine" | "version">): string => `${engineNames[engine] ?? engine}${version ? ` ${version}` : ""}`;

/* The part of a target that a server has, too. */
export const progressOf = (instance: Instance): Progress => ({ state: instance.state, failures: instance.failures, polls: instance.last_poll_at === null ? 0 : 1, next_poll_at: instance.next_poll_at });

export interface Server {
	instance: Instance;
	name: string;
	environments: string[];
	labels: string[];
	/* of one poll, and the share of the time between two, in percent */
	waitMs: number | null;
	share: number | null;
	/* the headline of its failure, and whose checks have the remedy */
	failing: Target | null;
	databases: Database[];
	/* databases that no connection watches */
	paused: number;
}

/* Two connections to one database are two logins, not two databases. */
export interface Database {
	/* "": all that a login may see there */
	name: string;
	members: Member[];
}

export function databasesOf(members: readonly Member[]): Database[] {
	const byName = new Map<string, Member[]>();
	for (const member of members) byName.set(member.database, [...(byName.get(member.database) ?? []), member]);
	return [...byName].map(([name, own]) => ({ name, members: own }));
}

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].filter((value) => value !== "").sort((a, b) => a.localeCompare(b));

export function serversOf(instances: readonly Instance[], targets: readonly Target[], connections: readonly Connection[]): Server[] {
	const polled = new Map<number, Target[]>();
	for (const target of targets) {
		if (target.instance_id === null) continue;
		const known = polled.get(target.instance_id);
		if (known) known.push(target);
		else polled.set(target.instance_id, [target]);
	}
	const byId = new Map(connections.map((connection) => [connection.id, connection]));
	return instances.map((instance) => {
		const own = polled.get(instance.id) ?? [];
		const cost = sum(own);
		const databases = databasesOf(instance.connections);
		const failing = own.filter((target) => target.failures > 0 && target.state !== "unwatched").sort((a, b) => b.failures - a.failures)[0] ?? null;
		return {
			instance,
			name: serverName(instance),
			environments: sorted(instance.connections.map((one) => one.environment)),
			labels: sorted(instance.connections.flatMap((one) => Object.entries(byId.get(one.id)?.labels ?? {}).map(([name, value]) => `${name}:${String(value)}`))),
			waitMs: cost.waitMs,
			share: cost.worst,
			failing,
			databases,
			paused: databases.filter((one) => one.members.every((member) => !member.monitoring_enabled)).length,
		};
	});
}

export interface View {
	q: string;
	state: "all" | "trouble";
}

/* Trouble first, then by name. The filter knows what stands on the line, and the names of the databases. */
export function arrange(servers: readonly Server[], view: View): Server[] {
	const wanted = view.q.toLowerCase();
	const rank = (server: Server) => (condition(progressOf(server.instance)) === "trouble" ? 0 : condition(progressOf(server.instance)) === "off" ? 2 : 1);
	const text = (server: Server) => [server.name, engineText(server.instance), server.instance.error ?? "", ...server.environments, ...server.labels, ...server.instance.connections.flatMap((one) => [one.name, one.database])].join("\n").toLowerCase();
	return servers
		.filter((server) => wanted === "" || text(server).includes(wanted))
		.filter((server) => view.state === "all" || rank(server) === 0)
		.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/* An engine whose logins may enter more than one database. */
export const canFind = ({ engine }: Pick<Instance, "engine">): boolean => engine !== "oracle" && engine !== "sqlite";

/* Which of its connections to ask with: one that is read, and not one that fails. */
export function askWith(server: Server): number | null {
	const members = server.instance.connections;
	return (members.find((one) => one.monitoring_enabled && one.id !== server.failing?.connection_id) ?? members.find((one) => one.monitoring_enabled) ?? members[0])?.id ?? null;
}

/* The names of a server's connections begin alike, as in a file for `sqlopt connections apply`: eu-1/app, eu-1/billing. */
export function prefixOf(connection: Pick<Connection, "name" | "database" | "host">): string {
	const tail = `/${connection.database}`;
	if (connection.database && connection.name.endsWith(tail) && connection.name.length > tail.length) return connection.name.slice(0, -tail.length);
	return connection.host.startsWith("/") ? "local" : connection.host;
}
export const nameOf = (prefix: string, database: string): string => (prefix.trim() === "" ? database : `${prefix.trim()}/${database}`);

const MOST = 255;
/* What is wrong with a name before the server is asked, or null. */
export function nameTrouble(name: string, taken: ReadonlySet<string>): string | null {
	if (name.length > MOST) return `The name would have ${name.length} characters, ${MOST} is the limit: let the names begin with something shorter.`;
	return taken.has(name) ? `There is a connection '${name}' already: let the names begin with something else.` : null;
}

/* The same login, encryption and sorting. Without a password the server takes that of `like`, which it never tells; a typed one ("" too) is used as it is. */
export const inputOf = (like: Connection, database: string, name: string, password: string | null): NewConnection => ({
	name,
	engine: like.engine,
	host: like.host,
	port: like.port,
	database,
	username: like.username,
	...(password === null ? { like: like.id } : password === "" ? {} : { password }),
	ssl_enabled: like.ssl_enabled,
	tls_ca: like.tls_ca ?? null,
	interval_s: like.interval_s ?? null,
	environment: like.environment ?? "",
	labels: like.labels ?? {},
	monitoring_enabled: true,
	scratch: false,
});

/* A refused login would be refused for the next one as well, and locks accounts when it goes on. */
export const endsAll = (error: unknown): boolean => error instanceof ApiError && (error.offline || error.body.code === "denied_by_target" || error.body.code === "unreachable");

export type Outcome = { connection: Connection } | { error: unknown } | "busy";

/* One after the other; true: each was added. What fails is told of its database, and the others go on. */
export async function addAll(databases: readonly string[], add: (database: string) => Promise<Connection>, tell: (database: string, outcome: Outcome) => void): Promise<boolean> {
	let fine = true;
	for (const database of databases) {
		tell(database, "busy");
		try {
			tell(database, { connection: await add(database) });
		} catch (error) {
			fine = false;
			tell(database, { error });
			if (endsAll(error)) break;
		}
	}
	return fine;
}

export const unwatched = (found: readonly FoundDatabase[]): FoundDatabase[] => found.filter((one) => one.connection_id === null);
