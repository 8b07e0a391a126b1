/* /api/sql: statements as texts. Nothing is stored, no target is asked. */
#include "api/sql.h"

#include "api/tables.h"
#include "service/service.h"
#include "service/sql_text.h"

/* ---- requests ------------------------------------------------------------------------------------------------ */

#define S struct so_sql_text_request
#define TEXT_FIELDS                                                                                                    \
	SO_FIELD(S, sql, .flags = SO_F_REQUIRED, .min = 1, .max = SO_MAX_SQL_BYTES,                                    \
		.doc = "One statement or several with semicolons."),                                                   \
		SO_FIELD(S, dialect, .one_of = dialects, .deflt = "postgresql"),                                       \
		SO_FIELD(S, lenient, .deflt = "false",                                                                 \
			.doc = "Text of a statistics view: placeholders anywhere, cut off at its end.")

static const char *const dialects[] = { "postgresql", "mysql", "mariadb", "tsql", "oracle", "sqlite", NULL };
static const struct so_field text_fields[] = { TEXT_FIELDS };
static const struct so_field parse_fields[] = {
	TEXT_FIELDS,
	SO_FIELD(S, tree, .deflt = "true", .doc = "Answer with the syntax trees too."),
};
#undef S
static const struct so_resource text_resource = SO_RESOURCE(struct so_sql_text_request, text_fields, .name = "SqlText");
static const struct so_resource parse_request =
	SO_RESOURCE(struct so_sql_text_request, parse_fields, .name = "SqlParseRequest");

/* ---- answers ------------------------------------------------------------------------------------------------- */

#define S struct so_sql_text_error
static const struct so_field error_fields[] = {
	SO_FIELD(S, message),
	SO_FIELD(S, kind),
	SO_FIELD(S, position, .flags = SO_F_NULLABLE, .doc = "In the text, in bytes of UTF-8, from 0."),
	SO_FIELD(S, line, .flags = SO_F_NULLABLE, .doc = "From 1."),
	SO_FIELD(S, column, .flags = SO_F_NULLABLE, .doc = "In characters, from 1."),
	SO_FIELD(S, token, .flags = SO_F_NULLABLE, .doc = "What stands there; null at the end of the text."),
	SO_FIELD(S, expected, .doc = "What could stand there instead; some of it when there is much."),
	SO_FIELD(S, hint, .flags = SO_F_NULLABLE,
		.doc = "Of which other engine it is the syntax, and what to write here; null when it is of none."),
};
#undef S
static const struct so_resource error_resource =
	SO_RESOURCE(struct so_sql_text_error, error_fields, .name = "SqlError");

#define S struct so_sql_text_table
static const struct so_field table_fields[] = {
	SO_FIELD(S, schema, .flags = SO_F_NULLABLE),
	SO_FIELD(S, name),
	SO_FIELD(S, written, .doc = "Target of an INSERT, UPDATE, DELETE or MERGE."),
};
#undef S
static const struct so_resource table_resource =
	SO_RESOURCE(struct so_sql_text_table, table_fields, .name = "SqlTable");

#define S struct so_sql_text_function
static const struct so_field function_fields[] = {
	SO_FIELD(S, schema, .flags = SO_F_NULLABLE),
	SO_FIELD(S, name),
	SO_FIELD(S, builtin),
};
#undef S
static const struct so_resource function_resource =
	SO_RESOURCE(struct so_sql_text_function, function_fields, .name = "SqlFunction");

static const char *const classes[] = { "read", "write", "ddl", "utility", NULL };

struct statement_answer {
	int64_t offset, length;
	const char *cls, *verb, *fingerprint, *normalized;
	bool pure_read, truncated, tree_cut;
	struct so_strs *not_pure, *parameters;
	json_t *tables, *functions, *tree, *error;
};
#define S struct statement_answer
static const struct so_field statement_fields[] = {
	SO_FIELD(S, offset, .doc = "In the text, in bytes of UTF-8."),
	SO_FIELD(S, length),
	SO_FIELD_AS(S, cls, "class", .flags = SO_F_NULLABLE, .one_of = classes, .doc = "Null when it was refused."),
	SO_FIELD(S, verb, .flags = SO_F_NULLABLE, .doc = "\"select\", \"create table\""),
	SO_FIELD(S, pure_read, .doc = "By its text, and for sure, it does nothing but read."),
	SO_FIELD(S, not_pure,
		.doc = "Why not: no_query, selects_into, locks_rows, modifying_cte, volatile_call, sets_variable, "
		       "unknown_call (a function that only its server knows), unclear (an operator of a user, a "
		       "function defined inside, a name that may be a call, a comment for newer servers)."),
	SO_FIELD(S, truncated, .doc = "Lenient: the text was cut off."),
	SO_FIELD(S, tables, .flags = SO_F_LIST, .of = &table_resource),
	SO_FIELD(S, functions, .flags = SO_F_LIST, .of = &function_resource),
	SO_FIELD(S, parameters, .doc = "Each once, as written."),
	SO_FIELD(S, fingerprint, .flags = SO_F_NULLABLE),
	SO_FIELD(S, normalized, .flags = SO_F_NULLABLE),
	SO_FIELD(S, tree, .flags = SO_F_NULLABLE,
		.doc = "A node: kind, offset and length, then its fields; a child is a node, children are a list."),
	SO_FIELD(S, tree_cut, .doc = "The tree has more nodes or levels than are shown."),
	SO_FIELD(S, error, .flags = SO_F_NULLABLE, .of = &error_resource),
};
#undef S
static const struct so_resource statement_resource =
	SO_RESOURCE(struct statement_answer, statement_fields, .name = "SqlStatement");

