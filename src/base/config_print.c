#include "base/config_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json_out.h"

static const char *const source_names[] = { "default", "file", "environment", "flag", "generated" };
_Static_assert(sizeof source_names / sizeof source_names[0] == SO_CONFIG_SOURCE_MAX, "a name for every source");

/* A URL may hold a login before the '@'. */
static char *without_login(TALLOC_CTX *ctx, const char *url)
{
	const char *start = strstr(url, "://"), *at;

	if (!start)
		return so_strdup(ctx, url);
	start += 3;
	at = memchr(start, '@', strcspn(start, "/"));
	return at ? so_printf(ctx, "%.*s***%s", (int)(start - url), url, at) : so_strdup(ctx, url);
}

static char *list_text(TALLOC_CTX *ctx, const struct so_config_list *list)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, SO_CONFIG_FILE_MAX);
	for (size_t i = 0; i < list->count; i++)
		so_buf_addf(&buf, "%s%s", i ? "," : "", list->items[i]);
	return so_strdup(ctx, so_buf_text(&buf));
}

static char *value_text(TALLOC_CTX *ctx, const struct so_config *config, const struct so_config_var *var)
{
	const void *member = so_config_member(config, var);

	if (var->secret)
		return so_strdup(ctx, **(char *const *)member ? "(set)" : "(not set: generated at the first start)");
	switch (var->type) {
	case SO_CONFIG_INT:
		return so_printf(ctx, "%" PRId64, *(const int64_t *)member);
	case SO_CONFIG_BOOL:
		return so_strdup(ctx, *(const bool *)member ? "true" : "false");
	case SO_CONFIG_CHOICE:
		return so_strdup(ctx, var->choices[*(const int64_t *)member]);
	case SO_CONFIG_LIST:
	case SO_CONFIG_ORIGINS:
		return list_text(ctx, member);
	case SO_CONFIG_URL:
		return without_login(ctx, *(char *const *)member);
	case SO_CONFIG_TEXT:
	case SO_CONFIG_DATABASE:
	case SO_CONFIG_KEYS:
		break;
	}
	return so_strdup(ctx, *(char *const *)member);
}

static void print_json(const struct so_config *config, TALLOC_CTX *tmp, struct so_buf *out)
{
	struct so_json_out json;

	so_json_out_init(&json, out);
	so_json_out_open(&json, '[');
	for (size_t i = 0; so_config_vars[i].name; i++) {
		const struct so_config_var *var = &so_config_vars[i];

		so_json_out_open(&json, '{');
		so_json_out_key(&json, "name");
		so_json_out_text(&json, var->name);
		so_json_out_key(&json, "value");
		so_json_out_text(&json, value_text(tmp, config, var));
		so_json_out_key(&json, "source");
		so_json_out_text(&json, source_names[config->sources[i]]);
		so_json_out_key(&json, "default");
		so_json_out_text(&json, var->secret ? NULL : var->deflt);
		so_json_out_key(&json, "flag");
		so_json_out_text(&json, var->flag);
		so_json_out_key(&json, "has_effect");
		so_json_out_bool(&json, !var->no_effect);
		so_json_out_key(&json, "doc");
		so_json_out_text(&json, var->doc);
		so_json_out_close(&json, '}');
	}
	so_json_out_close(&json, ']');
	so_buf_addc(out, '\n');
}

void so_config_print(const struct so_config *config, bool json, struct so_buf *out)
{
	SO_TMP(tmp, NULL);

	if (json) {
		print_json(config, tmp, out);
		return;
	}
	for (size_t i = 0; so_config_vars[i].name; i++) {
		const struct so_config_var *var = &so_config_vars[i];

		so_buf_addf(out, "%-31s %-44s %s%s\n", var->name, value_text(tmp, config, var),
			source_names[config->sources[i]], var->no_effect ? ", no effect yet" : "");
	}
	so_buf_addf(out, "\nconfiguration file: %s\nstore: %s\nkeys: %s\n",
		config->file_path ? config->file_path : "none",
		config->store_path ? config->store_path : "none: DATABASE_URL is not set",
		config->keys_path ? config->keys_path : "none");
}

/* Breaks text at blanks, 60 columns, indented to the column of the descriptions. */
static void wrap(struct so_buf *out, const char *text)
{
	size_t column = 0;

	so_buf_adds(out, "\n          ");
	while (*text) {
		size_t word = strcspn(text, " ");

		if (column && column + word > 68) {
			so_buf_adds(out, "\n          ");
			column = 0;
		}
		so_buf_add(out, text, word);
		column += word;
		text += word;
		if (*text) {
			so_buf_addc(out, *text++);
			column++;
		}
	}
}

void so_config_help(struct so_buf *out)
{
	so_buf_adds(out, "  --config FILE\n          Lines of NAME=value; $SQLOPT_CONFIG names one too.\n");
	for (size_t i = 0; so_config_vars[i].name; i++) {
		const struct so_config_var *var = &so_config_vars[i];

		if (var->flag)
			so_buf_addf(
				out, "  %s%s, %s", var->flag, var->type == SO_CONFIG_BOOL ? "" : " VALUE", var->name);
		else
			so_buf_addf(out, "  %s (no flag: it is a secret)", var->name);
		wrap(out, var->doc);
		if (var->deflt && *var->deflt)
			so_buf_addf(out, "\n          Default: %s", var->deflt);
		so_buf_addf(out, "%s\n", var->no_effect ? "\n          No effect yet." : "");
	}
}
