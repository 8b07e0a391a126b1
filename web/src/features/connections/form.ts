/* The form as text fields, and what is wrong with them before the server is asked. */
import type { FieldError } from "@/api/client";
import type { Connection, ConnectionInput, Engine } from "@/api/types";
import { defaultPorts, isFile, needsDatabase } from "./engines";

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
});

export function validate(values: FormValues): FormErrors {
	const errors: FormErrors = {};
	if (values.name.trim() === "") errors.name = "Give it a name, so that you recognise it in lists.";
	if (isFile(values.engine)) {
		if (values.database.trim() === "") errors.database = "The path of the file, on the machine that sqlopt runs on.";
		return errors;
	}
	if (values.host.trim() === "") errors.host = "Host name, address, or the folder of a Unix socket.";
	const port = Number(values.port);
	if (!/^\d+$/.test(values.port.trim()) || port < 1 || port > 65_535) errors.port = "A number from 1 to 65535.";
	if (values.database.trim() === "" && needsDatabase(values.engine)) errors.database = "The name of the database.";
	if (values.username.trim() === "") errors.username = "The role to log in with.";
	return errors;
}

/* Another engine has another port, unless somebody chose one. */
export const withEngine = (values: FormValues, engine: Engine): FormValues => ({
	...values,
	engine,
	port: values.port === String(defaultPorts[values.engine] ?? "") ? String(defaultPorts[engine] ?? "") : values.port,
});

export function toInput(values: FormValues): ConnectionInput {
	const file = isFile(values.engine);
	return {
		name: values.name.trim(),
		engine: values.engine,
		host: file ? "" : values.host.trim(),
		port: file ? null : Number(values.port),
		database: values.database.trim(),
		username: file ? "" : values.username.trim(),
		password: values.password,
		ssl_enabled: values.ssl_enabled,
		monitoring_enabled: values.monitoring_enabled,
		scratch: values.scratch,
		...(values.tls_ca.trim() ? { tls_ca: values.tls_ca.trim() } : {}),
		...(values.search_path.trim() ? { search_path: values.search_path.trim() } : {}),
	};
}

/* What the server found wrong, beside the field that it is about. */
export function fieldErrors(fields: readonly FieldError[], values: FormValues): FormErrors {
	const errors: FormErrors = {};
	for (const field of fields) if (field.path in values) errors[field.path as keyof FormValues] = field.message;
	return errors;
}
