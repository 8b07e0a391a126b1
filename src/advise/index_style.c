#include "advise/index_style.h"

#include <string.h>

#include "advise/candidate.h"
#include "sql/print.h"

#define MY_LOCK                                                                                                        \
	"InnoDB builds it online: reads and writes go on, but for a moment at the beginning and the end, which waits " \
	"for "                                                                                                         \
	"transactions that use the table; replicas apply it only when it is done"

static const struct so_index_style styles[] = {
	{ .dialect = "postgresql",
		.number = SO_POSTGRESQL,
		.concurrently = true,
		.method = true,
		.gin = true,
		.include = true,
		.partial = true,
		.expressions = true,
		.opclasses = true,
		.nulls_order = true,
		.long_keys = true,
		.page_costs = true,
		.drop_lock =
			"SHARE UPDATE EXCLUSIVE: reads and writes go on; waits for transactions that use the index",
		.analyze = "ANALYZE",
		.analyze_lock = "SHARE UPDATE EXCLUSIVE: reads and writes go on; reads a sample of the table" },
	{ .dialect = "mysql",
		.number = SO_MYSQL,
		.nulls_first = true,
		.any_type = true,
		.drop_names_table = true,
		.lock = MY_LOCK,
		.drop_lock = "reads and writes go on, but for a moment that waits for transactions that use the table",
		.analyze = "ANALYZE TABLE",
		.analyze_lock = "reads and writes go on; reads a sample of the table's pages" },
	{ .dialect = "mariadb",
		.number = SO_MARIADB,
		.nulls_first = true,
		.any_type = true,
		.drop_names_table = true,
		.lock = MY_LOCK,
		.drop_lock = "reads and writes go on, but for a moment that waits for transactions that use the table",
		.analyze = "ANALYZE TABLE",
		.analyze_lock = "reads and writes go on; reads a sample of the table's pages" },
	{ .dialect = "tsql",
		.number = SO_TSQL,
		.include = true,
		.partial = true,
		.nulls_first = true,
		.any_type = true,
		.drop_names_table = true,
		.lock = "writes wait until it is built; Enterprise, Developer and Azure editions build it online when "
			"WITH "
			"(ONLINE = ON) is added",
		.drop_lock = "a schema lock, for a moment: it waits for every statement on the table",
		.analyze = "UPDATE STATISTICS",
		.analyze_lock = "reads and writes go on; reads a sample of the table" },
	{ .dialect = "oracle",
		.number = SO_ORACLE,
		.expressions = true,
		.any_type = true,
		.suffix = " ONLINE",
		.lock = "ONLINE: reads and writes go on, but for a moment at the beginning and the end (Enterprise "
			"Edition; "
			"without ONLINE writes wait until it is built)",
		.drop_lock =
			"exclusive, for a moment: it fails at once (ORA-00054) while a transaction writes to the table",
		.analyze_lock = "reads and writes go on; reads the table" },
	{ .dialect = "sqlite",
		.number = SO_SQLITE,
		.partial = true,
		.expressions = true,
		.nulls_first = true,
		.any_type = true,
		.long_keys = true,
		.schema_of_name = true,
		.lock = "the whole file: nobody else writes until it is built; with WAL others read on",
		.drop_lock = "the whole file, for a moment",
		.analyze = "ANALYZE",
		.analyze_lock = "the whole file: nobody else writes until all indexes of the table were read" },
};

const struct so_index_style *so_index_style(const struct so_table *table)
{
	for (size_t i = 0; table->dialect && i < sizeof styles / sizeof styles[0]; i++)
		if (strcmp(styles[i].dialect, table->dialect) == 0)
			return &styles[i];
	return &styles[0];
}

const char *so_index_quote(TALLOC_CTX *ctx, const struct so_index_style *style, const char *name)
{
	return style->number == SO_POSTGRESQL ? so_cand_quote(ctx, name) : so_sql_quote_name(ctx, style->number, name);
}

char *so_index_table(TALLOC_CTX *ctx, const struct so_table *table)
{
	const struct so_index_style *style = so_index_style(table);

	return so_printf(
		ctx, "%s.%s", so_index_quote(ctx, style, table->schema), so_index_quote(ctx, style, table->name));
}

char *so_index_create(
	TALLOC_CTX *ctx, const struct so_table *table, const char *name, const char *method, const char *columns)
{
	const struct so_index_style *style = so_index_style(table);

	return so_printf(ctx, "CREATE INDEX %s%s%s%s ON %s%s%s %s%s", style->concurrently ? "CONCURRENTLY " : "",
		style->schema_of_name ? so_index_quote(ctx, style, table->schema) : "",
		style->schema_of_name ? "." : "", so_index_quote(ctx, style, name),
		style->schema_of_name ? so_index_quote(ctx, style, table->name) : so_index_table(ctx, table),
		style->method ? " USING " : "", style->method ? method : "", columns,
		style->suffix ? style->suffix : "");
}

char *so_index_drop(TALLOC_CTX *ctx, const struct so_table *table, const char *name)
{
	const struct so_index_style *style = so_index_style(table);
	const char *quoted = so_index_quote(ctx, style, name);

	if (style->drop_names_table)
		return so_printf(ctx, "DROP INDEX %s ON %s", quoted, so_index_table(ctx, table));
	return so_printf(ctx, "DROP INDEX %s%s.%s", style->concurrently ? "CONCURRENTLY " : "",
		so_index_quote(ctx, style, table->schema), quoted);
}

/* 'text' with quotes doubled. */
static char *literal(TALLOC_CTX *ctx, const char *text)
{
	char *out = so_strdup(ctx, "'");

	for (; *text; text++)
		out = so_printf(ctx, "%s%s%c", out, *text == '\'' ? "'" : "", *text);
	return so_printf(ctx, "%s'", out);
}

char *so_index_analyze(TALLOC_CTX *ctx, const struct so_table *table)
{
	const struct so_index_style *style = so_index_style(table);

	if (style->analyze)
		return so_printf(ctx, "%s %s", style->analyze, so_index_table(ctx, table));
	return so_printf(ctx, "BEGIN DBMS_STATS.GATHER_TABLE_STATS(%s, %s); END;", literal(ctx, table->schema),
		literal(ctx, table->name));
}
