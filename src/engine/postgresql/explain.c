/* Plans. A plain EXPLAIN never executes; everything that would is refused before it is sent, and EXPLAIN ANALYZE runs
 * inside BEGIN READ ONLY sent on its own, since default_transaction_read_only does not hold inside one message. */
#include "engine/postgresql/internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define MAX_CASTS 16 /* parameters whose type the server cannot find by itself */

struct explaining {
	struct pg_conn *conn;
	const struct so_explain_options *options;
	char *sql; /* as sent, perhaps mended */
	bool mended; /* positions no longer mean the user's text */
	unsigned n_params;
	bool in_work;
	TALLOC_CTX *tmp;
	char *note;
};

/* Settings that change how a statement is planned and nothing else. A name that ends in '*' is a prefix. */
static const char *const plan_settings[] = { "work_mem", "hash_mem_multiplier", "enable_*", "random_page_cost",
	"seq_page_cost", "cpu_*", "effective_cache_size", "effective_io_concurrency", "jit*", "plan_cache_mode",
	"parallel_*", "max_parallel_workers_per_gather", "min_parallel_*", "from_collapse_limit", "join_collapse_limit",
	"geqo*", "constraint_exclusion", "cursor_tuple_fraction", "debug_parallel_query", "force_parallel_mode", NULL };

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

static void add_note(struct explaining *x, const char *text)
{
	x->note = x->note ? so_printf(x->tmp, "%s; %s", x->note, text) : so_strdup(x->tmp, text);
}

static char *explain_head(const struct explaining *x, bool generic)
{
	const struct so_explain_options *o = x->options;

	return so_printf(x->tmp, TAG "EXPLAIN (FORMAT JSON%s%s%s%s%s) ",
		o->mode == SO_EXPLAIN_ANALYZE ? ", ANALYZE" : "", o->verbose ? ", VERBOSE" : "",
		o->buffers ? ", BUFFERS" : "", o->settings ? ", SETTINGS" : "", generic ? ", GENERIC_PLAN" : "");
}

static bool take(
	struct explaining *x, const char *head, const char *rest, bool unbound, char **text, struct so_err *err)
{
	struct so_pg_query query = {
		.sql = so_printf(x->tmp, "%s%s", head, rest),
		.prefix_len = strlen(head),
		.timeout_ms = x->options->timeout_ms,
		.unbound = unbound,
	};
	struct so_pg_result *result = pg_run(x->tmp, x->conn, &query, err);

	if (!result)
		return false;
	if (so_pg_rows(result) != 1 || so_pg_columns(result) != 1 || !so_pg_cell(result, 0, 0))
		return so_fail(err, SO_TARGET, "EXPLAIN answered with no plan");
	*text = so_strdup(x->tmp, so_pg_cell(result, 0, 0));
	return true;
}

/* DEALLOCATE is not undone by ROLLBACK and impossible in a failed block, hence the savepoint around the EXPLAIN. */
static bool explain_prepared(struct explaining *x, char **text, struct so_err *err)
{
	char *name = so_printf(x->tmp, "sqlopt_%llu", (unsigned long long)++x->conn->prepared);
	char *head = so_printf(x->tmp, TAG "PREPARE %s AS ", name);
	struct so_pg_query prepare = { .sql = so_printf(x->tmp, "%s%s", head, x->sql), .prefix_len = strlen(head) };
	struct so_err late = SO_ERR_INIT;
	struct so_buf args;
	bool fine;

	if (!pg_run(x->tmp, x->conn, &prepare, err))
		return false;
	so_buf_init(&args, x->tmp, 1024 * 1024);
	for (unsigned i = 0; i < x->n_params; i++)
		so_buf_adds(&args, i ? ", NULL" : "NULL");
	fine = pg_command(x->conn, TAG "SAVEPOINT sqlopt_plan", err) &&
	       take(x, explain_head(x, false), so_printf(x->tmp, "EXECUTE %s(%s)", name, so_buf_text(&args)), false,
		       text, err);
	if (so_pg_transaction_failed(x->conn->pg) &&
		!pg_command(x->conn, TAG "ROLLBACK TO SAVEPOINT sqlopt_plan", &late))
		x->conn->base.broken = true;
	if (!x->conn->base.broken && !pg_command(x->conn, so_printf(x->tmp, TAG "DEALLOCATE %s", name), &late))
		x->conn->base.broken = true;
	if (!fine)
		err->position = -1;
	return fine;
}

static bool split_setting(struct explaining *x, struct pg_setting *out, struct so_err *err)
{
	const char *text = x->options->set_local, *equals = strchr(text, '=');

	if (!equals)
		return so_fail(err, SO_INPUT, "a setting is written name=value");
	out->name = so_strndup(x->tmp, text, (size_t)(equals - text));
	out->value = equals + 1;
	if (!plan_setting_allowed(out->name))
		return so_fail(
			err, SO_FORBIDDEN, "setting \"%.64s\" is not one of those that only change plans", out->name);
	return true;
}

