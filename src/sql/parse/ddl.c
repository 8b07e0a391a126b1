/* Which statement defines, changes or drops what; what their rules share. */
#include "sql/parse/ddl.h"

#include <strings.h>

/* ---- Objects ---------------------------------------------------------------------------------------------------- */

struct object {
	const char *words;
	enum so_kw kw[3];
	bool relation;
};

static const struct object objects[SO_OBJ_MAX] = {
	[SO_OBJ_TABLE] = { "TABLE", { SO_KW_table }, true },
	[SO_OBJ_FOREIGN_TABLE] = { "FOREIGN TABLE", { SO_KW_foreign, SO_KW_table }, true },
	[SO_OBJ_VIEW] = { "VIEW", { SO_KW_view }, true },
	[SO_OBJ_MATVIEW] = { "MATERIALIZED VIEW", { SO_KW_materialized, SO_KW_view }, true },
	[SO_OBJ_INDEX] = { "INDEX", { SO_KW_index }, true },
	[SO_OBJ_SEQUENCE] = { "SEQUENCE", { SO_KW_sequence }, true },
	[SO_OBJ_TYPE] = { "TYPE", { SO_KW_type }, false },
	[SO_OBJ_DOMAIN] = { "DOMAIN", { SO_KW_domain }, false },
	[SO_OBJ_SCHEMA] = { "SCHEMA", { SO_KW_schema }, false },
	[SO_OBJ_STATISTICS] = { "STATISTICS", { SO_KW_statistics }, false },
	[SO_OBJ_COLUMN] = { "COLUMN", { SO_KW_column }, false },
	[SO_OBJ_CONSTRAINT] = { "CONSTRAINT", { SO_KW_constraint }, false },
	[SO_OBJ_COLLATION] = { "COLLATION", { SO_KW_collation }, false },
	[SO_OBJ_CONVERSION] = { "CONVERSION", { SO_KW_conversion }, false },
	[SO_OBJ_EXTENSION] = { "EXTENSION", { SO_KW_extension }, false },
	[SO_OBJ_DATABASE] = { "DATABASE", { SO_KW_database }, false },
	[SO_OBJ_ROLE] = { "ROLE", { SO_KW_role }, false },
	[SO_OBJ_USER] = { "USER", { SO_KW_user }, false },
	[SO_OBJ_GROUP] = { "GROUP", { SO_KW_group }, false },
	[SO_OBJ_TABLESPACE] = { "TABLESPACE", { SO_KW_tablespace }, false },
	[SO_OBJ_SERVER] = { "SERVER", { SO_KW_server }, false },
	[SO_OBJ_FDW] = { "FOREIGN DATA WRAPPER", { SO_KW_foreign, SO_KW_data, SO_KW_wrapper }, false },
	[SO_OBJ_ACCESS_METHOD] = { "ACCESS METHOD", { SO_KW_access, SO_KW_method }, false },
	[SO_OBJ_EVENT_TRIGGER] = { "EVENT TRIGGER", { SO_KW_event, SO_KW_trigger }, false },
	[SO_OBJ_LANGUAGE] = { "LANGUAGE", { SO_KW_language }, false },
	[SO_OBJ_PUBLICATION] = { "PUBLICATION", { SO_KW_publication }, false },
	[SO_OBJ_SUBSCRIPTION] = { "SUBSCRIPTION", { SO_KW_subscription }, false },
	[SO_OBJ_TS_PARSER] = { "TEXT SEARCH PARSER", { SO_KW_text, SO_KW_search, SO_KW_parser }, false },
	[SO_OBJ_TS_DICTIONARY] = { "TEXT SEARCH DICTIONARY", { SO_KW_text, SO_KW_search, SO_KW_dictionary }, false },
	[SO_OBJ_TS_TEMPLATE] = { "TEXT SEARCH TEMPLATE", { SO_KW_text, SO_KW_search, SO_KW_template }, false },
	[SO_OBJ_TS_CONFIGURATION] = { "TEXT SEARCH CONFIGURATION", { SO_KW_text, SO_KW_search, SO_KW_configuration },
		false },
	[SO_OBJ_TRIGGER] = { "TRIGGER", { SO_KW_trigger }, false },
	[SO_OBJ_RULE] = { "RULE", { SO_KW_rule }, false },
	[SO_OBJ_POLICY] = { "POLICY", { SO_KW_policy }, false },
	[SO_OBJ_FUNCTION] = { "FUNCTION", { SO_KW_function }, false },
	[SO_OBJ_PROCEDURE] = { "PROCEDURE", { SO_KW_procedure }, false },
	[SO_OBJ_PACKAGE] = { "PACKAGE", { SO_KW_NONE }, false },
	[SO_OBJ_SYNONYM] = { "SYNONYM", { SO_KW_NONE }, false },
	[SO_OBJ_MATVIEW_LOG] = { "MATERIALIZED VIEW LOG ON", { SO_KW_NONE }, true },
};

