/* Calls, casts, types, windows, ORDER BY items. */
#include <string.h>

#include "sql/tsql/print.h"

/* ---- Types ------------------------------------------------------------------------------------------------------ */

struct type_spelling {
	const char *name, *before, *after; /* modifiers stand between */
};

static const struct type_spelling spellings[] = {
	{ "int4", "integer", "" },
	{ "int2", "smallint", "" },
	{ "int8", "bigint", "" },
	{ "float4", "real", "" },
	{ "float8", "double precision", "" },
	{ "bool", "boolean", "" },
	{ "varchar", "character varying", "" },
	{ "bpchar", "character", "" },
	{ "varbit", "bit varying", "" },
	{ "timestamp", "timestamp", "" },
	{ "timestamptz", "timestamp", " with time zone" },
	{ "time", "time", "" },
	{ "timetz", "time", " with time zone" },
};

static const struct type_spelling *find_spelling(struct so_text name)
{
	for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
		if (so_text_is(name, spellings[i].name))
			return &spellings[i];
	return NULL;
}

static void put_modifiers(struct printer *pr, struct so_list mods)
{
	if (!mods.count)
		return;
	so_put(pr, "(");
	so_put_list(pr, mods, so_put_expr_item);
	so_put(pr, ")");
}

static void put_interval_fields(struct printer *pr, uint32_t fields)
{
	static const char *const names[] = { " year", " month", " day", " hour", " minute", " second" };
	int first = -1, last = -1;

	for (int i = 0; i < 6; i++) {
		if (fields >> i & 1) {
			first = first < 0 ? i : first;
			last = i;
		}
	}
	if (first < 0)
		return;
	so_put(pr, names[first]);
	if (last != first) {
		so_put(pr, " to");
		so_put(pr, names[last]);
	}
}

static void put_bounds(struct printer *pr, struct so_list bounds)
{
	for (uint32_t i = 0; i < bounds.count; i++) {
		so_ref bound = so_list_get(pr->ast, bounds, i);

		so_put(pr, "[");
		if (so_ast_kind(pr->ast, bound) == SO_N_CONST)
			so_put_expr(pr, bound, SO_LV_ANY);
		so_put(pr, "]");
	}
}

/* DOUBLE PRECISION, TIMESTAMP(6) WITH TIME ZONE, INTERVAL DAY(2) TO SECOND */
static void put_worded_type(struct printer *pr, const struct so_n_type *node)
{
	struct so_text name = so_ast_name(pr->ast, node->name);
	const char *with = name.len ? memmem(name.s, name.len, " WITH ", 6) : NULL;
	size_t head = with ? (size_t)(with - name.s) : name.len;

	if (node->builtin == SO_TYPE_PHRASE) {
		so_put_phrase(pr, so_list_get(pr->ast, node->mods, 0));
		return;
	}
	so_put_text(pr, (struct so_text){ name.s, head });
	put_modifiers(pr, node->mods);
	so_put_text(pr, (struct so_text){ name.s + head, name.len - head });
}

static void put_type_name(struct printer *pr, const struct so_n_type *node, bool with_fields)
{
	struct so_text name = so_ast_name(pr->ast, node->name);
	const struct type_spelling *spelling = node->builtin == 1 ? find_spelling(name) : NULL;

	if (spelling && pr->dialect == SO_TSQL && so_text_is(name, "int4")) {
		so_put(pr, "int");
		return;
	}
	if (spelling) {
		so_put(pr, spelling->before);
		put_modifiers(pr, node->mods);
		so_put(pr, spelling->after);
		return;
	}
	if (node->builtin == 1) {
		so_put_text(pr, name); /* numeric, bit, interval */
		if (with_fields)
			put_interval_fields(pr, node->interval);
		if (with_fields || !node->interval)
			put_modifiers(pr, node->mods);
		return;
	}
	if (node->builtin == SO_TYPE_WORDS || node->builtin == SO_TYPE_PHRASE) {
		put_worded_type(pr, node);
		return;
	}
	so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_FUNC);
	put_modifiers(pr, node->mods);
	so_put(pr, node->builtin == SO_TYPE_OF_COLUMN ? "%TYPE" : node->builtin == SO_TYPE_ROWTYPE ? "%ROWTYPE" : "");
}

