#include "service/model_part.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "advise/index_style.h"
#include "base/buf.h"
#include "base/clock.h"
#include "llm/advice.h"
#include "service/model_question.h"
#include "service/statement.h"
#include "sql/print.h"
#include "verify/verify.h"

#define MAX_DDL_BYTES    ((size_t)64 * 1024)
#define MIN_GAIN         1.1
#define PROBE_TIMEOUT_MS 5000

struct part {
	TALLOC_CTX *tmp;
	struct so_conn *conn;
	const struct so_engine *engine;
	const struct so_optimize_options *options;
	struct so_optimize_result *result;
	struct so_statement statement;
	struct so_masked masked;
	struct so_planner *planner;
	char *origin;
	double cost_before;
};

/* ---- the question ---- */

static char *all_ddl(struct part *part)
{
	struct so_buf buf;

	so_buf_init(&buf, part->tmp, MAX_DDL_BYTES);
	for (size_t i = 0; i < part->result->catalog->n_tables; i++) {
		struct so_err ignored = SO_ERR_INIT;
		const char *ddl = part->engine->ddl(part->tmp, part->conn, &part->result->catalog->tables[i], &ignored);

		if (ddl) /* a table that may not be read is left out, the others still help */
			so_buf_addf(&buf, "%s\n", ddl);
	}
	return so_strdup(part->tmp, so_buf_text(&buf));
}

static bool ask(struct part *part, struct so_llm *llm, struct so_advice **advice, struct so_err *err)
{
	struct so_advice_question question = {
		.engine = part->engine->name,
		.server_version = part->result->catalog->server_version,
		.sql = part->masked.sql,
		.ddl = all_ddl(part),
		.plan = so_mask_plan(part->tmp, part->result->plan),
		.findings = part->result->findings,
	};
	json_t *schema = so_advice_schema(), *answer = NULL;
	bool done = so_llm_ask(llm, so_advice_system_prompt(), so_advice_prompt(part->tmp, &question), schema,
		part->options->cancel, &answer, err);

	json_decref(schema);
	if (!done)
		return false;
	done = so_advice_read(part->tmp, answer, advice, err);
	json_decref(answer);
	return done;
}

/* ---- one rewrite up the ladder ---- */

static void reject(struct so_proposal *p, enum so_rung rung, const char *fmt, ...) SO_PRINTF(3, 4);
static void reject(struct so_proposal *p, enum so_rung rung, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	p->verdict_reason = so_vprintf(p, fmt, args);
	va_end(args);
	p->verdict = SO_VERDICT_REJECTED;
	so_proposal_rung(p, rung, SO_RUNG_FAILED, "%s", p->verdict_reason);
}

/* The one statement in a text, without the semicolon and comments around it. */
static char *bare_statement(struct part *part, const char *sql)
{
	enum so_dialect dialect = so_statement_dialect(so_conn_dialect(part->conn));
	struct so_err ignored = SO_ERR_INIT;
	struct so_sql_piece *pieces;
	size_t count;

	if (!so_sql_split(part->tmp, NULL, dialect, sql, strlen(sql), NULL, &pieces, &count, &ignored) || count != 1)
		return so_strdup(part->tmp, sql);
	return so_strndup(part->tmp, sql + pieces[0].offset, pieces[0].len);
}

/* Names and types of what a query returns, asked for without fetching a row. */
static bool probe_columns(struct part *part, const char *sql, struct so_rows *out, struct so_err *err)
{
	char *probe = so_printf(part->tmp, "SELECT * FROM (%s\n) AS sqlopt_probe LIMIT 0", bare_statement(part, sql));

	return part->engine->query(part->tmp, part->conn, probe, 1, 65536, PROBE_TIMEOUT_MS, out, err);
}

static bool same_shape(const struct so_rows *a, const struct so_rows *b)
{
	if (a->n_columns != b->n_columns)
		return false;
	for (size_t i = 0; i < a->n_columns; i++)
		if (strcmp(a->columns[i], b->columns[i]) != 0 || strcmp(a->types[i], b->types[i]) != 0)
			return false;
	return true;
}