const char *so_object_words(enum so_object object)
{
	return object < SO_OBJ_MAX ? objects[object].words : "";
}

bool so_object_is_relation(enum so_object object)
{
	return object < SO_OBJ_MAX && objects[object].relation;
}

/* The first object with this word in front, and 1: where the search begins. */
static const uint8_t first_objects[SO_KW_MAX] = {
	[SO_KW_table] = SO_OBJ_TABLE + 1,
	[SO_KW_foreign] = SO_OBJ_FOREIGN_TABLE + 1,
	[SO_KW_view] = SO_OBJ_VIEW + 1,
	[SO_KW_materialized] = SO_OBJ_MATVIEW + 1,
	[SO_KW_index] = SO_OBJ_INDEX + 1,
	[SO_KW_sequence] = SO_OBJ_SEQUENCE + 1,
	[SO_KW_type] = SO_OBJ_TYPE + 1,
	[SO_KW_domain] = SO_OBJ_DOMAIN + 1,
	[SO_KW_schema] = SO_OBJ_SCHEMA + 1,
	[SO_KW_statistics] = SO_OBJ_STATISTICS + 1,
	[SO_KW_column] = SO_OBJ_COLUMN + 1,
	[SO_KW_constraint] = SO_OBJ_CONSTRAINT + 1,
	[SO_KW_collation] = SO_OBJ_COLLATION + 1,
	[SO_KW_conversion] = SO_OBJ_CONVERSION + 1,
	[SO_KW_extension] = SO_OBJ_EXTENSION + 1,
	[SO_KW_database] = SO_OBJ_DATABASE + 1,
	[SO_KW_role] = SO_OBJ_ROLE + 1,
	[SO_KW_user] = SO_OBJ_USER + 1,
	[SO_KW_group] = SO_OBJ_GROUP + 1,
	[SO_KW_tablespace] = SO_OBJ_TABLESPACE + 1,
	[SO_KW_server] = SO_OBJ_SERVER + 1,
	[SO_KW_access] = SO_OBJ_ACCESS_METHOD + 1,
	[SO_KW_event] = SO_OBJ_EVENT_TRIGGER + 1,
	[SO_KW_language] = SO_OBJ_LANGUAGE + 1,
	[SO_KW_publication] = SO_OBJ_PUBLICATION + 1,
	[SO_KW_subscription] = SO_OBJ_SUBSCRIPTION + 1,
	[SO_KW_text] = SO_OBJ_TS_PARSER + 1,
	[SO_KW_trigger] = SO_OBJ_TRIGGER + 1,
	[SO_KW_rule] = SO_OBJ_RULE + 1,
	[SO_KW_policy] = SO_OBJ_POLICY + 1,
	[SO_KW_function] = SO_OBJ_FUNCTION + 1,
	[SO_KW_procedure] = SO_OBJ_PROCEDURE + 1,
};

enum so_object so_parse_object_at(const struct parse *p, uint32_t n, uint32_t *count)
{
	unsigned found = first_objects[kw_at(p, n)];

	for (unsigned i = found ? found - 1 : SO_OBJ_MAX; i < SO_OBJ_MAX; i++) {
		uint32_t k = 1;

		if (kw_at(p, n) != objects[i].kw[0])
			continue;
		while (k < 3 && objects[i].kw[k] && kw_at(p, n + k) == objects[i].kw[k])
			k++;
		if (k == 3 || !objects[i].kw[k]) {
			*count = k;
			return (enum so_object)i;
		}
	}
	*count = 0;
	return SO_OBJ_MAX;
}

/* ---- Pieces ----------------------------------------------------------------------------------------------------- */

so_ref so_parse_ddl_table(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TABLE, p->pos);
	struct so_n_table *node = NEW(p, table, ref);

	node->qualifier = so_parse_qualified(p, &node->name);
	return so_parse_done(p, ref);
}

uint32_t so_parse_behavior(struct parse *p)
{
	if (accept_kw(p, SO_KW_cascade))
		return SO_CASCADE;
	return accept_kw(p, SO_KW_restrict) ? SO_RESTRICT : SO_BEHAVIOR_DEFAULT;
}

