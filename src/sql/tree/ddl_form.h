/* The actions of PostgreSQL's ALTER as text forms, for the parser, the printer and fingerprints alike (internal to
 * sql/). The parser has them as codes, which ddl_form_code.py makes of ddl_form.c; so all words must be keywords.
 *
 * A form is words and operands in the order of the statement:
 *   WORD       must be there
 *   [WORD ..]  may be there, is not kept
 *   {kWORD ..} may be there, kept as a bit: 1 IF EXISTS, 2 IF NOT EXISTS, 3 CONCURRENTLY
 *   %x         an operand, see parse/ddl_alter.c and print/ddl_index.c:
 *     %n name  %N new_name  %l new_name (any word)  %# number -> def  %v number -> expr  %e expr  %p (expr)
 *     %s string -> expr  %w string -> def  %t type -> def  %K [COLLATE c]  %U [USING e]  %b [CASCADE | RESTRICT]
 *     %C column -> items  %A attribute -> items  %c table constraint -> def  %a attributes of a constraint -> def
 *     %g identity -> def  %i changes of an identity -> items  %o options of a sequence -> items  %S (a = b) -> items
 *     %f (ADD a 'b') -> items  %T table -> def  %q name -> def  %r role -> def  %B bound of a partition -> expr */
#ifndef SO_SQL_DDL_FORM_H
#define SO_SQL_DDL_FORM_H

#include <stdint.h>

#define SO_FORM_RELATION 0x001u /* tables and all that is altered like one */
#define SO_FORM_TABLE    0x002u /* tables, foreign ones too */
#define SO_FORM_VIEW     0x004u /* views, materialized ones too */
#define SO_FORM_INDEX    0x008u
#define SO_FORM_SEQUENCE 0x010u
#define SO_FORM_TYPE     0x020u
#define SO_FORM_DOMAIN   0x040u
#define SO_FORM_SCHEMA   0x080u
#define SO_FORM_STATS    0x100u
#define SO_FORM_MATVIEW  0x200u
#define SO_FORM_ALONE    0x800u /* not one of a list */

struct so_ddl_form {
	uint16_t type; /* enum so_alter_type */
	uint16_t mask; /* SO_FORM_*: objects that have it */
	const char *text;
};

extern const struct so_ddl_form so_ddl_forms[];
extern const uint32_t so_ddl_form_count;

/* Bit of a {k group. */
unsigned so_ddl_form_bit(char k);

#endif