void so_put_type(struct printer *pr, so_ref ref)
{
	const struct so_n_type *node = GET(pr, type, ref);

	if (is_my(pr)) {
		so_put_my_type(pr, ref);
		return;
	}
	if (is_lite(pr)) {
		so_put_lite_type(pr, ref);
		return;
	}
	if (node->hdr.flags & SO_NF_SETOF)
		so_put(pr, "SETOF ");
	put_type_name(pr, node, true);
	put_bounds(pr, node->bounds);
}

static bool is_literal(const struct printer *pr, const struct so_n_cast *cast)
{
	if (cast->style != SO_CAST_LITERAL)
		return false;
	if (so_ast_kind(pr->ast, cast->arg) == SO_N_CONST)
		return GET(pr, const, cast->arg)->type == SO_C_STRING && !GET(pr, type, cast->type)->bounds.count;
	return so_ast_kind(pr->ast, cast->arg) == SO_N_PARAM;
}

static void put_cast(struct printer *pr, const struct so_n_cast *cast)
{
	if (is_literal(pr, cast)) {
		const struct so_n_type *type = GET(pr, type, cast->type);

		put_type_name(pr, type, false);
		so_put(pr, " ");
		so_put_expr(pr, cast->arg, SO_LV_PRIMARY);
		put_interval_fields(pr, type->interval);
		if (type->interval)
			put_modifiers(pr, type->mods);
	} else if (cast->style == SO_CAST_FUNC) {
		so_put(pr, "CAST(");
		so_put_expr(pr, cast->arg, SO_LV_ANY);
		so_put(pr, " AS ");
		so_put_type(pr, cast->type);
		so_put(pr, ")");
	} else {
		so_put_expr(pr, cast->arg, SO_LV_CAST);
		so_put(pr, "::");
		so_put_type(pr, cast->type);
	}
}

/* ---- Windows and sorting ---------------------------------------------------------------------------------------- */

void so_put_sort(struct printer *pr, so_ref ref)
{
	static const char *const dirs[] = { "", " ASC", " DESC", " USING " };
	static const char *const nulls[] = { "", " NULLS FIRST", " NULLS LAST" };
	const struct so_n_sort *node;

	if (so_ast_kind(pr->ast, ref) != SO_N_SORT) {
		so_put_expr(pr, ref, SO_LV_ANY);
		return;
	}
	node = GET(pr, sort, ref);
	so_put_expr(pr, node->arg, SO_LV_ANY);
	so_put(pr, dirs[node->dir]);
	if (node->dir == SO_SORT_USING)
		so_put_operator(pr, node->using_schema, node->using_op);
	so_put(pr, nulls[node->nulls]);
}

static void put_bound(struct printer *pr, uint32_t bound, so_ref value)
{
	static const char *const words[] = { "", "UNBOUNDED PRECEDING", " PRECEDING", "CURRENT ROW", " FOLLOWING",
		"UNBOUNDED FOLLOWING" };

	if (value)
		so_put_expr(pr, value, SO_LV_ANY);
	so_put(pr, words[bound]);
}

static void put_frame(struct printer *pr, const struct so_n_window *node)
{
	static const char *const modes[] = { "", "ROWS ", "RANGE ", "GROUPS " };
	static const char *const excludes[] = { "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES",
		" EXCLUDE NO OTHERS" };

	so_put(pr, modes[node->mode]);
	if (node->end)
		so_put(pr, "BETWEEN ");
	put_bound(pr, node->start, node->start_value);
	if (node->end) {
		so_put(pr, " AND ");
		put_bound(pr, node->end, node->end_value);
	}
	so_put(pr, excludes[node->exclude]);
}

static void put_gap(struct printer *pr, bool *any)
{
	if (*any)
		so_put(pr, " ");
	*any = true;
}

static void put_window_spec(struct printer *pr, const struct so_n_window *node)
{
	bool any = false;

	so_put(pr, "(");
	if (node->base.len) {
		put_gap(pr, &any);
		so_put_name(pr, node->base, SO_PLACE_COLUMN);
	}
	if (node->partition.count) {
		put_gap(pr, &any);
		so_put(pr, "PARTITION BY ");
		so_put_list(pr, node->partition, so_put_expr_item);
	}
	if (node->order_by.count) {
		put_gap(pr, &any);
		so_put(pr, "ORDER BY ");
		so_put_list(pr, node->order_by, so_put_sort);
	}
	if (node->mode) {
		put_gap(pr, &any);
		put_frame(pr, node);
	}
	so_put(pr, ")");
}