bool so_parse_if_exists(struct parse *p)
{
	return accept_kw2(p, SO_KW_if, SO_KW_exists);
}

bool so_parse_if_not_exists(struct parse *p)
{
	if (!at_kw(p, SO_KW_if) || kw_at(p, 1) != SO_KW_not || kw_at(p, 2) != SO_KW_exists)
		return false;
	so_parse_move(p, 3);
	return true;
}

struct so_name so_parse_accept_name_after(struct parse *p, enum so_kw word)
{
	return accept_kw(p, word) ? so_parse_name(p, SO_USE_COLUMN) : (struct so_name){ 0 };
}

so_ref so_parse_role(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	if (at_kw(p, SO_KW_none))
		so_parse_unexpected(p);
	if (at_kw(p, SO_KW_current_user) || at_kw(p, SO_KW_session_user) || at_kw(p, SO_KW_current_role)) {
		ref = so_parse_node(p, SO_N_FUNC, first);
		NEW(p, func, ref)->syntax = SO_FS_VALUE;
		AS(p, func, ref)->name = so_parse_name(p, SO_USE_LABEL);
		return so_parse_done(p, ref);
	}
	struct so_name name = so_parse_name(p, SO_USE_NON_RESERVED);

	ref = so_parse_node(p, SO_N_NAME, first);
	NEW(p, name, ref)->name = name;
	return ref;
}

/* ---- Options ---------------------------------------------------------------------------------------------------- */

so_ref so_parse_made_option(struct parse *p, uint32_t first, const char *text, so_ref value, enum so_option_style style)
{
	so_ref ref = so_parse_node(p, SO_N_OPTION, first);

	AS(p, option, ref)->name = so_parse_made_name(p, text);
	AS(p, option, ref)->value = value;
	AS(p, option, ref)->style = style;
	return ref;
}

/* Lenient: $1 or -$1 where a number belongs. */
static bool at_placeholder(const struct parse *p)
{
	uint32_t sign = at_op(p, SO_OP_ADD) || at_op(p, SO_OP_SUB);

	return p->lenient && peek_at(p, sign)->kind == SO_TOK_PARAM;
}

/* A number with its sign. */
so_ref so_parse_number(struct parse *p)
{
	uint32_t first = p->pos;
	bool sign = at_op(p, SO_OP_ADD) || at_op(p, SO_OP_SUB);
	bool minus = at_op(p, SO_OP_SUB);
	so_ref ref;

	if (at_placeholder(p))
		return so_parse_b_expr(p);
	if (sign)
		advance(p);
	if (!at(p, SO_TOK_INT) && !at(p, SO_TOK_FLOAT)) {
		so_parse_unexpected(p);
		return 0;
	}
	ref = so_parse_const(p);
	if (!ref || p->failed)
		return ref;
	if (minus) {
		struct so_str value = AS(p, const, ref)->value;
		so_ref text = so_arena_raw(p->ast, value.len + 1);

		*(char *)so_ast_at(p->ast, text) = '-';
		memcpy((char *)so_ast_at(p->ast, text) + 1, so_ast_at(p->ast, value.off), value.len);
		AS(p, const, ref)->value = (struct so_str){ text, value.len + 1 };
	}
	so_parse_begin_at(p, ref, first);
	return ref;
}

static so_ref word_value(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_NAME, p->pos);

	AS(p, name, ref)->name = so_parse_name(p, SO_USE_LABEL);
	return so_parse_done(p, ref);
}

/* Operator as a value, commutator = OPERATOR(s.<): the name is the symbol. */
static so_ref operator_value(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_NAME, p->pos), schema = 0;
	enum so_op op;

	AS(p, name, ref)->name = so_parse_operator(p, &op, &schema);
	AS(p, name, ref)->qualifier = schema;
	return so_parse_done(p, ref);
}

/* What stands after `=`: number, string, type, reserved word, operator. */
so_ref so_parse_option_value(struct parse *p)
{
	const struct so_token *next = peek_at(p, 1);

	if (so_tok_is_string(peek(p)))
		return so_parse_string_const(p);
	if (at_placeholder(p) || at(p, SO_TOK_INT) || at(p, SO_TOK_FLOAT) ||
		((at_op(p, SO_OP_ADD) || at_op(p, SO_OP_SUB)) &&
			(next->kind == SO_TOK_INT || next->kind == SO_TOK_FLOAT)))
		return so_parse_number(p);
	if (at(p, SO_TOK_OP) || at_kw(p, SO_KW_operator))
		return operator_value(p);
	if (at_kw(p, SO_KW_none))
		return word_value(p);
	if (at(p, SO_TOK_WORD) && !so_parse_is_name(p, peek(p), SO_USE_NON_RESERVED))
		return word_value(p);
	return so_parse_type(p);
}

