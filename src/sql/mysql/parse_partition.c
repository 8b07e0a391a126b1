/* PARTITION BY of MySQL and MariaDB. */
#include "sql/mysql/parse.h"

static so_ref word_or_expr(struct parse *p)
{
	return at_kw(p, SO_KW_maxvalue) || at_kw(p, SO_KW_default) ? so_parse_word(p) : so_parse_expr(p);
}

/* MAXVALUE, (1, MAXVALUE) */
static so_ref bound_value(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_list items;
	so_ref ref;

	if (!at(p, SO_TOK_LPAREN))
		return word_or_expr(p);
	items = so_parse_paren_list(p, word_or_expr);
	if (items.count == 1)
		return so_parse_expr_from(p, so_list_get(p->ast, items, 0));
	ref = so_parse_node(p, SO_N_ROW, first);
	NEW(p, row, ref)->items = items;
	return ref;
}

static so_ref bound(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_PARTITION_BOUND, p->pos);
	struct so_n_partition_bound *node = NEW(p, partition_bound, ref);
	size_t mark = so_parse_mark(p);

	if (so_parse_words(p, "values less than")) {
		node->type = SO_BOUND_TYPE_LESS_THAN;
		if (at_kw(p, SO_KW_maxvalue)) {
			so_parse_push(p, so_parse_word(p));
			node->upper = so_parse_take(p, mark);
		} else {
			node->upper = so_parse_paren_list(p, word_or_expr);
		}
	} else if (so_parse_words(p, "values in")) {
		node->type = SO_BOUND_TYPE_IN;
		node->values = so_parse_paren_list(p, bound_value);
	} else if (is_maria(p) && accept_kw(p, SO_KW_default)) {
		node->type = SO_BOUND_TYPE_DEFAULT;
	} else {
		return 0;
	}
	return so_parse_done(p, ref);
}

static struct so_list options(struct parse *p)
{
	size_t mark = so_parse_mark(p);
	so_ref option;

	while (!p->failed && (option = so_parse_form(p, SO_MY_partition_option)) != 0)
		so_parse_push(p, option);
	return so_parse_take(p, mark);
}

static so_ref subpartition(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_PARTITION_DEF, p->pos);

	if (!so_parse_accept_word(p, "subpartition"))
		so_parse_unexpected(p);
	AS(p, partition_def, ref)->name = so_parse_name(p, SO_USE_COLUMN);
	AS(p, partition_def, ref)->options = options(p);
	return so_parse_done(p, ref);
}

static so_ref partition(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_PARTITION_DEF, p->pos);
	struct so_n_partition_def *node = NEW(p, partition_def, ref);

	so_parse_expect_kw(p, SO_KW_partition);
	node->name = so_parse_name(p, SO_USE_COLUMN);
	node->bound = bound(p);
	node->options = options(p);
	if (at(p, SO_TOK_LPAREN))
		node->subs = so_parse_paren_list(p, subpartition);
	return so_parse_done(p, ref);
}

struct so_list so_my_partition_defs(struct parse *p)
{
	return so_parse_paren_list(p, partition);
}

static so_ref column_key(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN, p->pos);

	AS(p, column, ref)->name = so_parse_name(p, SO_USE_COLUMN);
	return ref;
}

/* The keys of a method in parentheses: an expression, or columns. */
static void keys(struct parse *p, struct so_n_partition_by *node, bool columns)
{
	size_t mark = so_parse_mark(p);

	so_parse_expect(p, SO_TOK_LPAREN);
	if (columns && at(p, SO_TOK_RPAREN)) {
		advance(p);
		return;
	}
	do {
		so_parse_push(p, columns ? column_key(p) : so_parse_expr(p));
	} while (columns && accept(p, SO_TOK_COMMA));
	node->keys = so_parse_take(p, mark);
	so_parse_expect(p, SO_TOK_RPAREN);
}

static void method(struct parse *p, struct so_n_partition_by *node, bool sub)
{
	static const struct {
		const char *words;
		bool columns, sub;
	} methods[] = {
		{ "linear hash", false, true },
		{ "hash", false, true },
		{ "linear key", true, true },
		{ "key", true, true },
		{ "range columns", true, false },
		{ "range", false, false },
		{ "list columns", true, false },
		{ "list", false, false },
	};
	size_t mark = so_parse_mark(p);

	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		if ((sub && !methods[i].sub) || !so_parse_words(p, methods[i].words))
			continue;
		node->method = so_parse_made_name(p, methods[i].words);
		so_parse_push(p, so_parse_form(p, SO_MY_key_algorithm));
		node->options = so_parse_take(p, mark);
		keys(p, node, methods[i].columns);
		return;
	}
	if (!sub && is_maria(p) && so_parse_accept_word(p, "system_time")) {
		node->method = so_parse_made_name(p, "system_time");
		so_parse_push(p, so_parse_form(p, SO_MY_system_time_parts));
		node->options = so_parse_take(p, mark);
		return;
	}
	so_parse_unexpected(p);
}

static so_ref sub_partition_by(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_PARTITION_BY, p->pos);

	so_parse_move(p, 2);
	method(p, AS(p, partition_by, ref), true);
	if (so_parse_accept_word(p, "subpartitions"))
		AS(p, partition_by, ref)->count = so_parse_const(p);
	return so_parse_done(p, ref);
}

so_ref so_my_partition_by(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_PARTITION_BY, p->pos);
	struct so_n_partition_by *node = NEW(p, partition_by, ref);

	so_parse_expect_kw(p, SO_KW_partition);
	so_parse_expect_kw(p, SO_KW_by);
	method(p, node, false);
	if (so_parse_accept_word(p, "partitions"))
		node->count = so_parse_const(p);
	if (so_parse_at_word(p, 0, "subpartition") && kw_at(p, 1) == SO_KW_by)
		node->sub = sub_partition_by(p);
	if (at(p, SO_TOK_LPAREN) && kw_at(p, 1) == SO_KW_partition)
		node->parts = so_my_partition_defs(p);
	return so_parse_done(p, ref);
}
