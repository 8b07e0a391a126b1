/* The match functions of the rewrite rules; see struct so_rewrite_rule. */
#ifndef SO_ADVISE_RULES_H
#define SO_ADVISE_RULES_H

#include "advise/rewrite.h"

bool so_rule_not_in(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out);
bool so_rule_count(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out);
bool so_rule_date_range(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out);
bool so_rule_arithmetic(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out);
bool so_rule_constant_type(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out);
bool so_rule_coalesce(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out);
bool so_rule_distinct(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out);
bool so_rule_inline_cte(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out);

#endif
