/* The planner of advise/ over a real server. */
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"
#include "verify/verify.h"

/* Most hypothetical indexes alive at once: planning time grows with every index on a table of the statement, by up to
 * milliseconds each in joins of fifteen tables. */
#define MAX_LIVE 64

struct hypo { /* one hypothetical index that the session knows */
	char *ddl, *name;
	uint32_t id; /* 0: refused, or dropped again */
	bool refused;
	char *refusal;
	int64_t size_bytes;
};

struct answer { /* one planned configuration */
	char *key;
	double cost;
	char *plan_text;
};

struct target_planner {
	struct so_planner pub;
	struct so_conn *conn;
	const struct so_engine *engine;
	struct so_cancel *cancel;
	bool began;
	size_t n_hypos, n_answers;
	struct hypo *hypos;
	struct answer *answers;
};

static int planner_dtor(struct target_planner *planner)
{
	if (planner->began)
		planner->engine->what_if_end(planner->conn);
	return 0;
}

static struct hypo *find_hypo(struct target_planner *planner, const char *ddl)
{
	for (size_t i = 0; i < planner->n_hypos; i++)
		if (strcmp(planner->hypos[i].ddl, ddl) == 0)
			return &planner->hypos[i];
	return NULL;
}

static bool wanted(const struct hypo *hypo, const char *const *ddl, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(hypo->ddl, ddl[i]) == 0)
			return true;
	return false;
}

/* Drops what is alive and not in the set: left alone it would be used by the plan. */
static bool drop_unwanted(struct target_planner *planner, const char *const *ddl, size_t n, struct so_err *err)
{
	SO_TMP(tmp, planner);
	uint32_t *ids = so_new_array(tmp, uint32_t, planner->n_hypos + 1);
	size_t count = 0;

	for (size_t i = 0; i < planner->n_hypos; i++) {
		struct hypo *hypo = &planner->hypos[i];

		if (hypo->id && !wanted(hypo, ddl, n)) {
			ids[count++] = hypo->id;
			hypo->id = 0;
		}
	}
	return count == 0 || planner->engine->what_if_drop(planner->conn, ids, count, err);
}

