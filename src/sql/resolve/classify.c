#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sql/effects.h"
#include "sql/parse/ddl.h"
#include "sql/resolve/effect_names.h"

/* Hints that hold locks on what is read until the transaction ends. */
static bool is_locking_hint(const struct so_ast *ast, so_ref hint)
{
	static const char *const names[] = { "updlock", "xlock", "tablock", "tablockx", "holdlock", "serializable",
		"repeatableread", "paglock" };
	struct so_text name;

	if (so_ast_kind(ast, hint) != SO_N_OPTION)
		return false;
	name = so_ast_name(ast, so_as_option(ast, hint)->name);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i]) == name.len && strncasecmp(names[i], name.s, name.len) == 0)
			return true;
	return false;
}

/* SELECT @v = 1, @v := 1 */
static bool is_assignment(const struct so_ast *ast, so_ref ref, so_ref parent)
{
	const struct so_n_op *op = so_as_op(ast, ref);
	struct so_text name = so_ast_name(ast, op->name);

	if (so_text_is(name, ":="))
		return true;
	if (op->op != SO_OP_OTHER && (op->op != SO_OP_EQ || !so_features_have(&so_dialects[ast->dialect].features,
								    SO_FEAT_SELECT_VARIABLES)))
		return false;
	return so_ast_kind(ast, parent) == SO_N_TARGET && name.len && name.s[name.len - 1] == '=' &&
	       so_ast_kind(ast, op->left) == SO_N_PARAM;
}

/* sequence.NEXTVAL, where a call needs no parentheses. */
static bool is_next_value(const struct so_ast *ast, so_ref ref)
{
	const struct so_n_column *column = so_as_column(ast, ref);
	struct so_text name = so_ast_name(ast, column->name);

	return (ast->dialect == SO_ORACLE || ast->dialect == SO_MARIADB) && column->qualifier && name.len == 7 &&
	       strncasecmp(name.s, "nextval", 7) == 0;
}

/* Operators of PostgreSQL itself; others are functions of a user. */
static bool is_own_operator(struct so_text name)
{
	static const char *const names[] = { "!!", "!", "!~", "!~*", "!~~", "!~~*", "##", "#", "#-", "#>", "#>>",
		"#=", "%", "&&", "&", "&<", "&<|", "&>", "*", "*<", "*<=", "*<>", "*=", "*>", "*>=", "+", "-", "->",
		"->>", "-|-", "/", "<", "<->", "<<", "<<=", "<<|", "<=", "<>", "<@", "<^", "=", ">", ">=", ">>",
		">>=", ">^", "?#", "?&", "?", "?-", "?-|", "?|", "?||", "@", "@-@", "@>", "@?", "@@", "@@@", "^", "^@",
		"|&>", "|", "|/", "|>>", "||", "||/", "~", "~*", "~<=~", "~<~", "~=", "~>=~", "~>~", "~~", "~~*" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (so_text_is(name, names[i]))
			return true;
	return false;
}

static bool is_foreign_operator(const struct so_ast *ast, so_ref schema, struct so_name name)
{
	if (ast->dialect != SO_POSTGRESQL || !name.len)
		return false;
	return (schema && !so_ast_name_is(ast, so_as_name(ast, schema)->name, "pg_catalog")) ||
	       !is_own_operator(so_ast_name(ast, name));
}

static void look_at_hints(const struct so_ast *ast, struct so_list hints, struct so_sql_class *cls)
{
	for (uint32_t i = 0; i < hints.count; i++)
		cls->locks_rows = cls->locks_rows || is_locking_hint(ast, so_list_get(ast, hints, i));
}

/* SQLite: a pragma as a table, FROM pragma_optimize */
static void look_at_table(const struct so_ast *ast, so_ref ref, struct so_sql_class *cls)
{
	const struct so_n_table *table = so_as_table(ast, ref);
	struct so_text none = { "", 0 }, name = so_ast_name(ast, table->name);

	look_at_hints(ast, so_rare_table(ast, table)->hints, cls);
	if (ast->dialect != SO_SQLITE || name.len < 7 || strncasecmp(name.s, "pragma_", 7) != 0)
		return;
	cls->volatile_call = cls->volatile_call || so_name_effect(ast->dialect, none, name, -1) == SO_CALL_EFFECT;
	cls->unclear = cls->unclear || so_name_effect(ast->dialect, none, name, -1) == SO_CALL_UNKNOWN;
}

static enum so_walk look(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct so_sql_class *cls = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);

	switch (kind) {
	case SO_N_INTO:
	case SO_N_OUTPUT:
		cls->selects_into = true;
		break;
	case SO_N_LOCKING:
		cls->locks_rows = true;
		break;
	case SO_N_TABLE:
		look_at_table(ast, ref, cls);
		break;
	case SO_N_OPTION: /* OPTION (TABLE HINT (t, UPDLOCK)) */
		cls->locks_rows = cls->locks_rows || is_locking_hint(ast, ref);
		break;
	case SO_N_OP:
		cls->sets_variable = cls->sets_variable || is_assignment(ast, ref, parent);
		cls->unclear =
			cls->unclear || is_foreign_operator(ast, so_as_op(ast, ref)->schema, so_as_op(ast, ref)->name);
		break;
	case SO_N_QUANT:
		cls->unclear = cls->unclear ||
			       is_foreign_operator(ast, so_as_quant(ast, ref)->schema, so_as_quant(ast, ref)->name);
		break;
	case SO_N_SORT:
		cls->unclear = cls->unclear || is_foreign_operator(ast, so_as_sort(ast, ref)->using_schema,
						       so_as_sort(ast, ref)->using_op);
		break;
	case SO_N_OPAQUE: /* WITH FUNCTION f .. SELECT f(a): whatever is inside */
		cls->unclear = cls->unclear || parent;
		break;
	case SO_N_COLUMN:
		cls->volatile_call = cls->volatile_call || is_next_value(ast, ref);
		break;
	case SO_N_FUNC: {
		enum so_call_effect effect = so_call_effect(ast, ref);

		cls->unknown_call = cls->unknown_call || effect == SO_CALL_UNKNOWN;
		cls->volatile_call = cls->volatile_call || effect == SO_CALL_EFFECT;
		break;
	}
	default:
		/* in WITH, or in FROM with OUTPUT */
		if (parent && so_kind_is_dml(kind) && so_ast_kind(ast, parent) != SO_N_BLOCK)
			cls->modifying_cte = true;
	}
	return SO_WALK_ON;
}