/* An item of the WINDOW clause. */
void so_put_window(struct printer *pr, so_ref ref)
{
	so_put_name(pr, GET(pr, window, ref)->name, SO_PLACE_COLUMN);
	so_put(pr, " AS ");
	put_window_spec(pr, GET(pr, window, ref));
}

/* ---- Calls ------------------------------------------------------------------------------------------------------ */

static void put_arg(struct printer *pr, const struct so_n_func *node, uint32_t i, enum so_level min)
{
	if (i < node->args.count)
		so_put_expr(pr, so_list_get(pr->ast, node->args, i), min);
}

/* " word arg" when the argument is there. */
static void put_word_arg(struct printer *pr, const struct so_n_func *node, uint32_t i, const char *word)
{
	if (i >= node->args.count)
		return;
	so_put(pr, word);
	put_arg(pr, node, i, SO_LV_ANY);
}

static void put_order_by(struct printer *pr, struct so_list order_by)
{
	if (!order_by.count)
		return;
	so_put(pr, " ORDER BY ");
	so_put_list(pr, order_by, so_put_sort);
}

/* Names of the grammar that also are plain functions. */
static bool is_grammar_call(struct so_text name)
{
	return so_text_is(name, "substring") || so_text_is(name, "overlay") || so_text_is(name, "json_object") ||
	       so_text_is(name, "TABLE");
}

static void put_call(struct printer *pr, const struct so_n_func *node)
{
	bool within = (node->hdr.flags & SO_NF_WITHIN) != 0;

	if (!node->qualifier && !node->name.quoted && is_grammar_call(so_ast_name(pr->ast, node->name)))
		so_put_text(pr, so_ast_name(pr->ast, node->name));
	else
		so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_FUNC);
	so_put(pr, "(");
	if (node->hdr.flags & SO_NF_DISTINCT)
		so_put(pr, "DISTINCT ");
	if (node->hdr.flags & SO_NF_STAR)
		so_put(pr, "*");
	for (uint32_t i = 0; i < node->args.count; i++) {
		if (i)
			so_put(pr, ", ");
		if (i + 1 == node->args.count && (node->hdr.flags & SO_NF_VARIADIC))
			so_put(pr, "VARIADIC ");
		put_arg(pr, node, i, SO_LV_ANY);
	}
	if (!within)
		put_order_by(pr, node->order_by);
	if (node->hdr.flags & SO_NF_ALL)
		so_put_phrases(pr, node->tail);
	so_put(pr, ")");
	if (within) {
		so_put(pr, " WITHIN GROUP (ORDER BY ");
		so_put_list(pr, node->order_by, so_put_sort);
		so_put(pr, ")");
	}
}

static void put_upper(struct printer *pr, struct so_name name)
{
	struct so_text text = so_ast_name(pr->ast, name);

	for (size_t i = 0; i < text.len; i++)
		so_buf_addc(pr->buf, (char)(text.s[i] >= 'a' && text.s[i] <= 'z' ? text.s[i] - 32 : text.s[i]));
}

static void put_field_word(struct printer *pr, so_ref ref)
{
	struct so_text text;

	if (so_ast_kind(pr->ast, ref) != SO_N_CONST) {
		so_put_expr(pr, ref, SO_LV_ANY);
		return;
	}
	text = so_ast_str(pr->ast, GET(pr, const, ref)->value);
	for (size_t i = 0; i < text.len; i++) {
		if (text.s[i] < 'a' || text.s[i] > 'z') {
			so_put_string(pr, text);
			return;
		}
	}
	so_put_text(pr, text);
}

static void put_trim(struct printer *pr, const struct so_n_func *node)
{
	struct so_text name = so_ast_name(pr->ast, node->name);

	so_put(pr, so_text_is(name, "ltrim")   ? "TRIM(LEADING "
		   : so_text_is(name, "rtrim") ? "TRIM(TRAILING "
					       : "TRIM(");
	if (node->args.count == 2) {
		put_arg(pr, node, 1, SO_LV_ANY);
		so_put(pr, " FROM ");
		put_arg(pr, node, 0, SO_LV_ANY);
	} else {
		if (!so_text_is(name, "btrim"))
			so_put(pr, "FROM ");
		so_put_list(pr, node->args, so_put_expr_item);
	}
	so_put(pr, ")");
}