static bool climb_resolved(struct part *part, struct so_proposal *p, const char *sql)
{
	struct so_rows before = { 0 }, after = { 0 };
	struct so_err why = SO_ERR_INIT;

	if (!so_statement_is_pure(&part->statement, part->result->catalog) || part->statement.has_params) {
		so_proposal_rung(p, SO_RUNG_RESOLVED, SO_RUNG_NOT_POSSIBLE,
			"only pure reads without parameters are asked for their columns");
		return true;
	}
	if (!probe_columns(part, part->statement.sql, &before, &why) || !probe_columns(part, sql, &after, &why)) {
		reject(p, SO_RUNG_RESOLVED, "the server does not accept it: %s", why.message);
		return false;
	}
	if (!same_shape(&before, &after)) {
		reject(p, SO_RUNG_RESOLVED, "it returns other columns or types than the statement");
		return false;
	}
	so_proposal_rung(p, SO_RUNG_RESOLVED, SO_RUNG_PASSED, "same column names and types, says the server");
	return true;
}

static bool climb_planned(struct part *part, struct so_proposal *p, const char *sql)
{
	struct so_err why = SO_ERR_INIT;
	struct so_costed costed;

	if (!part->planner->plan(part->tmp, part->planner, sql, NULL, 0, &costed, NULL, &why)) {
		reject(p, SO_RUNG_PLANNED, "the planner does not accept it: %s", why.message);
		return false;
	}
	p->cost_before = part->cost_before;
	p->cost_after = costed.cost;
	p->cost_source = SO_FIGURE_PLANNED;
	if (so_proposal_gain(p) < MIN_GAIN) {
		reject(p, SO_RUNG_PLANNED, "tried and of no use: planner cost %.2f -> %.2f", p->cost_before,
			p->cost_after);
		return false;
	}
	so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_PASSED, "planned by the server");
	return true;
}

/* Whether some proposal, or the statement itself, says the same in other words of layout. */
static bool known_rewrite(struct part *part, const struct so_statement *rewrite)
{
	const char *text = so_sql_print(part->tmp, rewrite->ast, rewrite->root);

	if (strcmp(text, so_sql_print(part->tmp, part->statement.ast, part->statement.root)) == 0)
		return true;
	for (size_t i = 0; i < part->result->proposals->count; i++) {
		const struct so_proposal *p = part->result->proposals->items[i];
		struct so_err ignored = SO_ERR_INIT;
		struct so_statement other;

		if (p->kind == SO_PROPOSAL_REWRITE && p->sql &&
			so_statement_parse(part->tmp, so_conn_dialect(part->conn), p->sql, &other, &ignored) &&
			strcmp(text, so_sql_print(part->tmp, other.ast, other.root)) == 0)
			return true;
	}
	return false;
}

/* Validating a rewrite runs it: nothing may come in that the statement itself did not do. */
static bool brings_calls(const struct so_sql_class *statement, const struct so_sql_class *rewrite)
{
	return (statement->pure_but_calls && !rewrite->pure_but_calls) ||
	       (!statement->volatile_call && rewrite->volatile_call) ||
	       (!statement->unknown_call && rewrite->unknown_call);
}

