#include "service/values.h"

#include <math.h>
#include <string.h>

#include "advise/describe.h"
#include "advise/estimate.h"
#include "service/service.h"
#include "plan/plan.h"

static void add_seen(struct so_values *values, const struct so_harvested_list *seen)
{
	SO_TMP(tmp, NULL);
	const struct so_value_set **sets = so_new_array(tmp, const struct so_value_set *, seen->count + 1);
	const struct so_parameters *p = values->parameters;

	for (size_t i = 0; i < seen->count; i++)
		sets[i] = seen->items[i].set;
	so_parameters_see(values->parameters, values->statement->ast, sets, seen->count);
	for (size_t i = 0; i < p->n_seen; i++) {
		const struct so_harvested *from = &seen->items[p->seen[i].set];

		values->cases[values->n_cases++] = (struct so_value_case){ .choice = SO_VALUE_SEEN + (int)i,
			.sql = p->seen[i].sql,
			.what = so_printf(values, "values seen in %s", so_harvest_describe(from->source)) };
		if (i)
			values->cases[i].what = so_printf(values, "%s (set %zu)", values->cases[i].what, i + 1);
	}
}

static void add_chosen(struct so_values *values, enum so_value_choice choice)
{
	const struct so_ast *ast = values->statement->ast;
	struct so_value_case *one = &values->cases[values->n_cases];
	char *sql = so_parameters_fill(values, ast, values->parameters, ast, choice), *of;

	if (!sql) {
		values->why_not = "its parameters do not stand in the text";
		return;
	}
	for (size_t i = 0; i < values->n_cases; i++)
		if (strcmp(values->cases[i].sql, sql) == 0)
			return;
	of = so_parameters_describe(values, values->parameters, choice);
	*one = (struct so_value_case){ .choice = choice,
		.sql = sql,
		.what = so_printf(values, "%s values%s%s", so_value_choice_name(choice), *of ? " of " : "", of) };
	values->n_cases++;
}

struct so_values *so_values_read(TALLOC_CTX *ctx, const struct so_statement *statement,
	const struct so_resolved *resolved, const struct so_harvested_list *seen)
{
	struct so_values *values = so_new(ctx, struct so_values);

	values->statement = statement;
	values->parameters = resolved ? so_parameters_choose(values, resolved)
				      : so_parameters_unknown(values, statement->ast,
						"the names of the statement could not be resolved");
	values->why_not = values->parameters->why_not;
	if (seen)
		add_seen(values, seen);
	for (int c = 0; c < SO_VALUE_CHOICES && !values->why_not; c++)
		if (values->parameters->differ[c])
			add_chosen(values, (enum so_value_choice)c);
	return values;
}

static const struct so_plan_node *heaviest(const struct so_plan *plan)
{
	const struct so_plan_node *best = &plan->nodes[0];

	for (int32_t i = 0; i < plan->n_nodes; i++)
		if (plan->nodes[i].share > best->share)
			best = &plan->nodes[i];
	return best;
}

static bool plan_case(struct so_values *values, struct so_value_case *one, struct so_conn *conn,
	const struct so_catalog *catalog, struct so_err *err)
{
	SO_TMP(tmp, values);
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_explain explain = { 0 };
	struct so_plan *plan = NULL;
	const struct so_plan_node *node;

	if (!so_conn_engine(conn)->explain(tmp, conn, one->sql, &options, &explain, err) ||
		!so_plan_read(tmp, explain.text, strlen(explain.text), &plan, err))
		return false;
	so_estimate_plan(catalog, plan, false);
	node = heaviest(plan);
	one->planned = !isnan(plan->total_cost);
	one->cost = plan->total_cost;
	one->shape = so_plan_shape_hash(plan);
	one->heaviest = node->relation ? so_printf(values, "%s on %s", node->label, node->relation)
				       : so_strdup(values, node->label);
	return true;
}

bool so_values_plan(struct so_values *values, struct so_conn *conn, const struct so_catalog *catalog,
	struct so_cancel *cancel, struct so_err *err)
{
	for (size_t i = 0; i < values->n_cases; i++) {
		struct so_err why = SO_ERR_INIT;

		if (!so_cancel_check(cancel, err))
			return false;
		if (plan_case(values, &values->cases[i], conn, catalog, &why))
			continue;
		if (why.kind == SO_UNREACHABLE || why.kind == SO_CANCELLED || why.kind == SO_INTERNAL) {
			*err = why;
			return false;
		}
	}
	return true;
}

static const char *cost_text(TALLOC_CTX *ctx, double cost)
{
	return cost < 100 ? so_printf(ctx, "%.2f", cost) : so_describe_count(ctx, cost);
}

char *so_values_note(TALLOC_CTX *ctx, const struct so_values *values)
{
	char *out = NULL;

	if (values->why_not && values->n_cases == 0)
		return so_printf(ctx, "It was not planned with values: %s.", values->why_not);
	for (size_t i = 0; i < values->n_cases; i++) {
		const struct so_value_case *one = &values->cases[i];

		if (!one->planned) { /* the server's words may have the values in them */
			out = so_printf(ctx, "%s%sThe server did not plan it with %s.", out ? out : "", out ? " " : "",
				one->what);
			continue;
		}
		out = so_printf(ctx, "%s%sWith %s: cost %s, most of it %s.", out ? out : "", out ? " " : "", one->what,
			cost_text(ctx, one->cost), one->heaviest);
	}
	if (values->why_not)
		out = so_printf(ctx, "%s None from the statistics: %s.", out, values->why_not);
	return out;
}