static void put_position(struct printer *pr, const struct so_n_func *node)
{
	bool outer = pr->restricted;

	so_put(pr, "POSITION(");
	pr->restricted = true;
	put_arg(pr, node, 1, SO_LV_OPERATOR);
	so_put(pr, " IN ");
	put_arg(pr, node, 0, SO_LV_OPERATOR);
	pr->restricted = outer;
	so_put(pr, ")");
}

/* substring(x FOR n), unless the start was edited. */
static bool starts_at_one(const struct so_ast *ast, const struct so_n_func *node)
{
	int64_t start;

	return node->option == 1 && node->args.count == 3 && so_ast_int(ast, so_list_get(ast, node->args, 1), &start) &&
	       start == 1;
}

/* Calls whose arguments are separated by words. */
static void put_worded(struct printer *pr, const struct so_n_func *node)
{
	switch ((enum so_func_syntax)node->syntax) {
	case SO_FS_EXTRACT:
		so_put(pr, "EXTRACT(");
		put_field_word(pr, so_list_get(pr->ast, node->args, 0));
		put_word_arg(pr, node, 1, " FROM ");
		break;
	case SO_FS_SUBSTRING:
		so_put(pr, "SUBSTRING(");
		put_arg(pr, node, 0, SO_LV_ANY);
		if (!starts_at_one(pr->ast, node))
			put_word_arg(pr, node, 1, " FROM ");
		put_word_arg(pr, node, 2, " FOR ");
		break;
	case SO_FS_SUBSTRING_SIMILAR:
		so_put(pr, "SUBSTRING(");
		put_arg(pr, node, 0, SO_LV_LIKE + 1);
		put_word_arg(pr, node, 1, " SIMILAR ");
		put_word_arg(pr, node, 2, " ESCAPE ");
		break;
	case SO_FS_OVERLAY:
		so_put(pr, "OVERLAY(");
		put_arg(pr, node, 0, SO_LV_ANY);
		put_word_arg(pr, node, 1, " PLACING ");
		put_word_arg(pr, node, 2, " FROM ");
		put_word_arg(pr, node, 3, " FOR ");
		break;
	case SO_FS_NORMALIZE:
		so_put(pr, "NORMALIZE(");
		put_arg(pr, node, 0, SO_LV_ANY);
		if (node->args.count > 1) {
			so_put(pr, ", ");
			put_field_word(pr, so_list_get(pr->ast, node->args, 1));
		}
		break;
	case SO_FS_COLLATION_FOR:
		so_put(pr, "COLLATION FOR (");
		put_arg(pr, node, 0, SO_LV_ANY);
		break;
	default: { /* SO_FS_TREAT */
		const struct so_n_cast *cast = GET(pr, cast, so_list_get(pr->ast, node->args, 0));

		so_put(pr, "TREAT(");
		so_put_expr(pr, cast->arg, SO_LV_ANY);
		so_put(pr, " AS ");
		so_put_type(pr, cast->type);
	}
	}
	so_put(pr, ")");
}

/* ---- SQL/XML and SQL/JSON --------------------------------------------------------------------------------------- */

static void put_xml_item(struct printer *pr, so_ref ref)
{
	if (so_ast_kind(pr->ast, ref) == SO_N_NAME) {
		so_put(pr, "NAME ");
		so_put_name(pr, GET(pr, name, ref)->name, SO_PLACE_COLUMN);
	} else if (so_ast_kind(pr->ast, ref) == SO_N_TARGET) {
		so_put_target(pr, ref);
	} else {
		so_put_expr(pr, ref, SO_LV_ANY);
	}
}

static void put_xml_element(struct printer *pr, const struct so_n_func *node)
{
	so_put(pr, "XMLELEMENT(");
	for (uint32_t i = 0; i < node->args.count; i++) {
		so_ref arg = so_list_get(pr->ast, node->args, i);
		bool attributes =
			i == 1 && so_ast_kind(pr->ast, arg) == SO_N_ROW && GET(pr, row, arg)->items.count &&
			so_ast_kind(pr->ast, so_list_get(pr->ast, GET(pr, row, arg)->items, 0)) == SO_N_TARGET;

		if (i)
			so_put(pr, ", ");
		if (attributes) {
			so_put(pr, "XMLATTRIBUTES(");
			so_put_list(pr, GET(pr, row, arg)->items, so_put_target);
			so_put(pr, ")");
		} else {
			put_xml_item(pr, arg);
		}
	}
	so_put(pr, ")");
}