struct parsed_answer {
	const char *dialect;
	json_t *statements;
};
#define S struct parsed_answer
static const struct so_field parsed_fields[] = {
	SO_FIELD(S, dialect),
	SO_FIELD(S, statements, .flags = SO_F_LIST, .of = &statement_resource),
};
#undef S
static const struct so_resource parsed_resource = SO_RESOURCE(struct parsed_answer, parsed_fields, .name = "SqlParsed");

struct print_answer {
	int64_t offset, length;
	const char *fingerprint, *normalized;
};
#define S struct print_answer
static const struct so_field print_fields[] = {
	SO_FIELD(S, offset),
	SO_FIELD(S, length),
	SO_FIELD(S, fingerprint, .doc = "16 hexadecimal digits; equal for statements that differ in literals only."),
	SO_FIELD(S, normalized, .doc = "Literals replaced by placeholders."),
};
#undef S
static const struct so_resource print_resource =
	SO_RESOURCE(struct print_answer, print_fields, .name = "SqlFingerprint");

struct prints_answer {
	const char *dialect;
	int64_t version;
	json_t *statements;
};
#define S struct prints_answer
static const struct so_field prints_fields[] = {
	SO_FIELD(S, dialect),
	SO_FIELD(S, version, .doc = "Fingerprints of different versions cannot be compared."),
	SO_FIELD(S, statements, .flags = SO_F_LIST, .of = &print_resource),
};
#undef S
static const struct so_resource prints_resource =
	SO_RESOURCE(struct prints_answer, prints_fields, .name = "SqlFingerprints");

struct formatted_answer {
	const char *dialect, *formatted;
};
#define S struct formatted_answer
static const struct so_field formatted_fields[] = { SO_FIELD(S, dialect), SO_FIELD(S, formatted) };
#undef S
static const struct so_resource formatted_resource =
	SO_RESOURCE(struct formatted_answer, formatted_fields, .name = "SqlFormatted");

/* ---- encoding ------------------------------------------------------------------------------------------------ */

static json_t *statement_json(const struct so_sql_text_statement *from)
{
	struct statement_answer to = { .offset = from->offset,
		.length = from->length,
		.cls = from->cls,
		.verb = from->verb,
		.fingerprint = from->fingerprint,
		.normalized = from->normalized,
		.pure_read = from->pure_read,
		.truncated = from->truncated,
		.tree_cut = from->tree_cut,
		.not_pure = from->not_pure,
		.parameters = from->parameters,
		.tables = so_field_encode_list(&table_resource, from->tables, from->n_tables),
		.functions = so_field_encode_list(&function_resource, from->functions, from->n_functions),
		.tree = from->tree,
		.error = from->error ? so_field_encode(&error_resource, from->error) : NULL };
	json_t *json = so_field_encode(&statement_resource, &to);

	json_decref(to.tables);
	json_decref(to.functions);
	json_decref(to.error);
	return json;
}

json_t *so_sql_parsed_json(const struct so_sql_text *text)
{
	struct parsed_answer answer = { .dialect = text->dialect, .statements = json_array() };
	json_t *json;

	for (size_t i = 0; i < text->count; i++)
		json_array_append_new(answer.statements, statement_json(&text->statements[i]));
	json = so_field_encode(&parsed_resource, &answer);
	json_decref(answer.statements);
	return json;
}

json_t *so_sql_fingerprints_json(const struct so_sql_text *text)
{
	struct prints_answer answer = {
		.dialect = text->dialect, .version = text->fingerprint_version, .statements = json_array()
	};
	json_t *json;

	for (size_t i = 0; i < text->count; i++) {
		const struct so_sql_text_statement *from = &text->statements[i];
		struct print_answer print = { from->offset, from->length, from->fingerprint, from->normalized };

		json_array_append_new(answer.statements, so_field_encode(&print_resource, &print));
	}
	json = so_field_encode(&prints_resource, &answer);
	json_decref(answer.statements);
	return json;
}

/* ---- handlers ------------------------------------------------------------------------------------------------ */

static bool parse(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_sql_text *text = so_sql_text_parse(req, req->body, err);

	if (text)
		res->json = so_sql_parsed_json(text);
	return text != NULL;
}

static bool fingerprint(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_sql_text *text = so_sql_text_fingerprint(req, req->body, err);

	if (text)
		res->json = so_sql_fingerprints_json(text);
	return text != NULL;
}

static bool format(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct so_sql_text_request *request = req->body;
	struct formatted_answer answer = { .dialect = request->dialect };

	answer.formatted = so_sql_text_format(req, request, err);
	if (!answer.formatted)
		return false;
	res->json = so_field_encode(&formatted_resource, &answer);
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

/* On a worker, because a large text takes milliseconds. */
#define TAG .tag = "sql", .blocking = true, .status = 200, .permission = SO_PERM_READ
static const struct so_route routes[] = {
	{ "POST", "/api/sql/parse", "parseSql", TAG,
		.summary = "Class, tables, functions, fingerprint and syntax tree of each statement",
		.body = &parse_request, .answer = &parsed_resource, .handler = parse },
	{ "POST", "/api/sql/format", "formatSql", TAG, .summary = "The text formatted, comments kept",
		.body = &text_resource, .answer = &formatted_resource, .handler = format },
	{ "POST", "/api/sql/fingerprint", "fingerprintSql", TAG,
		.summary = "What statements that differ only in literals have in common", .body = &text_resource,
		.answer = &prints_resource, .handler = fingerprint },
};

const struct so_route_table so_routes_sql = { routes, sizeof(routes) / sizeof(routes[0]) };
