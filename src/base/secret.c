#include "base/secret.h"

#include <string.h>

struct secret {
	char text[1];
};

static int secret_dtor(struct secret *secret)
{
	explicit_bzero(secret, talloc_get_size(secret));
	return 0;
}

char *so_secret_new(TALLOC_CTX *ctx, size_t len)
{
	struct secret *secret = so_mem_need(talloc_zero_size(ctx, len + 1));

	talloc_set_name_const(secret, "so_secret");
	talloc_set_destructor(secret, secret_dtor);
	return secret->text;
}

char *so_secret_ndup(TALLOC_CTX *ctx, const void *bytes, size_t len)
{
	char *text = so_secret_new(ctx, len);

	memcpy(text, bytes, len);
	return text;
}

char *so_secret_dup(TALLOC_CTX *ctx, const char *text)
{
	return so_secret_ndup(ctx, text, strlen(text));
}

char *so_secret_dup_or_null(TALLOC_CTX *ctx, const char *text)
{
	return text ? so_secret_dup(ctx, text) : NULL;
}