static so_ref definition_item(struct parse *p, bool with_space)
{
	so_ref ref = so_parse_node(p, SO_N_OPTION, p->pos);
	struct so_n_option *node = NEW(p, option, ref);

	node->style = SO_OPTION_EQUALS;
	node->name = so_parse_name(p, SO_USE_LABEL);
	if (with_space && accept(p, SO_TOK_DOT)) {
		node->space = node->name;
		node->name = so_parse_name(p, SO_USE_LABEL);
	}
	if (at_op(p, SO_OP_EQ)) {
		advance(p);
		node->value = so_parse_option_value(p);
	}
	return so_parse_done(p, ref);
}

static so_ref storage_option(struct parse *p)
{
	return definition_item(p, true);
}

static so_ref definition_option(struct parse *p)
{
	return definition_item(p, false);
}

struct so_list so_parse_storage_options(struct parse *p)
{
	return so_parse_paren_list(p, storage_option);
}

struct so_list so_parse_definition(struct parse *p)
{
	return so_parse_paren_list(p, definition_option);
}

static so_ref fdw_option(struct parse *p, bool change)
{
	so_ref ref = so_parse_node(p, SO_N_OPTION, p->pos);
	struct so_n_option *node = NEW(p, option, ref);

	node->style = SO_OPTION_OWN;
	if (change && !so_tok_is_string(peek_at(p, 1))) {
		if (accept_kw(p, SO_KW_add))
			node->change = SO_OPTION_ADD;
		else if (accept_kw(p, SO_KW_set))
			node->change = SO_OPTION_SET;
		else if (accept_kw(p, SO_KW_drop))
			node->change = SO_OPTION_DROP;
	}
	node->name = so_parse_name(p, SO_USE_LABEL);
	if (node->change != SO_OPTION_DROP)
		node->value = so_parse_string_const(p);
	return so_parse_done(p, ref);
}

static so_ref fdw_option_new(struct parse *p)
{
	return fdw_option(p, false);
}

static so_ref fdw_option_change(struct parse *p)
{
	return fdw_option(p, true);
}

struct so_list so_parse_fdw_options(struct parse *p, bool change)
{
	return so_parse_paren_list(p, change ? fdw_option_change : fdw_option_new);
}

/* One option of a sequence, or 0. */
so_ref so_parse_sequence_option(struct parse *p)
{
	uint32_t first = p->pos;

	switch (kw(p)) {
	case SO_KW_as:
		advance(p);
		return so_parse_made_option(p, first, "as", so_parse_type(p), SO_OPTION_PLAIN);
	case SO_KW_cache:
		advance(p);
		return so_parse_made_option(p, first, "cache", so_parse_number(p), SO_OPTION_PLAIN);
	case SO_KW_cycle:
		advance(p);
		return so_parse_made_option(p, first, "cycle", 0, SO_OPTION_WORD);
	case SO_KW_increment:
		advance(p);
		accept_kw(p, SO_KW_by);
		return so_parse_made_option(p, first, "increment by", so_parse_number(p), SO_OPTION_PLAIN);
	case SO_KW_maxvalue:
		advance(p);
		return so_parse_made_option(p, first, "maxvalue", so_parse_number(p), SO_OPTION_PLAIN);
	case SO_KW_minvalue:
		advance(p);
		return so_parse_made_option(p, first, "minvalue", so_parse_number(p), SO_OPTION_PLAIN);
	case SO_KW_no:
		advance(p);
		if (accept_kw(p, SO_KW_cycle))
			return so_parse_made_option(p, first, "no cycle", 0, SO_OPTION_WORD);
		if (accept_kw(p, SO_KW_maxvalue))
			return so_parse_made_option(p, first, "no maxvalue", 0, SO_OPTION_WORD);
		so_parse_expect_kw(p, SO_KW_minvalue);
		return so_parse_made_option(p, first, "no minvalue", 0, SO_OPTION_WORD);
	case SO_KW_owned:
		advance(p);
		so_parse_expect_kw(p, SO_KW_by);
		return so_parse_made_option(p, first, "owned by", so_parse_any_name(p), SO_OPTION_PLAIN);
	case SO_KW_sequence:
		advance(p);
		so_parse_expect_kw(p, SO_KW_name);
		return so_parse_made_option(p, first, "sequence name", so_parse_any_name(p), SO_OPTION_PLAIN);
	case SO_KW_start:
		advance(p);
		accept_kw(p, SO_KW_with);
		return so_parse_made_option(p, first, "start with", so_parse_number(p), SO_OPTION_PLAIN);
	case SO_KW_restart:
		advance(p);
		if (!accept_kw(p, SO_KW_with) && !at(p, SO_TOK_INT) && !at(p, SO_TOK_FLOAT) && !at(p, SO_TOK_OP) &&
			!at_placeholder(p))
			return so_parse_made_option(p, first, "restart", 0, SO_OPTION_WORD);
		return so_parse_made_option(p, first, "restart with", so_parse_number(p), SO_OPTION_PLAIN);
	default:
		return 0;
	}
}

