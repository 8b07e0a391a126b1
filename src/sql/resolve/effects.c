#include "sql/effects.h"

#include <string.h>
#include <strings.h>

#include "sql/functions.h"
#include "sql/resolve/effect_lists.h"

/* What is looked at first decides. */
static const struct {
	const char *const *first;
	enum so_call_effect first_effect;
	const char *const *second;
	enum so_call_effect second_effect;
} lists[SO_DIALECT_MAX] = {
	[SO_POSTGRESQL] = { pg_effects, SO_CALL_EFFECT, pg_plain, SO_CALL_PLAIN },
	[SO_MYSQL] = { my_effects, SO_CALL_EFFECT, my_plain, SO_CALL_PLAIN },
	[SO_MARIADB] = { my_effects, SO_CALL_EFFECT, my_plain, SO_CALL_PLAIN },
	[SO_TSQL] = { ts_effects, SO_CALL_EFFECT, ts_plain, SO_CALL_PLAIN },
	[SO_ORACLE] = { ora_plain, SO_CALL_PLAIN, ora_effects, SO_CALL_EFFECT },
	[SO_SQLITE] = { sqlite_effects, SO_CALL_EFFECT, sqlite_plain, SO_CALL_PLAIN },
};

/* The piece of a pattern against one name: "x*", "x", "x*y". */
static bool piece_is(const char *pattern, size_t len, struct so_text name)
{
	const char *star = memchr(pattern, '*', len);
	size_t head = star ? (size_t)(star - pattern) : len, tail = star ? len - head - 1 : 0;

	if (star ? name.len < head + tail : name.len != head)
		return false;
	return strncasecmp(pattern, name.s, head) == 0 &&
	       strncasecmp(pattern + len - tail, name.s + name.len - tail, tail) == 0;
}

static bool matches(const char *pattern, struct so_text package, struct so_text name, int n_args)
{
	const char *dot = strchr(pattern, '.'), *paren = strchr(pattern, '(');
	size_t len = paren ? (size_t)(paren - pattern) : strlen(pattern);

	if (paren && n_args >= 0 && n_args != paren[1] - '0')
		return false;
	if (!dot)
		return piece_is(pattern, len, name);
	return package.len && piece_is(pattern, (size_t)(dot - pattern), package) &&
	       piece_is(dot + 1, len - (size_t)(dot + 1 - pattern), name);
}

static bool listed(const char *const *list, struct so_text package, struct so_text name, int n_args)
{
	char first = name.len ? (char)(name.s[0] | 0x20) : 0,
	     of_package = package.len ? (char)(package.s[0] | 0x20) : 0;

	for (; list && *list; list++) {
		char wanted = (char)(**list | 0x20);

		/* what begins otherwise is most of the list */
		if (**list != '*' && wanted != first && wanted != of_package)
			continue;
		if (matches(*list, package, name, n_args))
			return true;
	}
	return false;
}

static bool text_is_any_case(struct so_text text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.s, word, text.len) == 0;
}

/* A function of a user may have the name of a harmless one, with its schema or package before it. */
static enum so_call_effect unless_of_user(
	enum so_dialect dialect, struct so_text package, struct so_text name, enum so_call_effect effect, int n_args)
{
	static const char *const own[SO_DIALECT_MAX] = { [SO_POSTGRESQL] = "pg_catalog" };
	const char *const *exact =
		lists[dialect].first_effect == SO_CALL_PLAIN ? lists[dialect].first : lists[dialect].second;

	if (effect != SO_CALL_PLAIN || !package.len || (own[dialect] && text_is_any_case(package, own[dialect])))
		return effect;
	for (; exact && *exact; exact++)
		if (strchr(*exact, '.') && matches(*exact, package, name, n_args))
			return effect;
	return SO_CALL_UNKNOWN;
}

enum so_call_effect so_name_effect(enum so_dialect dialect, struct so_text package, struct so_text name, int n_args)
{
	struct so_builtin builtin;

	enum so_call_effect effect = SO_CALL_UNKNOWN;

	if (listed(lists[dialect].first, package, name, n_args))
		effect = unless_of_user(dialect, package, name, lists[dialect].first_effect, n_args);
	if (effect == SO_CALL_UNKNOWN && listed(lists[dialect].second, package, name, n_args))
		effect = unless_of_user(dialect, package, name, lists[dialect].second_effect, n_args);
	if (effect != SO_CALL_UNKNOWN)
		return effect;
	/* last_insert_id(x): known, but not in this form */
	if (n_args > 0 && !package.len && listed(lists[dialect].second, package, name, 0))
		return SO_CALL_EFFECT;
	if (dialect != SO_POSTGRESQL || !so_builtin_find(name, &builtin))
		return SO_CALL_UNKNOWN;
	return unless_of_user(dialect, package, name, builtin.side_effects ? SO_CALL_EFFECT : SO_CALL_PLAIN, n_args);
}

/* `left`(a) is a stored function in MySQL, mine.dbms_lob.substr(a) one of a user in Oracle. */
static bool is_of_user(const struct so_ast *ast, const struct so_n_func *func)
{
	so_ref outer = func->qualifier && so_ast_kind(ast, func->qualifier) == SO_N_NAME
			       ? so_as_name(ast, func->qualifier)->qualifier
			       : 0;

	if (outer && !text_is_any_case(so_ast_name(ast, so_as_name(ast, outer)->name), "sys"))
		return true;
	return (ast->dialect == SO_MYSQL || ast->dialect == SO_MARIADB) && func->name.quoted;
}

/* x.value('/a', 'int') looks like a call in a schema, but functions of users cannot act in T-SQL anyway. */
static bool is_xml_method(const struct so_ast *ast, const struct so_n_func *func, struct so_text name)
{
	static const char *const names[] = { "value", "query", "exist", "nodes" };
	so_ref first = func->args.count ? so_list_get(ast, func->args, 0) : 0;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is_any_case(name, names[i]))
			return ast->dialect == SO_TSQL && func->qualifier && so_ast_kind(ast, first) == SO_N_CONST;
	return false;
}

enum so_call_effect so_call_effect(const struct so_ast *ast, so_ref ref)
{
	const struct so_n_func *func = so_as_func(ast, ref);
	struct so_text package = { "", 0 }, name = so_ast_name(ast, func->name);
	enum so_call_effect effect;

	if (func->qualifier && so_ast_kind(ast, func->qualifier) == SO_N_NAME)
		package = so_ast_name(ast, so_as_name(ast, func->qualifier)->name);
	effect = so_name_effect(ast->dialect, package, name, (int)func->args.count);
	switch ((enum so_func_syntax)func->syntax) {
	case SO_FS_NEXT_VALUE: /* and PREVIOUS VALUE FOR */
		return text_is_any_case(name, "lastval") ? SO_CALL_PLAIN : SO_CALL_EFFECT;
	case SO_FS_CALL:
	case SO_FS_METHOD:
		if (is_xml_method(ast, func, name))
			return SO_CALL_PLAIN;
		return effect == SO_CALL_PLAIN && is_of_user(ast, func) ? SO_CALL_UNKNOWN : effect;
	case SO_FS_STATIC:
		return SO_CALL_UNKNOWN;
	default: /* forms of the grammar */
		return effect == SO_CALL_EFFECT ? effect : SO_CALL_PLAIN;
	}
}
