#include "cli/args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct so_flag *find_flag(const struct so_flag *flags, const char *arg, size_t len)
{
	for (; flags->name; flags++)
		if (strlen(flags->name) == len && strncmp(flags->name, arg, len) == 0)
			return flags;
	return NULL;
}

static bool set_int(const struct so_flag *flag, const char *text, void *out, struct so_err *err)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end || value < flag->min || value > flag->max)
		return so_fail(err, SO_USAGE, "%s takes a whole number from %lld to %lld, not '%.40s'", flag->name,
			(long long)flag->min, (long long)flag->max, text);
	*(int64_t *)((char *)out + flag->offset) = value;
	return true;
}

static bool set_flag(const struct so_flag *flag, const char *value, void *out, struct so_err *err)
{
	char *member = (char *)out + flag->offset;

	switch (flag->type) {
	case SO_FLAG_BOOL:
		*(bool *)member = true;
		return true;
	case SO_FLAG_TEXT:
		*(const char **)member = value;
		return true;
	case SO_FLAG_INT:
		return set_int(flag, value, out, err);
	}
	return so_fail(err, SO_INTERNAL, "flag table");
}

/* One flag at argv[*i], with its value from the same or the next word. */
static bool parse_flag(const struct so_flag *flags, int argc, char **argv, int *i, void *out, struct so_err *err)
{
	const char *arg = argv[*i], *equals = strchr(arg, '=');
	size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
	const struct so_flag *flag = find_flag(flags, arg, len);

	if (!flag)
		return so_fail(
			err, SO_USAGE, "unknown flag '%.*s'; --help lists them", (int)(len < 60 ? len : 60), arg);
	if (flag->type == SO_FLAG_BOOL) {
		if (equals)
			return so_fail(err, SO_USAGE, "%s takes no value", flag->name);
		return set_flag(flag, NULL, out, err);
	}
	if (equals)
		return set_flag(flag, equals + 1, out, err);
	if (*i + 1 >= argc)
		return so_fail(err, SO_USAGE, "%s needs a value (%s)", flag->name, flag->value);
	return set_flag(flag, argv[++*i], out, err);
}

bool so_args_parse(TALLOC_CTX *ctx, const struct so_flag *flags, int argc, char **argv, void *out, struct so_args *rest,
	struct so_err *err)
{
	bool only_args = false;

	*rest = (struct so_args){ .argv = so_new_array(ctx, char *, (size_t)argc + 1) };
	for (int i = 0; i < argc; i++) {
		if (!only_args && strcmp(argv[i], "--") == 0)
			only_args = true;
		else if (only_args || argv[i][0] != '-' || argv[i][1] == '\0')
			rest->argv[rest->argc++] = argv[i];
		else if (!parse_flag(flags, argc, argv, &i, out, err))
			return false;
	}
	return true;
}

void so_args_help(FILE *to, const struct so_flag *flags)
{
	fputs("\nFlags:\n", to);
	for (; flags->name; flags++)
		fprintf(to, "  %s%s%s\n        %s\n", flags->name, flags->value ? " " : "",
			flags->value ? flags->value : "", flags->doc);
}