struct so_list so_parse_sequence_options(struct parse *p)
{
	size_t mark = so_parse_mark(p);
	so_ref ref;

	while ((ref = so_parse_sequence_option(p)) != 0)
		so_parse_push(p, ref);
	return so_parse_take(p, mark);
}

/* ---- CREATE ----------------------------------------------------------------------------------------------------- */

struct create_words {
	unsigned bits;
	uint32_t persistence;
	uint32_t count; /* tokens up to the word for the object */
};

/* The words between CREATE and the object; nothing is read. */
static struct create_words create_words(const struct parse *p)
{
	struct create_words words = { 0, SO_PERMANENT, 1 };

	if (kw_at(p, words.count) == SO_KW_or && kw_at(p, words.count + 1) == SO_KW_replace) {
		words.bits |= SO_DDL_OR_REPLACE;
		words.count += 2;
	}
	if (kw_at(p, words.count) == SO_KW_local || kw_at(p, words.count) == SO_KW_global)
		words.count++;
	if (kw_at(p, words.count) == SO_KW_temp || kw_at(p, words.count) == SO_KW_temporary) {
		words.persistence = SO_TEMPORARY;
		words.count++;
	} else if (kw_at(p, words.count) == SO_KW_unlogged) {
		words.persistence = SO_UNLOGGED;
		words.count++;
	}
	if (kw_at(p, words.count) == SO_KW_unique) {
		words.bits |= SO_DDL_UNIQUE;
		words.count++;
	} else if (kw_at(p, words.count) == SO_KW_recursive) {
		words.bits |= SO_DDL_RECURSIVE;
		words.count++;
	} else if (kw_at(p, words.count) == SO_KW_materialized) {
		words.bits |= SO_DDL_MATERIALIZED;
		words.count++;
	} else if (kw_at(p, words.count) == SO_KW_foreign && kw_at(p, words.count + 1) == SO_KW_table) {
		words.bits |= SO_DDL_FOREIGN;
		words.count++;
	}
	return words;
}

so_ref so_parse_create(struct parse *p)
{
	struct create_words words = create_words(p);
	uint32_t first = p->pos;
	enum so_kw object = kw_at(p, words.count);

	/* what each object takes of the words before it */
	if ((object == SO_KW_table && !(words.bits & ~SO_DDL_FOREIGN)) ||
		(object == SO_KW_index && !(words.bits & ~SO_DDL_UNIQUE) && !words.persistence) ||
		(object == SO_KW_view && !(words.bits & (SO_DDL_UNIQUE | SO_DDL_FOREIGN))) ||
		(object == SO_KW_sequence && !words.bits) || words.count == 1) {
		so_parse_move(p, words.count + 1);
		switch (object) {
		case SO_KW_table:
			return so_parse_create_table(p, first, words.bits, words.persistence);
		case SO_KW_index:
			return so_parse_create_index(p, first, words.bits);
		case SO_KW_view:
			return so_parse_create_view(p, first, words.bits, words.persistence);
		case SO_KW_sequence:
			return so_parse_create_sequence(p, first, words.persistence);
		case SO_KW_type:
			return so_parse_create_type(p, first);
		case SO_KW_domain:
			return so_parse_create_domain(p, first);
		case SO_KW_schema:
			return so_parse_create_schema(p, first);
		case SO_KW_statistics:
			return so_parse_create_statistics(p, first);
		default:
			break;
		}
		so_parse_go_to(p, first);
	}
	return 0;
}

so_ref so_parse_ddl(struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_create:
		return so_parse_create(p);
	case SO_KW_alter:
		return so_parse_alter(p);
	case SO_KW_drop:
		return so_parse_drop(p);
	case SO_KW_truncate:
		return so_parse_truncate(p);
	case SO_KW_comment:
		return so_parse_comment(p);
	default:
		return 0;
	}
}
