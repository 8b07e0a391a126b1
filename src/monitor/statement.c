#include "monitor/statement.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "monitor/baseline.h"
#include "sql/fingerprint.h"

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

static enum so_dialect dialect_of(const char *name)
{
	for (int i = 0; i < SO_DIALECT_MAX; i++)
		if (strcmp(so_dialects[i].name, name) == 0)
			return (enum so_dialect)i;
	so_assert(!"an engine names a dialect that sql/ does not have");
	return SO_POSTGRESQL;
}

/* By its first word, for texts that do not parse. */
static bool looks_like_a_query(const char *text)
{
	static const char *const words[] = { "select", "with", "insert", "update", "delete", "merge", "replace", NULL };
	size_t len = 0;

	while (*text == '(' || isspace((unsigned char)*text))
		text++;
	while (isalpha((unsigned char)text[len]))
		len++;
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], text, len) == 0)
			return true;
	return false;
}

int64_t so_statement_row(TALLOC_CTX *ctx, const char *dialect, const char *text, struct so_store_query *row)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .lenient = true };
	struct so_err ignored = SO_ERR_INIT;
	char hex[SO_FINGERPRINT_TEXT];
	uint64_t fingerprint;
	struct so_ast *ast;

	if (is_tagged(text))
		return SO_QUERY_OURS;
	if (so_sql_parse(tmp, NULL, dialect_of(dialect), text, strlen(text), &options, &ast, &ignored)) {
		enum so_node_kind kind = so_ast_kind(ast, so_ast_statement(ast));

		if (!so_kind_is_query(kind) && !so_kind_is_dml(kind))
			return SO_QUERY_NEVER;
		fingerprint = so_sql_fingerprint(ast, so_ast_statement(ast));
	} else {
		if (!looks_like_a_query(text))
			return SO_QUERY_NEVER;
		fingerprint = XXH3_64bits(text, strlen(text));
	}
	*row = (struct so_store_query){
		.fingerprint = so_strdup(ctx, so_fingerprint_text(fingerprint, hex)),
		.fingerprint_version = SO_FINGERPRINT_VERSION,
		.hash = sha256_hex(ctx, text),
		.sql_text = so_strdup(ctx, text),
	};
	return SO_QUERY_APPLICATION;
}