/* One attempt with the text as it now is. */
static bool attempt(struct explaining *x, char **text, struct so_err *err)
{
	struct pg_setting settings[2];
	struct pg_work work = { .timeout_ms = x->options->timeout_ms, .settings = settings };
	bool native = so_pg_server_version(x->conn->pg) >= 160000;
	bool fine;

	if (x->options->set_local && !split_setting(x, &settings[work.n_settings++], err))
		return false;
	if (x->n_params && !native)
		settings[work.n_settings++] = (struct pg_setting){ "plan_cache_mode", "force_generic_plan" };
	/* The session's own settings are right for a plain plan: one round trip. */
	if (x->conn->session && !work.timeout_ms && !work.n_settings && x->options->mode == SO_EXPLAIN_PLAN)
		return take(x, explain_head(x, x->n_params > 0), x->sql, x->n_params > 0, text, err);
	if (!pg_work_begin(x->conn, &work, err))
		return false;
	if (x->n_params && !native)
		fine = explain_prepared(x, text, err);
	else
		fine = take(x, explain_head(x, x->n_params > 0), x->sql, x->n_params > 0, text, err);
	pg_work_end(x->conn);
	return fine;
}

/* "could not determine data type of parameter $2": the number, or 0. Translations keep the $n. */
static unsigned undetermined_param(const struct so_err *err)
{
	const char *dollar = strchr(err->message, '$');

	if (strcmp(err->sqlstate, "42P18") != 0 || !dollar)
		return 0;
	return (unsigned)strtoul(dollar + 1, NULL, 10);
}

/* A generic plan, mending the text where normalisation left what no longer parses. */
static bool attempt_generic(struct explaining *x, char **text, struct so_err *err)
{
	int version = so_pg_server_version(x->conn->pg);
	char *fixed, *note;

	for (int i = 0; i < MAX_CASTS; i++) {
		unsigned param;

		if (attempt(x, text, err))
			return true;
		param = undetermined_param(err);
		if (strcmp(err->sqlstate, "42601") == 0 && !x->mended) {
			fixed = pg_text_fix_params(x->tmp, x->sql, version, &note);
			if (!fixed)
				return so_fail_in(err, "the text with $n placeholders cannot be planned as it stands");
		} else if (param) {
			fixed = pg_text_cast_param(x->tmp, x->sql, param);
			note = so_printf(x->tmp, "$%u was taken as text", param);
		} else {
			return false;
		}
		x->sql = fixed;
		x->mended = true;
		add_note(x, note);
	}
	return so_fail(err, SO_UNSUPPORTED, "the types of the parameters cannot be found");
}

/* EXPLAIN of a write needs the right to write. Without it the rows that it would touch can still be planned. */
static bool attempt_select_form(struct explaining *x, const struct pg_text *look, char **text, struct so_err *err)
{
	struct so_err first = *err;
	char *reading = NULL;

	if (look->verb == PG_VERB_UPDATE || look->verb == PG_VERB_DELETE)
		reading = pg_text_select_form(x->tmp, x->sql);
	if (reading) {
		x->sql = reading;
		x->mended = true;
		if (x->n_params ? attempt_generic(x, text, err) : attempt(x, text, err)) {
			x->note = NULL;
			add_note(x, look->verb == PG_VERB_UPDATE
					    ? "planned as the SELECT of the rows it updates: the login lacks UPDATE"
					    : "planned as the SELECT of the rows it deletes: the login lacks DELETE");
			return true;
		}
	}
	*err = first;
	return so_fail_in(err, "EXPLAIN of %s needs the privileges of the statement itself", look->word);
}

bool pg_explain(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);
	struct explaining x = { .conn = conn, .options = options, .tmp = tmp };
	int64_t before_us = base->wait_us;
	struct pg_text look;
	char *text = NULL;
	bool fine;

	if (!pg_check_plannable(sql, &look, err))
		return false;
	if (options->mode == SO_EXPLAIN_ANALYZE && !pg_check_read(sql, err))
		return false;
	if (options->mode == SO_EXPLAIN_ANALYZE && conn->what_if)
		return so_fail(err, SO_CONFLICT,
			"EXPLAIN ANALYZE does not see hypothetical indexes: end the what-if session first");
	x.sql = so_strdup(tmp, sql);
	x.n_params = look.n_params;
	fine = x.n_params ? attempt_generic(&x, &text, err) : attempt(&x, &text, err);
	if (!fine && strcmp(err->sqlstate, "42501") == 0 && look.verb != PG_VERB_READ)
		fine = attempt_select_form(&x, &look, &text, err);
	if (!fine) {
		if (x.mended)
			err->position = -1;
		return false;
	}
	*out = (struct so_explain){
		.text = talloc_steal(ctx, text), .format = "postgresql-json", .generic = x.n_params > 0
	};
	out->note = so_strdup_or_null(ctx, x.note);
	out->wait_us = base->wait_us - before_us;
	return true;
}
