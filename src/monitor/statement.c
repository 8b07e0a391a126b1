#include "monitor/statement.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "monitor/baseline.h"
#include "sql/dialect.h"
#include "sql/fingerprint.h"
#include "sql/names.h"

/* What the drivers put before everything that they send of their own accord, and behind it for PostgreSQL 18. */
static const char tag[] = "/* sqlopt */";

static bool is_tagged(const char *text)
{
	size_t len = strlen(text), n = strlen(tag);

	return len >= n && (strncmp(text, tag, n) == 0 || strcmp(text + len - n, tag) == 0);
}

/* The older API's query_hash. */
static char *sha256_hex(TALLOC_CTX *ctx, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1];
	unsigned len = 0;

	so_assert(EVP_Digest(text, strlen(text), digest, &len, EVP_sha256(), NULL));
	for (unsigned i = 0; i < len; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	return so_strndup(ctx, hex, 2 * (size_t)len);
}

/* By its first word, for texts that do not parse; NULL: neither a query nor a change of rows. */
static const char *kind_by_word(const char *text)
{
	static const struct {
		const char *word, *kind;
	} words[] = { { "select", "select" }, { "with", "select" }, { "insert", "insert" }, { "update", "update" },
		{ "delete", "delete" }, { "merge", "merge" }, { "replace", "insert" } };
	size_t len = 0;

	while (*text == '(' || isspace((unsigned char)*text))
		text++;
	while (isalpha((unsigned char)text[len]))
		len++;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i].word) == len && strncasecmp(words[i].word, text, len) == 0)
			return words[i].kind;
	return NULL;
}

static const char *kind_of(enum so_node_kind kind)
{
	if (so_kind_is_query(kind))
		return "select";
	if (!so_kind_is_dml(kind))
		return NULL;
	return kind == SO_N_INSERT   ? "insert"
	       : kind == SO_N_UPDATE ? "update"
	       : kind == SO_N_DELETE ? "delete"
				     : "merge";
}

int64_t so_statement_row(TALLOC_CTX *ctx, const char *dialect, const char *text, struct so_store_query *row)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .lenient = true };
	struct so_err ignored = SO_ERR_INIT;
	char hex[SO_FINGERPRINT_TEXT];
	uint64_t fingerprint;
	const char *kind;
	struct so_ast *ast;

	if (is_tagged(text))
		return SO_QUERY_OURS;
	if (so_sql_parse(tmp, NULL, so_dialect_named(dialect), text, strlen(text), &options, &ast, &ignored)) {
		kind = kind_of(so_ast_kind(ast, so_ast_statement(ast)));
		fingerprint = kind ? so_sql_fingerprint(ast, so_ast_statement(ast)) : 0;
	} else {
		kind = kind_by_word(text);
		fingerprint = XXH3_64bits(text, strlen(text));
	}
	if (!kind)
		return SO_QUERY_NEVER;
	*row = (struct so_store_query){
		.fingerprint = so_strdup(ctx, so_fingerprint_text(fingerprint, hex)),
		.fingerprint_version = SO_FINGERPRINT_VERSION,
		.hash = sha256_hex(ctx, text),
		.sql_text = so_strdup(ctx, text),
		.kind = so_strdup(ctx, kind),
	};
	return SO_QUERY_APPLICATION;
}

void so_statement_tables(TALLOC_CTX *ctx, const char *dialect, const char *text, struct so_statement_tables *out)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .lenient = true };
	struct so_err ignored = SO_ERR_INIT;
	struct so_sql_names *names;
	struct so_ast *ast;

	*out = (struct so_statement_tables){ 0 };
	if (!so_sql_parse(tmp, NULL, so_dialect_named(dialect), text, strlen(text), &options, &ast, &ignored))
		return;
	names = so_sql_names(tmp, ast, so_ast_statement(ast));
	out->items = so_new_array(ctx, struct so_statement_table, names->table_count + 1);
	for (size_t i = 0; i < names->table_count; i++)
		out->items[out->count++] =
			(struct so_statement_table){ so_strdup_or_null(out->items, names->tables[i].schema),
				so_strdup(out->items, names->tables[i].name) };
	out->writes = so_kind_is_dml(so_ast_kind(ast, so_ast_statement(ast)));
}