static void take_rewrite(struct part *part, const struct so_advice_rewrite *from)
{
	struct so_err why = SO_ERR_INIT;
	struct so_statement rewrite;
	char *sql = so_unmask(part->tmp, so_conn_dialect(part->conn), &part->masked, from->sql, &why);
	bool parsed = sql && so_statement_parse(part->tmp, so_conn_dialect(part->conn), sql, &rewrite, &why);
	struct so_proposal *p;

	if (parsed && known_rewrite(part, &rewrite))
		return;
	p = so_proposal_add(part->result->proposals, SO_PROPOSAL_REWRITE, part->origin);
	p->title = so_strdup(p, "Rewrite by the model");
	p->explanation = so_strdup(p, from->reason);
	if (parsed)
		sql = bare_statement(part, sql);
	p->sql = so_strdup(p, parsed ? sql : from->sql);
	if (!parsed) {
		reject(p, SO_RUNG_PARSED, "it does not parse: %s", why.message);
		return;
	}
	if (so_ast_kind(rewrite.ast, rewrite.root) != so_ast_kind(part->statement.ast, part->statement.root) &&
		(rewrite.cls.cls != part->statement.cls.cls || !rewrite.cls.pure_but_calls)) {
		reject(p, SO_RUNG_PARSED, "it is a %s, the statement is a %s", rewrite.cls.verb,
			part->statement.cls.verb);
		return;
	}
	if (brings_calls(&part->statement.cls, &rewrite.cls)) {
		reject(p, SO_RUNG_PARSED, "it has effects, or calls a function of its own that may have some");
		return;
	}
	so_proposal_rung(p, SO_RUNG_PARSED, SO_RUNG_PASSED, "one statement of the same kind");
	if (!climb_resolved(part, p, sql) || !climb_planned(part, p, sql))
		return;
	so_proposal_rung(p, SO_RUNG_EQUIVALENT, SO_RUNG_NOT_RUN,
		"no precondition in the catalog proves it, and the search for a counterexample does not exist yet");
	p->verdict = SO_VERDICT_UNPROVED;
	p->verdict_reason = so_strdup(p, "nothing shows that it returns the same rows for every content of the tables");
}

/* ---- one index up the ladder ---- */

/* The word at *p in lower case, and *p after it and the blanks behind; false at the end or at punctuation. */
static bool next_word(const char **p, char *word, size_t size)
{
	size_t len = 0;

	while (isalnum((unsigned char)**p) || **p == '_') {
		if (len + 1 < size)
			word[len++] = (char)tolower((unsigned char)**p);
		++*p;
	}
	word[len] = '\0';
	*p += strspn(*p, " \t\r\n");
	return len > 0;
}

/* What follows ON in CREATE INDEX [CONCURRENTLY] [IF NOT EXISTS] [name] ON ..., or NULL for anything else. */
static const char *index_body(const char *ddl)
{
	const char *p = ddl + strspn(ddl, " \t\r\n");
	char word[64];

	if (!next_word(&p, word, sizeof word) || strcmp(word, "create") != 0)
		return NULL;
	if (!next_word(&p, word, sizeof word) || strcmp(word, "index") != 0)
		return NULL; /* a UNIQUE index would be a constraint */
	for (int i = 0; i < 6; i++) {
		if (*p == '"') {
			p = strchr(p + 1, '"');
			if (!p)
				return NULL;
			p++;
			p += strspn(p, " \t\r\n");
			continue;
		}
		if (!next_word(&p, word, sizeof word))
			return NULL;
		if (strcmp(word, "on") == 0)
			return *p ? p : NULL;
	}
	return NULL;
}

/* Letters that matter: blanks, case and the default method do not. */
static void fold_body(const char *body, char *out, size_t size)
{
	size_t len = 0;
	char *method;

	for (; *body && len + 1 < size; body++)
		if (!isspace((unsigned char)*body) && *body != ';')
			out[len++] = (char)tolower((unsigned char)*body);
	out[len] = '\0';
	method = strstr(out, "usingbtree");
	if (method)
		memmove(method, method + 10, strlen(method + 10) + 1);
}

static bool known_index(const struct part *part, const char *body)
{
	char folded[2048], other[2048];

	fold_body(body, folded, sizeof folded);
	for (size_t i = 0; i < part->result->proposals->count; i++) {
		const struct so_proposal *p = part->result->proposals->items[i];
		const char *on = p->kind == SO_PROPOSAL_INDEX && p->sql ? strstr(p->sql, " ON ") : NULL;
		const char *dot;

		if (!on)
			continue;
		fold_body(on + 4, other, sizeof other);
		dot = strchr(other, '.');
		if (strcmp(folded, other) == 0 || (dot && !strchr(folded, '.') && strcmp(folded, dot + 1) == 0))
			return true;
	}
	return false;
}

/* The table that the body starts with, from the catalog: DDL of ours names its schema. */
static const struct so_table *body_table(const struct part *part, const char *body, const char **rest)
{
	char first[64], second[64] = "";
	const char *p = body;

	if (!next_word(&p, first, sizeof first))
		return NULL;
	if (*p == '.') {
		p++;
		if (!next_word(&p, second, sizeof second))
			return NULL;
	}
	*rest = p;
	return second[0] ? so_catalog_table(part->result->catalog, first, second)
			 : so_catalog_table(part->result->catalog, NULL, first);
}

