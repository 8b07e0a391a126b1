/* Forms: pieces of grammar that are written as text, for the many clauses and statements that are only words with
 * values between them (internal to sql/). They are in files *.form, which form_code.py compiles when the project is
 * built:
 *
 *   name:
 *   	elements, on lines that begin with a tab; white space stands between all of them
 *
 *   word  ( ) , = . * @ ..   that word or sign; \x for a sign that has a meaning below
 *   [ x ]  [ x ]*  { x | y }  { x }+  { x },   optional; any number; one of; at least one; at least one, with commas
 *   !x  !{ x | y }  ~x  ~{ x }   not in front of; in front of
 *   ?feature   only where the dialect, in the version of the server, has SO_FEAT_FEATURE; in lenient texts always
 *   <name>   another form of the same file
 *   $x       a value
 *
 * Values of forms that are kept:
 *   $n name  $L any word as a name  $q qualified name  $c column  $i integer  $v number with sign  $s string
 *   $h string or bits  $z size  $V variable  $G variable of the server (@@v)  $d text in dollars
 *   $e expression  $o expression without AND  $x primary  $S sort item  $t type  $Q query  $D statement  $T table
 *   $p partition  $K constraint  $C type of a cast, of the dialect
 *   $a any token but a parenthesis, comma, semicolon  $b the tokens up to a closing parenthesis  $r those up to the end
 * (those of forms that are only checked: sql/postgresql/statements.h)
 *
 * Choices are ordered, and an alternative that fits is final. In a form that is kept, errors inside expressions are
 * final, too. */
#ifndef SO_SQL_PARSE_FORM_H
#define SO_SQL_PARSE_FORM_H

#include "sql/parse/parser.h"

/* An element, and what it takes. */
enum {
	DO_END, /* of an alternative */
	DO_WORD, /* keyword */
	DO_TEXT, /* index of a word that is no keyword */
	DO_SIGN, /* index of its text */
	DO_TOKEN, /* kind */
	DO_OP, /* enum so_op */
	DO_VALUE, /* letter */
	DO_IF, /* enum so_feature */
	DO_CALL, /* index of the form's group */
	/* a group follows; index of the element behind it */
	DO_OF,
	DO_OPTIONAL,
	DO_LIST,
	DO_ANY,
	DO_SOME,
	DO_NOT,
	DO_AHEAD
};

/* What can stand at the beginning of an alternative. */
struct so_form_set {
	uint64_t kinds; /* bit: kind of token */
	uint64_t texts; /* bit: so_form_hash of a word */
	uint64_t words[(SO_KW_MAX + 63) / 64]; /* bit: keyword */
};

struct so_form_name {
	const char *name;
	uint16_t form;
};

struct so_form_run;

struct so_forms {
	const uint16_t *codes;
	const char *const *texts;
	const struct so_form_set *sets;
	const struct so_form_name *functions; /* those of function calls; NULL: there are none */
	const uint8_t *by_hash; /* first of `functions` with a hash */
	/* Reads a value; NULL: the values above, which are kept with the words around them as items of a PHRASE. */
	bool (*check)(struct so_form_run *run, char value);
};

/* One form being read. */
struct so_form_run {
	struct parse *p;
	const struct so_forms *forms;
	/* of a form that is checked */
	uint32_t furthest; /* token at which the longest attempt ended */
	bool refused;
	struct so_err *inner; /* why a value was refused there */
};

/* Whether the group fits here; goes back when it does not, unless the parser failed. */
bool so_form_fits(struct so_form_run *run, unsigned form);
/* A value of a form that is kept. */
bool so_form_value(struct parse *p, char value);
/* Nothing fits here. Answers false. */
static inline bool so_form_miss(struct so_form_run *run)
{
	if (run->p->pos > run->furthest) {
		run->furthest = run->p->pos;
		run->refused = false;
	}
	return false;
}

/* Of a lower-case or upper-case word; form_code.py has the same. */
static inline unsigned so_form_hash(const char *word, size_t len)
{
	return ((unsigned)(*word | 0x20) * 5 + (unsigned)len) & 63;
}

extern const struct so_forms so_my_forms, so_ora_forms, so_pg_statement_forms;
/* The form of a statement, by its first word; 0: none. */
extern const uint16_t so_pg_statement_form_starts[SO_KW_MAX];
bool so_pg_statement_check(struct so_form_run *run, char value);

#endif
