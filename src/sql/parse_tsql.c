/* What only T-SQL has. */
#include "sql/parser.h"

static bool at_statement(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_select:
	case SO_KW_insert:
	case SO_KW_delete:
	case SO_KW_merge:
	case SO_KW_declare:
	case SO_KW_exec:
	case SO_KW_execute:
	case SO_KW_create:
	case SO_KW_alter:
	case SO_KW_drop:
	case SO_KW_print:
	case SO_KW_truncate:
	case SO_KW_use:
	case SO_KW_dbcc:
		return true;
	default:
		return false;
	}
}

const struct so_rules so_rules_tsql = {
	.verbs = so_verbs_tsql,
	.at_statement = at_statement,
};