/* Without the semicolon that a model likes to end with. */
static char *trim_end(TALLOC_CTX *ctx, const char *ddl)
{
	size_t len = strlen(ddl);

	while (len > 0 && (isspace((unsigned char)ddl[len - 1]) || ddl[len - 1] == ';'))
		len--;
	return so_strndup(ctx, ddl, len);
}

/* Behind one group in parentheses and the blanks after it; NULL when there is none. Quoted parts do not count. */
static const char *skip_group(const char *p)
{
	int depth = 0;

	if (*p != '(')
		return NULL;
	for (; *p; p++) {
		if (*p == '\'' || *p == '"') {
			p = strchr(p + 1, *p);
			if (!p)
				return NULL;
		} else if (*p == '(') {
			depth++;
		} else if (*p == ')' && --depth == 0) {
			p++;
			return p + strspn(p, " \t\r\n");
		}
	}
	return NULL;
}

/* "[USING method] (columns) [INCLUDE (columns)] [WHERE ...]": what an index is, and no say about where and how it is
 * stored. */
static bool is_plain_index(const char *rest)
{
	const char *p = rest + strspn(rest, " \t\r\n");
	char word[64];

	if (strchr(p, ';') || strstr(p, "--") || strstr(p, "/*"))
		return false;
	if (next_word(&p, word, sizeof word) && (strcmp(word, "using") != 0 || !next_word(&p, word, sizeof word)))
		return false;
	p = skip_group(p);
	if (!p || !next_word(&p, word, sizeof word))
		return p && !*p;
	if (strcmp(word, "include") == 0) {
		p = skip_group(p);
		if (!p || !next_word(&p, word, sizeof word))
			return p && !*p;
	}
	return strcmp(word, "where") == 0 && *p;
}

/* Asks the planner what the index is worth: rungs resolved and planned. */
static void climb_what_if(struct part *part, struct so_proposal *p, const char *ddl)
{
	struct so_err why = SO_ERR_INIT;
	struct so_costed costed;
	char *refusal = NULL;

	if (!part->planner->can_what_if) {
		so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_NOT_POSSIBLE, "%s", part->planner->why_not);
		p->verdict = SO_VERDICT_UNPROVED;
		p->verdict_reason = so_strdup(p, "nothing shows that it helps");
		return;
	}
	if (!part->planner->plan(part->tmp, part->planner, part->statement.sql, (const char *const[]){ ddl }, 1,
		    &costed, &refusal, &why) ||
		refusal) {
		reject(p, SO_RUNG_RESOLVED, "the server does not accept it: %s", refusal ? refusal : why.message);
		return;
	}
	so_proposal_rung(p, SO_RUNG_RESOLVED, SO_RUNG_PASSED, "its columns exist, says the server");
	p->cost_before = part->cost_before;
	p->cost_after = costed.cost;
	p->cost_source = SO_FIGURE_WHAT_IF;
	p->size_bytes = part->planner->size_bytes(part->planner, ddl);
	if (so_proposal_gain(p) < MIN_GAIN)
		reject(p, SO_RUNG_PLANNED, "tried and of no use: planner cost %.2f -> %.2f", p->cost_before,
			p->cost_after);
	else
		so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_PASSED, "planned with a hypothetical index");
}

