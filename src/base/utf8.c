#include "base/utf8.h"

#include <string.h>

void so_utf8_mend(char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		int step = so_utf8_length(text + i, len - i);

		if (step <= 0)
			text[i] = '?';
		i += step > 0 ? (size_t)step : 1;
	}
}

char *so_utf8_copy(TALLOC_CTX *ctx, const char *text, size_t len)
{
	char *clean = so_strndup(ctx, text, len);

	so_utf8_mend(clean, strlen(clean));
	return clean;
}
