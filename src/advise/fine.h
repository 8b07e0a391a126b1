/* Why a statement needs nothing done. */
#ifndef SO_ADVISE_FINE_H
#define SO_ADVISE_FINE_H

#include "advise/variant.h"

/* In words, child of `ctx`; NULL when nothing shows that it is fine. Looks at how the plan reads its tables first, then
 * at the candidates that were tried. */
char *so_fine_reason(TALLOC_CTX *ctx, const struct so_variant *variant, const struct so_advise_input *input);

#endif