static void take_index(struct part *part, const struct so_advice_index *from)
{
	const char *body = index_body(trim_end(part->tmp, from->ddl)), *rest = NULL;
	const struct so_table *table = body ? body_table(part, body, &rest) : NULL;
	const struct so_index_style *style;
	char *clean, *name;
	struct so_proposal *p;

	if (body && known_index(part, body))
		return;
	p = so_proposal_add(part->result->proposals, SO_PROPOSAL_INDEX, part->origin);
	p->explanation = so_strdup(p, from->reason);
	p->sql = so_strdup(p, from->ddl);
	p->title = so_strdup(p, "Index by the model");
	if (!table || !is_plain_index(rest)) {
		reject(p, SO_RUNG_PARSED,
			"it is not one plain CREATE INDEX statement on a table that the statement reads");
		return;
	}
	style = so_index_style(table);
	clean = so_printf(part->tmp, "%s.%s %s",
		so_sql_quote_name(part->tmp, part->statement.ast->dialect, table->schema),
		so_sql_quote_name(part->tmp, part->statement.ast->dialect, table->name), rest);
	name = so_printf(part->tmp, "sqlopt_model_%08x", (unsigned)(XXH3_64bits(clean, strlen(clean)) & 0xFFFFFFFFu));
	p->title = so_printf(p, "Index on %s", clean);
	p->sql = so_printf(p, "CREATE INDEX %s%s ON %s", style->concurrently ? "CONCURRENTLY " : "", name, clean);
	p->undo_sql = so_index_drop(p, table, name);
	p->lock = so_strdup(p,
		style->lock ? style->lock : "SHARE UPDATE EXCLUSIVE: reads and writes go on; the table is read twice");
	so_proposal_add_object(p, so_printf(part->tmp, "%s.%s", table->schema, table->name));
	so_proposal_rung(p, SO_RUNG_PARSED, SO_RUNG_PASSED, "one CREATE INDEX statement");
	so_proposal_rung(p, SO_RUNG_EQUIVALENT, SO_RUNG_PASSED, "an index changes no result");
	climb_what_if(part, p,
		so_printf(part->tmp, "CREATE INDEX %sON %s",
			style->concurrently ? "" : so_printf(part->tmp, "%s ", name), clean));
}

/* ---- all of it ---- */

static void count(const struct so_proposal_list *list, size_t from, struct so_model_report *report)
{
	for (size_t i = from; i < list->count; i++) {
		report->proposed++;
		report->offered += list->items[i]->verdict == SO_VERDICT_OFFERED;
		report->unproved += list->items[i]->verdict == SO_VERDICT_UNPROVED;
		report->rejected += list->items[i]->verdict == SO_VERDICT_REJECTED;
	}
}

static bool judge(struct part *part, const struct so_advice *advice, struct so_err *err)
{
	struct so_costed base;

	part->planner = so_verify_planner(part->tmp, part->conn, 50, part->options->cancel, err);
	if (!part->planner ||
		!part->planner->plan(part->tmp, part->planner, part->statement.sql, NULL, 0, &base, NULL, err))
		return false;
	part->cost_before = base.cost;
	for (size_t i = 0; i < advice->n_indexes; i++)
		take_index(part, &advice->indexes[i]);
	talloc_free(part->planner); /* the rewrites are probed, which a what-if session does not allow */
	part->planner = so_verify_planner(part->tmp, part->conn, 50, part->options->cancel, err);
	if (!part->planner)
		return false;
	for (size_t i = 0; i < advice->n_rewrites; i++)
		take_rewrite(part, &advice->rewrites[i]);
	return true;
}

bool so_optimize_with_model(TALLOC_CTX *ctx, struct so_conn *conn, struct so_llm *llm,
	const struct so_optimize_options *options, struct so_optimize_result *result, struct so_model_report *report,
	struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct part part = {
		.tmp = tmp,
		.conn = conn,
		.engine = so_conn_engine(conn),
		.options = options,
		.result = result,
	};
	size_t before = result->proposals->count;
	struct so_advice *advice;

	part.origin = so_printf(tmp, "model %s", so_llm_model(llm));
	if (!so_statement_parse(tmp, so_conn_dialect(conn), options->sql, &part.statement, err) ||
		!so_mask_statement(tmp, &part.statement, &part.masked, err) || !ask(&part, llm, &advice, err) ||
		!judge(&part, advice, err))
		return false;
	*report = (struct so_model_report){ 0 };
	count(result->proposals, before, report);
	report->note = so_printf(ctx, "%zu new proposal%s: %zu offered, %zu unproved, %zu rejected", report->proposed,
		report->proposed == 1 ? "" : "s", report->offered, report->unproved, report->rejected);
	so_proposal_list_sort(result->proposals);
	return true;
}
