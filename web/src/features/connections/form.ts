/* The form as text fields, and what is wrong with them before the server is asked. */
import type { FieldError } from "@/api/client";
import type { Connection, ConnectionInput, Engine } from "@/api/types";
import { defaultPorts, isFile, needsDatabase, takesAuthority, words } from "./engines";

export interface FormValues {
	name: string;
	engine: Engine;
	host: string;
	port: string;
	database: string;
	username: string;
	password: string;
	ssl_enabled: boolean;
	monitoring_enabled: boolean;
	scratch: boolean;
	tls_ca: string;
	search_path: string;
	/* says all of where and who; only for a new connection, since it is never shown again */
	dsn: string;
}
export type FormErrors = Partial<Record<keyof FormValues, string>>;

export const emptyForm = (): FormValues => ({
	name: "",
	engine: "postgresql",
	host: "127.0.0.1",
	port: String(defaultPorts.postgresql ?? ""),
	database: "",
	username: "",
	password: "",
	ssl_enabled: false,
	monitoring_enabled: true,
	scratch: false,
	tls_ca: "",
	search_path: "",
	dsn: "",
});

export const formOf = (connection: Connection): FormValues => ({
	name: connection.name,
	engine: connection.engine,
	host: connection.host ?? "",
	port: connection.port ? String(connection.port) : "",
	database: connection.database ?? "",
	username: connection.username ?? "",
	password: "",
	ssl_enabled: connection.ssl_enabled,
	monitoring_enabled: connection.monitoring_enabled,
	scratch: connection.scratch ?? false,
	tls_ca: connection.tls_ca ?? "",
	search_path: connection.search_path ?? "",
	dsn: "",
});

/* PostgreSQL takes key=value texts and service names too, so its DSN is left to the server. */
const schemes: Partial<Record<Engine, readonly string[]>> = { mysql: ["mysql://", "mariadb://"], mariadb: ["mariadb://", "mysql://"], mssql: ["mssql://", "sqlserver://"], oracle: ["oracle://"], sqlite: ["sqlite:"] };

export function validate(values: FormValues): FormErrors {
	const errors: FormErrors = {};
	if (values.name.trim() === "") errors.name = "Give it a name, so that you recognise it in lists.";
	const dsn = values.dsn.trim();
	if (dsn !== "") {
		const scheme = words[values.engine].dsn.split(":")[0];
		if (values.engine !== "postgresql" && !schemes[values.engine]?.some((one) => dsn.startsWith(one))) errors.dsn = `A DSN of this engine begins with ${scheme}:`;
		return errors;
	}
	if (isFile(values.engine)) {
		if (values.database.trim() === "") errors.database = words[values.engine].database.missing;
		return errors;
	}
	if (values.host.trim() === "") errors.host = `${words[values.engine].host}.`;
	const port = Number(values.port);
	if (!/^\d+$/.test(values.port.trim()) || port < 1 || port > 65_535) errors.port = "A number from 1 to 65535.";
	if (values.database.trim() === "" && needsDatabase(values.engine)) errors.database = words[values.engine].database.missing;
	if (values.username.trim() === "") errors.username = "The user to log in with.";
	return errors;
}

/* Another engine has another port, unless somebody chose one. */
export const withEngine = (values: FormValues, engine: Engine): FormValues => ({
	...values,
	engine,
	port: values.port === String(defaultPorts[values.engine] ?? "") ? String(defaultPorts[engine] ?? "") : values.port,
});

export function toInput(values: FormValues): ConnectionInput {
	const dsn = values.dsn.trim();
	const none = isFile(values.engine) || dsn !== "";
	const authority = takesAuthority(values.engine) ? values.tls_ca.trim() : "";
	const path = words[values.engine].searchPath ? values.search_path.trim() : "";
	return {
		name: values.name.trim(),
		engine: values.engine,
		host: none ? "" : values.host.trim(),
		port: none ? null : Number(values.port),
		database: dsn ? "" : values.database.trim(),
		username: none ? "" : values.username.trim(),
		// An empty password beside a DSN would take the place of the one in it.
		...(dsn && !values.password ? {} : { password: isFile(values.engine) ? "" : values.password }),
		ssl_enabled: values.ssl_enabled && !isFile(values.engine),
		monitoring_enabled: values.monitoring_enabled,
		scratch: values.scratch,
		// What is empty is sent, too: when a connection is changed, a member that is absent keeps its old value.
		tls_ca: authority || null,
		search_path: path || null,
		...(dsn ? { dsn } : {}),
	};
}

/* What the server found wrong, beside the field that it is about. */
export function fieldErrors(fields: readonly FieldError[], values: FormValues): FormErrors {
	const errors: FormErrors = {};
	for (const field of fields) if (field.path in values) errors[field.path as keyof FormValues] = field.message;
	return errors;
}