static void put_xml_root(struct printer *pr, const struct so_n_func *node)
{
	static const char *const standalone[] = { "", ", STANDALONE YES", ", STANDALONE NO", ", STANDALONE NO VALUE" };

	so_put(pr, "XMLROOT(");
	put_arg(pr, node, 0, SO_LV_ANY);
	so_put(pr, ", VERSION ");
	if (so_ast_kind(pr->ast, so_list_get(pr->ast, node->args, 1)) == SO_N_DEFAULT)
		so_put(pr, "NO VALUE");
	else
		put_arg(pr, node, 1, SO_LV_ANY);
	so_put(pr, standalone[node->option & 3]);
	so_put(pr, ")");
}

static void put_xml_text(struct printer *pr, const struct so_n_func *node)
{
	so_ref arg = so_list_get(pr->ast, node->args, 0);

	so_put(pr, node->syntax == SO_FS_XMLPARSE ? "XMLPARSE(" : "XMLSERIALIZE(");
	so_put(pr, node->option & 1 ? "DOCUMENT " : "CONTENT ");
	if (node->syntax == SO_FS_XMLPARSE) {
		so_put_expr(pr, arg, SO_LV_ANY);
	} else {
		so_put_expr(pr, GET(pr, cast, arg)->arg, SO_LV_ANY);
		so_put(pr, " AS ");
		so_put_type(pr, GET(pr, cast, arg)->type);
	}
	so_put(pr, node->option & 4 ? " PRESERVE WHITESPACE" : node->option & 8 ? " STRIP WHITESPACE" : "");
	so_put(pr, node->option & 16 ? " INDENT" : node->option & 32 ? " NO INDENT" : "");
	so_put(pr, ")");
}

static void put_xml(struct printer *pr, const struct so_n_func *node)
{
	switch ((enum so_func_syntax)node->syntax) {
	case SO_FS_XMLELEMENT:
		put_xml_element(pr, node);
		return;
	case SO_FS_XMLROOT:
		put_xml_root(pr, node);
		return;
	case SO_FS_XMLPARSE:
	case SO_FS_XMLSERIALIZE:
		put_xml_text(pr, node);
		return;
	case SO_FS_XMLEXISTS:
		so_put(pr, "XMLEXISTS(");
		put_arg(pr, node, 0, SO_LV_PRIMARY);
		so_put(pr, node->option & 1   ? " PASSING BY REF "
			   : node->option & 4 ? " PASSING BY VALUE "
					      : " PASSING ");
		put_arg(pr, node, 1, SO_LV_PRIMARY);
		so_put(pr, node->option & 2 ? " BY REF)" : node->option & 8 ? " BY VALUE)" : ")");
		return;
	default: /* XMLCONCAT, XMLFOREST, XMLPI */
		put_upper(pr, node->name);
		so_put(pr, "(");
		so_put_list(pr, node->args, put_xml_item);
		so_put(pr, ")");
	}
}

static void put_json(struct printer *pr, const struct so_n_func *node)
{
	static const struct {
		unsigned bit;
		const char *text;
	} options[] = {
		{ SO_JSON_NULL_ON_NULL, " NULL ON NULL" },
		{ SO_JSON_ABSENT_ON_NULL, " ABSENT ON NULL" },
		{ SO_JSON_UNIQUE_KEYS, " WITH UNIQUE KEYS" },
		{ SO_JSON_NO_UNIQUE_KEYS, " WITHOUT UNIQUE KEYS" },
	};
	so_ref first = node->args.count ? so_list_get(pr->ast, node->args, 0) : 0;

	put_upper(pr, node->name);
	so_put(pr, "(");
	if (node->args.count == 1 && so_ast_kind(pr->ast, first) == SO_N_SUBQUERY &&
		!so_put_flag(pr, GET(pr, subquery, first)->query, SO_NF_PAREN) &&
		so_ast_name_is(pr->ast, node->name, "json_array"))
		so_put_statement(pr, GET(pr, subquery, first)->query);
	else
		so_put_list(pr, node->args, so_put_expr_item);
	put_order_by(pr, node->order_by);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (node->option & options[i].bit)
			so_put(pr, options[i].text);
	if (node->returning) {
		so_put(pr, pr->buf->data[pr->buf->len - 1] == '(' ? "RETURNING " : " RETURNING ");
		so_put_type(pr, node->returning);
		if (node->option & SO_JSON_FORMAT)
			so_put(pr, " FORMAT JSON");
		so_put(pr, node->option & SO_JSON_UTF8    ? " ENCODING UTF8"
			   : node->option & SO_JSON_UTF16 ? " ENCODING UTF16"
			   : node->option & SO_JSON_UTF32 ? " ENCODING UTF32"
							  : "");
	}
	so_put(pr, ")");
}

