/* What the form asks for and calls things, engine by engine. */
import type { Connection, Engine } from "@/api/types";

export const engineNames: Record<Engine, string> = {
	postgresql: "PostgreSQL",
	mysql: "MySQL",
	mariadb: "MariaDB",
	mssql: "SQL Server",
	oracle: "Oracle",
	sqlite: "SQLite",
};
export const offeredEngines: readonly Engine[] = ["postgresql", "mysql", "mariadb", "mssql", "oracle", "sqlite"];
/* A file instead of a server: no host, port, user or TLS. */
export const isFile = (engine: Engine): boolean => engine === "sqlite";
/* A login without a database of its own sees all that it may. */
export const needsDatabase = (engine: Engine): boolean => engine !== "mysql" && engine !== "mariadb";
export const defaultPorts: Partial<Record<Engine, number>> = { postgresql: 5432, mysql: 3306, mariadb: 3306, mssql: 1433, oracle: 1521 };

/* Where the engine's driver takes certificate authorities from files of its own, naming one here would be refused. */
export const takesAuthority = (engine: Engine): boolean => engine === "postgresql" || engine === "mysql" || engine === "mariadb";

interface Words {
	host: string;
	database: { label: string; hint?: string; placeholder: string; missing: string };
	/* null: the engine has none and the server refuses it */
	searchPath: { label: string; hint: string; placeholder: string } | null;
	tls?: string;
	dsn: string;
}
const socketHost = "Name, address, or the folder of a Unix socket";
const ofMySql: Words = {
	host: "Name, address, or the path of a Unix socket",
	database: { label: "Database", hint: "Empty: all that the user may see", placeholder: "shop", missing: "The name of the database." },
	searchPath: null,
	dsn: "mysql://user:password@host:3306/shop",
};
export const words: Record<Engine, Words> = {
	postgresql: {
		host: socketHost,
		database: { label: "Database", placeholder: "shop", missing: "The name of the database." },
		searchPath: { label: "Search path", hint: "Empty: the one of the role", placeholder: "app, public" },
		dsn: "postgresql://user:password@host:5432/shop",
	},
	mysql: ofMySql,
	mariadb: ofMySql,
	mssql: {
		host: "Name or address; HOST\\INSTANCE for a named instance",
		database: { label: "Database", placeholder: "shop", missing: "The name of the database." },
		searchPath: null,
		tls: "Require an encrypted connection. Authorities are named in freetds.conf.",
		dsn: "mssql://user:password@host:1433/shop",
	},
	oracle: {
		host: "Name or address of the listener",
		database: { label: "Service name", hint: "For a SID write sid:NAME", placeholder: "ORCLPDB1", missing: "The service name, or sid:NAME." },
		searchPath: { label: "Schema", hint: "Empty: the user's own", placeholder: "APP" },
		tls: "Connect with TCPS. Authorities are in the wallet that sqlnet.ora names.",
		dsn: "oracle://user:password@host:1521/ORCLPDB1",
	},
	sqlite: {
		host: "",
		database: { label: "File", hint: "Its path on the machine that sqlopt runs on; it is only read", placeholder: "/var/lib/app/app.db", missing: "The path of the file, on the machine that sqlopt runs on." },
		searchPath: null,
		dsn: "sqlite:////var/lib/app/app.db",
	},
};

/* "user@host:port/database", or the path of the file. */
export function placeOf({ engine, username, host, port, database }: Pick<Connection, "engine" | "username" | "host" | "port" | "database">): string {
	if (isFile(engine)) return database;
	return `${username ? `${username}@` : ""}${host}${port ? `:${port}` : ""}${database ? `/${database}` : ""}`;
}