static enum so_statement_class worse(enum so_statement_class a, enum so_statement_class b)
{
	static const uint8_t rank[] = {
		[SO_CLASS_READ] = 0, [SO_CLASS_UTILITY] = 1, [SO_CLASS_DDL] = 2, [SO_CLASS_WRITE] = 3
	};

	return rank[a] >= rank[b] ? a : b;
}

static void add_flags(struct so_sql_class *cls, const struct so_sql_class *other)
{
	cls->selects_into = cls->selects_into || other->selects_into;
	cls->locks_rows = cls->locks_rows || other->locks_rows;
	cls->modifying_cte = cls->modifying_cte || other->modifying_cte;
	cls->volatile_call = cls->volatile_call || other->volatile_call;
	cls->unknown_call = cls->unknown_call || other->unknown_call;
	cls->sets_variable = cls->sets_variable || other->sets_variable;
	cls->unclear = cls->unclear || other->unclear;
}

/* A batch or body is what the worst of its statements is. */
static void classify_all(const struct so_ast *ast, struct so_list statements, struct so_sql_class *cls)
{
	for (uint32_t i = 0; i < statements.count; i++) {
		so_ref statement = so_list_get(ast, statements, i);
		enum so_node_kind kind = so_ast_kind(ast, statement);
		struct so_sql_class one;

		if (kind != SO_N_OPAQUE && kind != SO_N_BLOCK && !so_kind_is_query(kind) && !so_kind_is_dml(kind) &&
			!so_kind_is_ddl(kind)) {
			so_ast_walk(ast, statement, look, cls);
			continue;
		}
		so_sql_classify(ast, statement, &one);
		cls->cls = worse(cls->cls, one.cls);
		add_flags(cls, &one);
		cls->pure_read = cls->pure_read && one.pure_read;
		cls->pure_but_calls = cls->pure_but_calls && one.pure_but_calls;
	}
}

/* What CALL, DO, SET evaluate. */
static void look_at_parts(const struct so_ast *ast, struct so_list parts, struct so_sql_class *cls)
{
	for (uint32_t i = 0; i < parts.count; i++) {
		so_ref part = so_list_get(ast, parts, i);
		enum so_node_kind kind = so_ast_kind(ast, part);

		if (kind != SO_N_OPAQUE && kind != SO_N_BLOCK && !so_kind_is_query(kind) && !so_kind_is_dml(kind) &&
			!so_kind_is_ddl(kind))
			so_ast_walk(ast, part, look, cls);
	}
}