/* ---- the finding ---- */

/* Engines that run a plan with other values than it was made for, and what to do about it there. */
static const struct {
	const char *dialect, *remedy;
} keeps_plans[] = {
	{ "postgresql", "If the statement is prepared on the server, make sure that it is planned for its values: SET "
			"plan_cache_mode = force_custom_plan for the session or role. An index that suits both values "
			"is better "
			"still." },
	{ "tsql",
		"OPTION (RECOMPILE) where the statement is rare and slow, OPTION (OPTIMIZE FOR ...) where one value is "
		"typical, or separate statements for the extremes." },
	{ "oracle", "Let adaptive cursor sharing tell the values apart: a histogram on the column, and the hint "
		    "BIND_AWARE." },
};

static const char *remedy_of(const char *dialect)
{
	for (size_t i = 0; i < sizeof keeps_plans / sizeof *keeps_plans; i++)
		if (strcmp(keeps_plans[i].dialect, dialect) == 0)
			return keeps_plans[i].remedy;
	return NULL;
}

/* Two cases with different plans, as far apart as SO_SENSITIVE_FACTOR; an absent value is no case for it, since finding
 * nothing is always cheap. */
static bool far_apart(
	const struct so_values *values, const struct so_value_case **cheap, const struct so_value_case **dear)
{
	*cheap = *dear = NULL;
	for (size_t i = 0; i < values->n_cases; i++) {
		const struct so_value_case *one = &values->cases[i];

		if (!one->planned || one->choice == SO_VALUE_ABSENT)
			continue;
		if (!*cheap || one->cost < (*cheap)->cost)
			*cheap = one;
		if (!*dear || one->cost > (*dear)->cost)
			*dear = one;
	}
	return *cheap && (*cheap)->shape != (*dear)->shape && (*dear)->cost >= SO_SENSITIVE_COST &&
	       (*dear)->cost >= SO_SENSITIVE_FACTOR * (*cheap)->cost;
}

void so_values_finding(const struct so_values *values, const char *dialect, struct so_finding_list *list)
{
	const struct so_value_case *cheap, *dear;
	const char *remedy = remedy_of(dialect);
	struct so_finding *finding;

	if (!remedy || !far_apart(values, &cheap, &dear))
		return;
	finding = so_finding_add(list, SO_SENSITIVE_RULE, SO_SEVERITY_LOW);
	finding->issue_type = "wrong_cardinality";
	finding->title = so_strdup(list, "The best plan depends on the values");
	finding->explanation = so_printf(list,
		"With %s the plan costs %s, most of it %s; with %s another one costs %s, most of it %s (estimated). "
		"One plan that is kept for both is wrong for one of them.",
		dear->what, cost_text(list, dear->cost), dear->heaviest, cheap->what, cost_text(list, cheap->cost),
		cheap->heaviest);
	finding->remedy = so_strdup(list, remedy);
	finding->docs = so_strdup(list, "/docs/findings/" SO_SENSITIVE_RULE);
	for (size_t i = 0; i < values->parameters->count; i++) {
		const struct so_parameter *item = &values->parameters->items[i];

		if (item->column)
			so_finding_add_object(list, finding,
				so_printf(
					list, "%s.%s.%s", item->table->schema, item->table->name, item->column->name));
	}
	so_finding_add_evidence(list, finding, "cost_dear", dear->cost, "cost");
	so_finding_add_evidence(list, finding, "cost_cheap", cheap->cost, "cost");
	so_finding_add_evidence(list, finding, "factor", dear->cost / fmax(cheap->cost, 0.01), "x");
}

/* ---- proof ---- */

void so_values_pairs(TALLOC_CTX *ctx, const struct so_values *values, const struct so_proposal *proposal,
	struct so_verify_statement *out)
{
	const struct so_ast *ast = values->statement->ast;
	struct so_verify_pair *pairs = so_new_array(ctx, struct so_verify_pair, SO_VALUE_SLOTS);
	struct so_sql_options options = { .max_bytes = SO_MAX_SQL_BYTES, .lenient = true };
	struct so_ast *rewrite = NULL;
	struct so_err ignored = SO_ERR_INIT;

	out->n_pairs = 0;
	out->pairs = pairs;
	if (proposal && proposal->kind == SO_PROPOSAL_REWRITE &&
		!so_sql_parse(ctx, NULL, (enum so_dialect)ast->dialect, proposal->sql, strlen(proposal->sql), &options,
			&rewrite, &ignored))
		return;
	for (size_t i = 0; i < values->n_cases; i++) {
		const struct so_value_case *one = &values->cases[i];
		struct so_verify_pair pair = { so_value_choice_name(one->choice), one->sql, NULL };

		if (rewrite)
			pair.after = so_parameters_fill(ctx, rewrite, values->parameters, ast, one->choice);
		if (rewrite && !pair.after)
			continue; /* a list that the rewrite takes apart, say */
		pairs[out->n_pairs++] = pair;
	}
}