/* ---- Dispatch --------------------------------------------------------------------------------------------------- */

static void put_overlaps(struct printer *pr, const struct so_n_func *node)
{
	for (uint32_t i = 0; i < node->args.count; i++) {
		so_put(pr, i == 2 ? ") OVERLAPS (" : i ? ", " : "(");
		put_arg(pr, node, i, SO_LV_ANY);
	}
	so_put(pr, ")");
}

static void put_special(struct printer *pr, const struct so_n_func *node)
{
	switch ((enum so_func_syntax)node->syntax) {
	case SO_FS_CALL:
	case SO_FS_MERGE_ACTION:
		put_call(pr, node);
		return;
	case SO_FS_WORDS:
		so_put_text(pr, so_ast_name(pr->ast, node->name));
		so_put(pr, "(");
		so_put_list(pr, node->args, so_put_node);
		so_put(pr, ")");
		return;
	case SO_FS_COALESCE:
		put_upper(pr, node->name);
		so_put(pr, "(");
		so_put_list(pr, node->args, so_put_expr_item);
		so_put(pr, ")");
		return;
	case SO_FS_VALUE:
		put_upper(pr, node->name);
		put_modifiers(pr, node->args);
		return;
	case SO_FS_POSITION:
		put_position(pr, node);
		return;
	case SO_FS_TRIM:
		put_trim(pr, node);
		return;
	case SO_FS_AT_TIME_ZONE:
		put_arg(pr, node, 1, SO_LV_AT);
		so_put(pr, " AT TIME ZONE ");
		put_arg(pr, node, 0, SO_LV_AT + 1);
		return;
	case SO_FS_AT_LOCAL:
		put_arg(pr, node, 0, SO_LV_AT);
		so_put(pr, " AT LOCAL");
		return;
	case SO_FS_OVERLAPS:
		put_overlaps(pr, node);
		return;
	case SO_FS_EXTRACT:
	case SO_FS_SUBSTRING:
	case SO_FS_SUBSTRING_SIMILAR:
	case SO_FS_OVERLAY:
	case SO_FS_NORMALIZE:
	case SO_FS_COLLATION_FOR:
	case SO_FS_TREAT:
		put_worded(pr, node);
		return;
	case SO_FS_JSON:
		put_json(pr, node);
		return;
	default:
		put_xml(pr, node);
	}
}

/* FUNC or CAST */
void so_put_func(struct printer *pr, so_ref ref)
{
	const struct so_n_func *node;

	if (so_features_have(&pr->features, SO_FEAT_BATCH) && so_ast_kind(pr->ast, ref) == SO_N_CAST) {
		so_put_tsql_func(pr, ref);
		return;
	}
	if (so_ast_kind(pr->ast, ref) == SO_N_CAST) {
		put_cast(pr, GET(pr, cast, ref));
		return;
	}
	node = GET(pr, func, ref);
	if (node->hdr.flags & SO_NF_ESCAPE)
		so_put(pr, "{fn ");
	if (!(is_my(pr) && so_put_my_func(pr, node)) &&
		!(so_features_have(&pr->features, SO_FEAT_BATCH) && so_put_tsql_func(pr, ref)))
		put_special(pr, node);
	if (node->hdr.flags & SO_NF_ESCAPE)
		so_put(pr, "}");
	if (!(node->hdr.flags & SO_NF_ALL))
		so_put_phrases(pr, node->tail);
	if (node->syntax == SO_FS_CALL && node->option)
		so_put(pr, node->option == 1   ? " IGNORE NULLS"
			   : node->option == 2 ? " RESPECT NULLS"
					       : " WITHIN GROUP (GRAPH PATH)");
	if (node->filter) {
		so_put(pr, " FILTER (WHERE ");
		so_put_expr(pr, node->filter, SO_LV_ANY);
		so_put(pr, ")");
	}
	if (node->over) {
		const struct so_n_window *window = GET(pr, window, node->over);

		so_put(pr, " OVER ");
		if (window->name.len)
			so_put_name(pr, window->name, SO_PLACE_COLUMN);
		else
			put_window_spec(pr, window);
	}
}