static void classify_opaque(const struct so_ast *ast, so_ref statement, struct so_sql_class *cls)
{
	const struct so_n_opaque *node = so_as_opaque(ast, statement);
	struct so_text verb = so_ast_name(ast, node->verb);

	cls->cls = (enum so_statement_class)node->cls;
	snprintf(cls->verb, sizeof cls->verb, "%.*s", (int)verb.len, verb.s);
	/* IF, WHILE and the like do what is inside them */
	if (node->cls == SO_CLASS_READ ||
		(so_features_have(&so_dialects[ast->dialect].features, SO_FEAT_BATCH) && node->cls != SO_CLASS_DDL))
		classify_all(ast, node->parts, cls);
	else if (node->cls == SO_CLASS_WRITE || node->cls == SO_CLASS_UTILITY)
		look_at_parts(ast, node->parts, cls);
	if (!node->inner)
		return;
	struct so_sql_class inner;

	so_sql_classify(ast, node->inner, &inner);
	cls->is_explain = true;
	/* engines evaluate some calls while they plan */
	add_flags(cls, &inner);
	cls->cls = node->hdr.flags & SO_NF_ALL ? inner.cls : SO_CLASS_READ;
	/* writes the rows of a plan table */
	if (ast->dialect == SO_ORACLE)
		cls->cls = SO_CLASS_WRITE;
}

/* "create table", "alter index": as the verbs of statements that are not looked into. */
static void ddl_verb(const struct so_ast *ast, so_ref statement, char *verb, size_t room)
{
	const char *first = so_node_kind_name(so_ast_kind(ast, statement)), *object = NULL;
	size_t n;

	switch (so_ast_kind(ast, statement)) {
	case SO_N_ALTER:
		object = so_object_words((enum so_object)so_as_alter(ast, statement)->object);
		break;
	case SO_N_DROP:
		object = so_object_words((enum so_object)so_as_drop(ast, statement)->object);
		break;
	case SO_N_CREATE_TABLE:
		if (so_as_create_table(ast, statement)->bits & SO_DDL_FOREIGN)
			first = "create foreign table";
		break;
	case SO_N_CREATE_VIEW:
		if (so_as_create_view(ast, statement)->bits & SO_DDL_MATERIALIZED)
			first = "create materialized view";
		break;
	default:
		break;
	}
	snprintf(verb, room, "%s%s%s", first, object ? " " : "", object ? object : "");
	for (n = 0; verb[n]; n++)
		verb[n] = (char)(verb[n] == '_' ? ' ' : verb[n] >= 'A' && verb[n] <= 'Z' ? verb[n] + 32 : verb[n]);
}

/* A newer server than the grammar was told of would read more. */
static bool has_hidden_text(const struct so_ast *ast)
{
	for (uint32_t i = 0; i < ast->source_count; i++)
		if (ast->sources[i].left_out)
			return true;
	return false;
}

void so_sql_classify(const struct so_ast *ast, so_ref statement, struct so_sql_class *cls)
{
	enum so_node_kind kind = so_ast_kind(ast, statement);
	bool query = so_kind_is_query(kind);

	memset(cls, 0, sizeof *cls);
	if (kind == SO_N_OPAQUE) {
		classify_opaque(ast, statement, cls);
		return;
	}
	if (kind == SO_N_BLOCK) {
		cls->pure_read = cls->pure_but_calls = so_as_block(ast, statement)->statements.count > 0;
		classify_all(ast, so_as_block(ast, statement)->statements, cls);
		snprintf(cls->verb, sizeof cls->verb, "batch");
		return;
	}
	so_ast_walk(ast, statement, look, cls);
	cls->unclear = cls->unclear || has_hidden_text(ast) || so_calls_without_parentheses(ast, statement);
	if (so_kind_is_ddl(kind)) {
		cls->cls = SO_CLASS_DDL;
		ddl_verb(ast, statement, cls->verb, sizeof cls->verb);
		return;
	}
	cls->cls = query && !cls->selects_into && !cls->modifying_cte ? SO_CLASS_READ : SO_CLASS_WRITE;
	snprintf(cls->verb, sizeof cls->verb, "%s", query ? "select" : so_node_kind_name(kind));
	cls->pure_but_calls = query && !cls->selects_into && !cls->locks_rows && !cls->modifying_cte &&
			      !cls->volatile_call && !cls->sets_variable && !cls->unclear;
	cls->pure_read = cls->pure_but_calls && !cls->unknown_call;
}
