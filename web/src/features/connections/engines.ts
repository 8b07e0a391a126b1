import type { Engine } from "@/api/types";

/* Engines that this build can open. Others are known to the API but have no driver yet, so the form does not offer them. */
export const engineNames: Record<Engine, string> = {
	postgresql: "PostgreSQL",
	mysql: "MySQL",
	mariadb: "MariaDB",
	mssql: "SQL Server",
	oracle: "Oracle",
	sqlite: "SQLite",
};
export const offeredEngines: readonly Engine[] = ["postgresql", "mysql", "mariadb", "sqlite"];
/* A file instead of a server: no host, port, user or TLS. */
export const isFile = (engine: Engine): boolean => engine === "sqlite";
/* A login without a database of its own sees all that it may. */
export const needsDatabase = (engine: Engine): boolean => engine !== "mysql" && engine !== "mariadb";
export const defaultPorts: Partial<Record<Engine, number>> = { postgresql: 5432, mysql: 3306, mariadb: 3306, mssql: 1433, oracle: 1521 };