static bool add_missing(struct target_planner *planner, const char *const *ddl, size_t n, struct so_err *err)
{
	SO_TMP(tmp, planner);
	const char **missing = so_new_array(tmp, const char *, n + 1);
	struct so_hypo_index *made = so_new_array(tmp, struct so_hypo_index, n + 1);
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		struct hypo *hypo = find_hypo(planner, ddl[i]);

		if (!hypo || (!hypo->id && !hypo->refused))
			missing[count++] = ddl[i];
	}
	if (count == 0)
		return true;
	if (!planner->engine->what_if_add(tmp, planner->conn, missing, count, made, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct hypo *hypo = find_hypo(planner, missing[i]);

		if (!hypo) {
			planner->hypos = so_renew_array(planner, planner->hypos, struct hypo, planner->n_hypos + 1);
			hypo = &planner->hypos[planner->n_hypos++];
			*hypo = (struct hypo){ .ddl = so_strdup(planner, missing[i]) };
		}
		hypo->id = made[i].id;
		hypo->refused = made[i].id == 0;
		hypo->refusal = so_strdup_or_null(planner, made[i].refusal);
		hypo->name = so_strdup_or_null(planner, made[i].name);
		hypo->size_bytes = made[i].size_bytes;
	}
	return true;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The cache key: the statement and the sorted index set. */
static char *make_key(TALLOC_CTX *ctx, const char *sql, const char *const *ddl, size_t n)
{
	SO_TMP(tmp, ctx);
	const char **sorted = so_new_array(tmp, const char *, n + 1);
	char *key = so_strdup(ctx, sql);

	for (size_t i = 0; i < n; i++)
		sorted[i] = ddl[i];
	qsort(sorted, n, sizeof *sorted, compare_texts);
	for (size_t i = 0; i < n; i++)
		key = so_mem_need(talloc_asprintf_append_buffer(key, "\n%s", sorted[i]));
	return key;
}

static bool ask_target(struct target_planner *planner, const char *sql, struct answer *answer, struct so_err *err)
{
	SO_TMP(tmp, planner);
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_explain explain = { 0 };
	struct so_plan *plan;

	if (planner->pub.plans_made >= planner->pub.plans_max)
		return so_fail(err, SO_LIMIT, "the budget of %lld plans is used up", (long long)planner->pub.plans_max);
	if (!so_cancel_check(planner->cancel, err))
		return false;
	planner->pub.plans_made++;
	if (!planner->engine->explain(tmp, planner->conn, sql, &options, &explain, err))
		return false;
	if (!so_plan_read(tmp, explain.text, strlen(explain.text), &plan, err))
		return false;
	answer->cost = plan->total_cost;
	answer->plan_text = talloc_steal(planner, explain.text);
	return true;
}

/* The configuration's answer, from the cache or from the target. */
static bool find_answer(struct target_planner *planner, const char *sql, const char *const *ddl, size_t n,
	const struct answer **out, struct so_err *err)
{
	char *key = make_key(planner, sql, ddl, n);
	struct answer answer = { .key = key };

	for (size_t i = 0; i < planner->n_answers; i++) {
		if (strcmp(planner->answers[i].key, key) == 0) {
			talloc_free(key);
			*out = &planner->answers[i];
			return true;
		}
	}
	if (!ask_target(planner, sql, &answer, err)) {
		talloc_free(key);
		return false;
	}
	planner->answers = so_renew_array(planner, planner->answers, struct answer, planner->n_answers + 1);
	planner->answers[planner->n_answers] = answer;
	*out = &planner->answers[planner->n_answers++];
	return true;
}

static bool prepare_indexes(struct target_planner *planner, const char *const *ddl, size_t n, struct so_err *err)
{
	if (n > MAX_LIVE)
		return so_fail(err, SO_LIMIT, "%zu hypothetical indexes at once, at most %d", n, MAX_LIVE);
	if (n > 0 && !planner->pub.can_what_if)
		return so_fail(err, SO_UNSUPPORTED, "%s", planner->pub.why_not);
	if (!planner->pub.can_what_if)
		return true;
	if (!planner->began) {
		if (n == 0)
			return true;
		if (!planner->engine->what_if_begin(planner->conn, err))
			return false;
		planner->began = true;
	}
	return drop_unwanted(planner, ddl, n, err) && add_missing(planner, ddl, n, err);
}

static bool target_plan(TALLOC_CTX *ctx, struct so_planner *pub, const char *sql, const char *const *ddl, size_t n,
	struct so_costed *out, char **refusals, struct so_err *err)
{
	struct target_planner *planner = talloc_get_type_abort(pub->arg, struct target_planner);
	const struct answer *answer;

	if (!prepare_indexes(planner, ddl, n, err) || !find_answer(planner, sql, ddl, n, &answer, err))
		return false;
	*out = (struct so_costed){ .cost = answer->cost };
	if (!so_plan_read(ctx, answer->plan_text, strlen(answer->plan_text), &out->plan, err))
		return false;
	out->used = so_new_array(ctx, size_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct hypo *hypo = find_hypo(planner, ddl[i]);

		if (refusals)
			refusals[i] = so_strdup_or_null(ctx, hypo->refusal);
		if (!hypo->refused && hypo->name && so_plan_uses_index(out->plan, hypo->name))
			out->used[out->n_used++] = i;
	}
	return true;
}

static int64_t target_size_bytes(struct so_planner *pub, const char *ddl)
{
	const struct hypo *hypo = find_hypo(talloc_get_type_abort(pub->arg, struct target_planner), ddl);

	return hypo && !hypo->refused ? hypo->size_bytes : -1;
}

static const char *why_not(TALLOC_CTX *ctx, const struct so_engine_info *info)
{
	for (size_t i = 0; i < info->n_checks; i++)
		if (strcmp(info->checks[i].id, "what_if") == 0 && !info->checks[i].ok)
			return so_printf(ctx, "%s%s%s", info->checks[i].detail, info->checks[i].remedy ? "; run: " : "",
				info->checks[i].remedy ? info->checks[i].remedy : "");
	return "hypothetical indexes are not available on this connection";
}

struct so_planner *so_verify_planner(
	TALLOC_CTX *ctx, struct so_conn *conn, int64_t max_plans, struct so_cancel *cancel, struct so_err *err)
{
	const struct so_engine *engine = so_conn_engine(conn);
	const struct so_engine_info *info = engine->info(conn, err);
	struct target_planner *planner;

	if (!info)
		return NULL;
	planner = so_new(ctx, struct target_planner);
	planner->conn = conn;
	planner->engine = engine;
	planner->cancel = cancel;
	planner->pub = (struct so_planner){
		.arg = planner,
		.can_what_if = info->caps & SO_CAP_WHAT_IF,
		.plan = target_plan,
		.size_bytes = target_size_bytes,
		.plans_max = max_plans,
	};
	if (!planner->pub.can_what_if)
		planner->pub.why_not = why_not(planner, info);
	talloc_set_destructor(planner, planner_dtor);
	return &planner->pub;
}
