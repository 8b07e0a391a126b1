/* Plans. A plain EXPLAIN never executes (but for derived tables that the server materialises while it plans); EXPLAIN
 * ANALYZE and ANALYZE run only pure reads, inside a read-only transaction of their own. */
#include "engine/mysql/internal.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

struct explaining {
	struct my_conn *conn;
	const struct so_explain_options *options;
	struct my_text look;
	char *sql; /* as sent, perhaps another one than was asked for */
	bool replaced; /* positions no longer mean the user's text */
	TALLOC_CTX *tmp;
	char *note;
	const char *format;
};

/* Settings that change how a statement is planned or how much memory it takes, and nothing else. A name that ends in
 * '*' is a prefix. */
static const char *const plan_settings[] = { "optimizer_*", "eq_range_index_dive_limit", "range_optimizer_max_mem_size",
	"join_buffer_size", "sort_buffer_size", "tmp_table_size", "max_heap_table_size", "join_cache_level",
	"use_stat_tables", "max_length_for_sort_data", "max_seeks_for_key", NULL };

static bool plan_setting_allowed(const char *name)
{
	for (size_t i = 0; plan_settings[i]; i++) {
		size_t len = strlen(plan_settings[i]);

		if (plan_settings[i][len - 1] == '*' ? strncmp(name, plan_settings[i], len - 1) == 0
						     : strcmp(name, plan_settings[i]) == 0)
			return true;
	}
	return false;
}

/* MySQL's newer document is the only one that EXPLAIN ANALYZE writes; the older is the only one that knows changes. */
static bool want_json_version(struct my_conn *conn, int version, struct so_err *err)
{
	SO_TMP(tmp, NULL);

	if (conn->mariadb || conn->version < 80300 || conn->json_version == version)
		return true;
	if (!my_run_command(conn, so_printf(tmp, MY_SQL_JSON_FORMAT, version), err))
		return so_fail_in(err, "form of the plan");
	conn->json_version = version;
	return true;
}

static const char *explain_head(struct explaining *x, struct so_err *err)
{
	bool analyze = x->options->mode == SO_EXPLAIN_ANALYZE;
	struct my_conn *conn = x->conn;

	x->format = conn->mariadb ? "mariadb-json" : "mysql-json";
	if (conn->mariadb)
		return analyze ? TAG "ANALYZE FORMAT=JSON " : TAG "EXPLAIN FORMAT=JSON ";
	if (!want_json_version(conn, x->look.writes && !x->replaced ? 1 : 2, err))
		return NULL;
	if (!analyze)
		return TAG "EXPLAIN FORMAT=JSON ";
	if (conn->version >= 80300)
		return TAG "EXPLAIN ANALYZE FORMAT=JSON ";
	x->format = "mysql-tree";
	return conn->version >= 80018 ? TAG "EXPLAIN ANALYZE " : NULL;
}

static bool take(struct explaining *x, char **text, struct so_err *err)
{
	const char *head = explain_head(x, err);
	struct so_my_query query = { .timeout_ms = x->options->timeout_ms };
	struct so_my_result *result;

	if (!head)
		return err->kind != SO_NONE ? false
					    : so_fail(err, SO_UNSUPPORTED,
						      "EXPLAIN ANALYZE needs MySQL 8.0.18 or later, this is %.40s",
						      so_my_version_text(x->conn->my));
	query.sql = so_printf(x->tmp, "%s%s", head, x->sql);
	query.prefix_len = strlen(head);
	result = my_run(x->tmp, x->conn, &query, err);
	if (!result)
		return false;
	if (so_my_rows(result) < 1 || so_my_columns(result) != 1 || !so_my_cell(result, 0, 0))
		return so_fail(err, SO_TARGET, "EXPLAIN answered with no plan");
	*text = so_strdup(x->tmp, so_my_cell(result, 0, 0));
	return true;
}

/* One attempt with the text as it now is. */
static bool attempt(struct explaining *x, char **text, struct so_err *err)
{
	bool analyze = x->options->mode == SO_EXPLAIN_ANALYZE, writes = x->look.writes && !x->replaced, fine;

	if (!analyze && !writes)
		return take(x, text, err);
	/* MariaDB plans a change only where one could be made; nothing is, and it is rolled back. */
	if (writes ? !my_run_command(x->conn, MY_SQL_BEGIN_WRITE, err)
		   : !my_read_begin(x->conn, x->options->timeout_ms, err))
		return false;
	fine = take(x, text, err);
	my_read_end(x->conn);
	return fine;
}

static bool attempt_with_setting(struct explaining *x, char **text, struct so_err *err)
{
	const char *setting = x->options->set_local, *equals = setting ? strchr(setting, '=') : NULL;
	struct so_my_result *before;
	bool fine, number;
	char *name;

	if (!setting)
		return attempt(x, text, err);
	if (!equals)
		return so_fail(err, SO_INPUT, "a setting is written name=value");
	name = so_strndup(x->tmp, setting, (size_t)(equals - setting));
	if (!plan_setting_allowed(name) || strspn(name, "abcdefghijklmnopqrstuvwxyz_") != strlen(name))
		return so_fail(err, SO_FORBIDDEN, "setting \"%.64s\" is not one of those that only change plans", name);
	number = equals[1] && strspn(equals + 1, "0123456789") == strlen(equals + 1);
	before = my_ask(x->tmp, x->conn, so_printf(x->tmp, TAG "SELECT @@SESSION.%s AS sqlopt_own", name), err);
	if (!before || !my_run_command(x->conn,
			       so_printf(x->tmp, TAG "SET SESSION %s = %s", name,
				       number ? equals + 1 : so_my_quote(x->tmp, x->conn->my, equals + 1)),
			       err))
		return false;
	fine = attempt(x, text, err);
	number = so_my_cell(before, 0, 0) &&
		 strspn(so_my_cell(before, 0, 0), "0123456789") == strlen(so_my_cell(before, 0, 0));
	if (!x->conn->base.broken)
		my_undo(x->conn, so_printf(x->tmp, TAG "SET SESSION %s = %s", name,
					 number ? so_my_cell(before, 0, 0)
						: so_my_quote(x->tmp, x->conn->my,
							  so_my_cell(before, 0, 0) ? so_my_cell(before, 0, 0) : "")));
	return fine;
}

/* A statement that really ran in place of its normalised text, or NULL. One that was cut off is of no use. */
static char *find_sample(struct explaining *x)
{
	const struct my_conn *conn = x->conn;
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *r;
	struct my_text look;
	const char *text;
	char *digest, *end;

	if (!conn->has_samples && !conn->has_history)
		return NULL;
	digest = so_strdup(x->tmp, x->sql + strspn(x->sql, " \t\r\n"));
	for (end = digest + strlen(digest); end > digest && isspace((unsigned char)end[-1]);)
		*--end = '\0';
	r = my_ask(x->tmp, x->conn,
		so_printf(x->tmp, conn->has_samples ? MY_SQL_SAMPLE_MYSQL : MY_SQL_SAMPLE_HISTORY,
			so_my_quote(x->tmp, x->conn->my, digest)),
		&ignored);
	text = r ? so_my_cell(r, 0, 0) : NULL;
	if (!text || !my_check_plannable(x->tmp, conn, text, &look, &ignored) || look.cut || look.n_params || !look.ast)
		return NULL;
	return so_strdup(x->tmp, text);
}

/* Every ? becomes the literal 1: the server plans no statement without values. */
static char *with_values(struct explaining *x)
{
	struct so_buf out;
	const char *at = x->sql;

	so_buf_init(&out, x->tmp, MAX_STATEMENT * 2);
	while (*at) {
		char quote = *at;

		if (quote == '\'' || quote == '"' || quote == '`') {
			const char *end = at + 1;

			while (*end && *end != quote)
				end += *end == '\\' && quote != '`' && end[1] ? 2 : 1;
			end += *end != '\0';
			so_buf_add(&out, at, (size_t)(end - at));
			at = end;
			continue;
		}
		so_buf_addc(&out, *at == '?' ? '1' : *at);
		at++;
	}
	return out.data;
}

static bool explain_normalised(struct explaining *x, char **text, struct so_err *err)
{
	char *sample = find_sample(x);

	if (sample) {
		x->sql = sample;
		x->replaced = true;
		x->note = so_strdup(x->tmp, "planned with the values of a statement that ran");
		return attempt_with_setting(x, text, err);
	}
	if (x->look.cut)
		return so_fail(err, SO_INPUT,
			"the text was cut off by the server (it ends in \"...\"): give the whole statement");
	if (x->look.collapsed)
		return so_fail(err, SO_UNSUPPORTED,
			"the server replaced a list of values by \"(...)\" and kept no statement that ran: give one "
			"with its values");
	x->sql = with_values(x);
	x->replaced = true;
	x->note = so_strdup(x->tmp, "planned with the value 1 for every parameter, since the server plans no statement "
				    "without values and kept "
				    "none that ran: row counts of conditions on parameters mean little");
	if (attempt_with_setting(x, text, err))
		return true;
	return so_fail_in(
		err, "the text with ? placeholders cannot be planned as it stands; give a statement with values");
}

/* EXPLAIN of a write needs the right to write. Without it the rows that it would touch can still be planned. */
static bool attempt_select_form(struct explaining *x, char **text, struct so_err *err)
{
	char *reading = my_select_form(x->tmp, &x->look);
	struct so_err first = *err;

	if (reading) {
		x->sql = reading;
		x->replaced = true;
		if (attempt_with_setting(x, text, err)) {
			x->note = so_printf(x->tmp,
				"planned as the SELECT of the rows that it would touch: the login lacks the privilege "
				"to %s",
				x->look.verb);
			return true;
		}
	}
	*err = first;
	return so_fail_in(err, "EXPLAIN of %s needs the privileges of the statement itself", x->look.verb);
}

bool my_explain(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	struct explaining x = { .conn = conn, .options = options, .tmp = tmp };
	int64_t before_us = base->wait_us;
	char *text = NULL;
	bool fine, normalised;

	if (!my_check_plannable(tmp, conn, sql, &x.look, err))
		return false;
	if (options->mode == SO_EXPLAIN_ANALYZE && !my_check_read(conn, sql, err))
		return false;
	if (!my_info(base, err)) /* tells where samples are */
		return false;
	x.sql = so_strdup(tmp, sql);
	normalised = x.look.n_params || x.look.cut || x.look.collapsed;
	fine = normalised ? explain_normalised(&x, &text, err) : attempt_with_setting(&x, &text, err);
	if (!fine && x.look.writes && !x.replaced && err->kind == SO_DENIED)
		fine = attempt_select_form(&x, &text, err);
	if (!fine) {
		if (x.replaced)
			err->position = -1;
		return false;
	}
	*out = (struct so_explain){ .text = talloc_steal(ctx, text), .format = x.format, .generic = normalised };
	out->note = so_strdup_or_null(ctx, x.note);
	out->wait_us = base->wait_us - before_us;
	return true;
}
