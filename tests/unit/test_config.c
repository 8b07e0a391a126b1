#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/fernet.h"

#define KEY "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="

struct fixture {
	TALLOC_CTX *root;
	char *folder, *file;
};

static int setup(void **state)
{
	TALLOC_CTX *root = talloc_new(NULL);
	struct fixture *fix = so_new(root, struct fixture);

	fix->root = root;
	fix->folder = so_strdup(root, "/tmp/sqlopt-test-XXXXXX");
	assert_non_null(mkdtemp(fix->folder));
	fix->file = so_printf(root, "%s/sqlopt.conf", fix->folder);
	*state = fix;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "sqlopt.conf", "a/b/sqlopt.keys", "a/b", "a", "sqlopt.keys", NULL };
	struct fixture *fix = *state;

	for (int i = 0; names[i]; i++)
		remove(so_printf(fix->root, "%s/%s", fix->folder, names[i]));
	if (rmdir(fix->folder) != 0)
		return -1;
	return talloc_free(fix->root);
}

static void write_file(struct fixture *fix, const char *text)
{
	FILE *file = fopen(fix->file, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

enum { ARGS_MAX = 8 };

static struct so_config *load(
	struct fixture *fix, char *const *argv, char *const *environ_text, const char *file, struct so_err *err)
{
	static char home[] = "HOME=/home/nobody-here", *only_home[] = { home, NULL };
	struct so_config_input input = { .argv = (char **)argv, .environ = (char **)environ_text, .file = file };

	while (argv && argv[input.argc])
		input.argc++;
	if (!environ_text)
		input.environ = only_home;
	return so_config_load(fix->root, &input, err);
}

#define ARGS(...) ((char *[]){ __VA_ARGS__, NULL })

static struct so_config *good(struct fixture *fix, char *const *argv, char *const *env, const char *file)
{
	struct so_err err = SO_ERR_INIT;
	struct so_config *config = load(fix, argv, env, file, &err);

	if (!config)
		fail_msg("%s", err.message);
	return config;
}

/* Fails with a message that names both. */
static void bad(struct fixture *fix, char *const *argv, char *const *env, const char *file, const char *name,
	const char *remedy)
{
	struct so_err err = SO_ERR_INIT;

	assert_null(load(fix, argv, env, file, &err));
	if (!strstr(err.message, name) || !strstr(err.message, remedy))
		fail_msg("'%s' does not name '%s' and '%s'", err.message, name, remedy);
}

static void test_defaults(void **state)
{
	struct so_config *config = good(*state, NULL, NULL, NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_buf buf;

	assert_string_equal(config->backend_host, "127.0.0.1");
	assert_int_equal(config->backend_port, 8000);
	assert_false(config->enable_ddl_execution);
	assert_string_equal(config->ollama_base_url, "http://localhost:11434");
	assert_int_equal(config->cors_origins.count, 2);
	assert_string_equal(config->cors_origins.items[1], "http://localhost:5173");
	assert_string_equal(config->store_path, "/home/nobody-here/.local/share/sqlopt/sqlopt.db");
	assert_string_equal(config->keys_path, "/home/nobody-here/.local/share/sqlopt/sqlopt.keys");
	assert_string_equal(config->encryption_key, "");
	assert_int_equal(config->notes.count, 0);
	config = good(*state, NULL, ARGS("HOME=/h", "XDG_DATA_HOME=/x"), NULL);
	assert_string_equal(config->store_path, "/x/sqlopt/sqlopt.db");
	config = good(*state, NULL, ARGS("HOME=/h", "XDG_DATA_HOME=/x", "STATE_DIRECTORY=/var/lib/sqlopt:/y"), NULL);
	assert_string_equal(config->store_path, "/var/lib/sqlopt/sqlopt.db");
	/* without a HOME there is no store, which only a server minds */
	config = good(*state, NULL, ARGS("A=b"), NULL);
	assert_null(config->store_path);
	assert_false(so_config_keys(config, &err));
	assert_non_null(strstr(err.message, "sqlite:////"));
	so_buf_init(&buf, config, 65536);
	so_config_print(config, false, &buf);
	assert_non_null(strstr(so_buf_text(&buf), "DATABASE_URL is not set"));
}

static void test_flags_win_over_environment_over_file(void **state)
{
	struct fixture *fix = *state;
	struct so_config *config;

	write_file(fix, "BACKEND_PORT=1\nOLLAMA_TIMEOUT=11\nOLLAMA_MODEL=from-file\n");
	config = good(fix, ARGS("--config", fix->file, "--backend-port=3", "--enable-ddl-execution"),
		ARGS("HOME=/h", "BACKEND_PORT=2", "OLLAMA_TIMEOUT=22", "ENABLE_DDL_EXECUTION=false", "PATH=/bin"),
		NULL);
	assert_int_equal(config->backend_port, 3);
	assert_int_equal(config->ollama_timeout_s, 22);
	assert_string_equal(config->ollama_model, "from-file");
	assert_true(config->enable_ddl_execution);
	config = good(fix, ARGS("--no-enable-ddl-execution"),
		ARGS("HOME=/h", "ENABLE_DDL_EXECUTION=yes", so_printf(fix->root, "SQLOPT_CONFIG=%s", fix->file)), NULL);
	assert_false(config->enable_ddl_execution);
	assert_int_equal(config->backend_port, 1);
	/* an empty value is none, but for the model server it means: off */
	config = good(fix, NULL, ARGS("HOME=/h", "OLLAMA_BASE_URL="), NULL);
	assert_string_equal(config->ollama_base_url, "");
	config = good(fix, NULL, ARGS("HOME=/h", "BACKEND_PORT=", "CORS_ORIGINS="), fix->file);
	assert_int_equal(config->backend_port, 1);
	assert_int_equal(config->cors_origins.count, 0);
}

static void test_file_syntax(void **state)
{
	struct fixture *fix = *state;
	struct so_config *config;

	write_file(fix, "# comment\n; another\n\n  OLLAMA_MODEL = \"a b\\\"c\"  \r\nBACKEND_HOST='::1'\n"
			"ALLOWED_HOSTS=one.example,\\\ntwo.example\nLOG_LEVEL=Debug\nSECRET_KEY='"
			"0123456789abcdef0123456789abcdef # no comment'\n"
			"CORS_ORIGINS=[\"https://a.example\", \"http://b.example:81\"]\nLOG_FORMAT=json");
	config = good(fix, NULL, NULL, fix->file);
	assert_string_equal(config->ollama_model, "a b\"c");
	assert_string_equal(config->backend_host, "::1");
	assert_int_equal(config->allowed_hosts.count, 2);
	assert_string_equal(config->allowed_hosts.items[1], "two.example");
	assert_int_equal(config->log_level, SO_LOG_DEBUG);
	assert_int_equal(config->log_format, SO_LOG_JSON);
	assert_string_equal(config->secret_key, "0123456789abcdef0123456789abcdef # no comment");
	assert_string_equal(config->cors_origins.items[1], "http://b.example:81");
	assert_int_equal(config->notes.count, 1); /* SECRET_KEY has no effect yet */
}

static void test_errors_of_the_file_name_the_line(void **state)
{
	struct fixture *fix = *state;

	write_file(fix, "\nOLAMA_MODEL=x\n");
	bad(fix, NULL, NULL, fix->file, "line 2", "did you mean OLLAMA_MODEL");
	write_file(fix, "SOMETHING_ELSE=x\n");
	bad(fix, NULL, NULL, fix->file, "SOMETHING_ELSE", "sqlopt config");
	write_file(fix, "export BACKEND_PORT=1\n");
	bad(fix, NULL, NULL, fix->file, "line 1", "NAME=value");
	write_file(fix, "OLLAMA_MODEL=\"never closed\nBACKEND_PORT=1\n");
	bad(fix, NULL, NULL, fix->file, "line 1", "OLLAMA_MODEL is not closed");
	write_file(fix, "#\n#\nBACKEND_PORT=eighty\n");
	bad(fix, NULL, NULL, fix->file, "line 3", "BACKEND_PORT");
	bad(fix, NULL, NULL, "/no/such/file", "/no/such/file", "No such file");
	bad(fix, NULL, NULL, fix->folder, fix->folder, "regular file");
}

static void test_malformed_values(void **state)
{
	static const struct {
		const char *text, *name, *remedy;
	} rows[] = {
		{ "BACKEND_PORT=65536", "BACKEND_PORT", "0 to 65535" },
		{ "BACKEND_PORT=80x", "BACKEND_PORT", "whole number" },
		{ "BACKEND_PORT=99999999999999999999", "BACKEND_PORT", "65535" },
		{ "OLLAMA_TIMEOUT=-1", "OLLAMA_TIMEOUT", "1 to 3600" },
		{ "ENABLE_DDL_EXECUTION=maybe", "ENABLE_DDL_EXECUTION", "true or false" },
		{ "LOG_LEVEL=loud", "LOG_LEVEL", "debug, info, warn, error" },
		{ "OLLAMA_BASE_URL=localhost:11434", "OLLAMA_BASE_URL", "http://" },
		{ "CORS_ORIGINS=localhost", "CORS_ORIGINS", "http://host" },
		{ "CORS_ORIGINS=http://a.example/path", "CORS_ORIGINS", "without a path" },
		{ "CORS_ORIGINS=[\"http://a\"", "CORS_ORIGINS", "a,b,c" },
		{ "DATABASE_URL=postgresql://u:hunter2@h/d", "DATABASE_URL", "sqlite:////" },
		{ "CORS_ORIGINS=[", "CORS_ORIGINS", "a,b,c" },
		{ "DATABASE_URL=mysql://x", "DATABASE_URL", "sqlite:///" },
		{ "DATABASE_URL=sqlite:///", "DATABASE_URL", "names no file" },
		{ "DATABASE_URL=sqlite:///:memory:", "DATABASE_URL", "name a file" },
		{ "ENCRYPTION_KEY=abc", "ENCRYPTION_KEY", "sqlopt config --new-key" },
		{ "ENCRYPTION_KEY=your-encryption-key-change-this", "ENCRYPTION_KEY", "sqlopt config --new-key" },
		{ "SECRET_KEY=your-secret-key-change-this-in-production", "SECRET_KEY", "sample value" },
		{ "SECRET_KEY=short", "SECRET_KEY", "32 characters" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct so_err err = SO_ERR_INIT;

		bad(*state, NULL, ARGS("HOME=/h", (char *)rows[i].text), NULL, rows[i].name, rows[i].remedy);
		assert_null(load(*state, NULL, ARGS("HOME=/h", (char *)rows[i].text), NULL, &err));
		assert_null(strstr(err.message, "hunter2"));
		assert_null(strstr(err.message, "your-"));
	}
}

static void test_flags(void **state)
{
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;
	char *argv[] = { "optimize", "--dsn", "postgresql://x", "--ollama-model", "m", "-", "--", "--log-level", NULL };
	char *rest[9], *env[] = { "HOME=/h", NULL };
	int n_rest = 0;
	struct so_config_input input = { .argc = 8, .argv = argv, .environ = env, .rest = rest, .n_rest = &n_rest };
	struct so_config *config = so_config_load(fix->root, &input, &err);

	assert_non_null(config);
	assert_string_equal(config->ollama_model, "m");
	assert_int_equal(n_rest, 6);
	assert_string_equal(rest[2], "postgresql://x");
	assert_string_equal(rest[5], "--log-level");
	bad(fix, ARGS("--backend-prt", "1"), NULL, NULL, "--backend-prt", "--backend-port");
	bad(fix, ARGS("--backend-port"), NULL, NULL, "--backend-port", "value");
	bad(fix, ARGS("--config"), NULL, NULL, "--config", "file");
	bad(fix, ARGS("--encryption-key", KEY), NULL, NULL, "--encryption-key", "--help");
	bad(fix, ARGS("stray"), NULL, NULL, "stray", "--help");
	bad(fix, ARGS("--backend-port=x"), NULL, NULL, "BACKEND_PORT", "whole number");
	assert_null(load(fix, ARGS("--backend-port=x"), NULL, NULL, &err));
	assert_int_equal(err.kind, SO_USAGE);
}

static void test_database_paths(void **state)
{
	struct fixture *fix = *state;
	char here[4096];

	assert_non_null(getcwd(here, sizeof here));
	assert_string_equal(good(fix, ARGS("--database-url", "sqlite:///./data/x.db"), NULL, NULL)->store_path,
		so_printf(fix->root, "%s/data/x.db", here));
	assert_string_equal(
		good(fix, ARGS("--database-url", "sqlite:////var/x.db"), NULL, NULL)->store_path, "/var/x.db");
	assert_string_equal(good(fix, ARGS("--database-url", "sqlite:///x.db"), NULL, NULL)->keys_path,
		so_printf(fix->root, "%s/sqlopt.keys", here));
}

static void test_keys_are_generated_once(void **state)
{
	struct fixture *fix = *state;
	char *argv[] = { "--database-url", so_printf(fix->root, "sqlite:///%s/a/b/store.db", fix->folder), NULL };
	struct so_config *first = good(fix, argv, NULL, NULL), *second = good(fix, argv, NULL, NULL), *given;
	struct so_err err = SO_ERR_INIT;
	struct stat info;

	assert_true(so_config_keys(first, &err));
	assert_true(so_fernet_key_ok(first->encryption_key));
	assert_true(strlen(first->secret_key) >= 32);
	assert_string_not_equal(first->secret_key, first->encryption_key);
	assert_int_equal(stat(first->keys_path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(stat(so_printf(fix->root, "%s/a", fix->folder), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	assert_int_equal(first->notes.count, 2);
	assert_true(so_config_keys(second, &err));
	assert_string_equal(second->encryption_key, first->encryption_key);
	assert_string_equal(second->secret_key, first->secret_key);
	assert_int_equal(second->notes.count, 0);
	/* a configured key wins and is not written down */
	given = good(fix, argv, ARGS("HOME=/h", "ENCRYPTION_KEY=" KEY "," KEY), NULL);
	assert_true(so_config_keys(given, &err));
	assert_string_equal(given->encryption_key, KEY "," KEY);
	assert_string_equal(given->secret_key, first->secret_key);
	assert_int_equal(chmod(first->keys_path, 0640), 0);
	assert_false(so_config_keys(good(fix, argv, NULL, NULL), &err));
	assert_int_equal(err.kind, SO_FORBIDDEN);
	assert_non_null(strstr(err.message, "chmod 600"));
}

static void test_print_masks_secrets(void **state)
{
	struct fixture *fix = *state;
	struct so_config *config = good(fix, ARGS("--log-level", "warn", "--business-hours-only"),
		ARGS("HOME=/h", "ENCRYPTION_KEY=" KEY, "OLLAMA_BASE_URL=http://user:hunter2@host:1"), NULL);
	struct so_buf text, json;
	json_t *rows;
	size_t vars = 0;

	so_buf_init(&text, fix->root, 65536);
	so_config_print(config, false, &text);
	assert_non_null(strstr(so_buf_text(&text), "warn"));
	assert_null(strstr(so_buf_text(&text), KEY));
	assert_null(strstr(so_buf_text(&text), "hunter2"));
	assert_non_null(strstr(so_buf_text(&text), "(set)"));
	assert_non_null(strstr(so_buf_text(&text), "flag, no effect yet"));
	so_buf_init(&json, fix->root, 65536);
	so_config_print(config, true, &json);
	assert_null(strstr(so_buf_text(&json), KEY));
	rows = json_loads(so_buf_text(&json), 0, NULL);
	while (so_config_vars[vars].name)
		vars++;
	assert_int_equal(json_array_size(rows), vars);
	json_decref(rows);
	so_buf_reset(&text);
	so_config_help(&text);
	for (size_t i = 0; i < vars; i++)
		assert_non_null(strstr(so_buf_text(&text), so_config_vars[i].name));
	assert_false(text.overflow);
}

static void test_table_is_sound(void **state)
{
	static const char *const promised[] = { "OLLAMA_BASE_URL", "OLLAMA_MODEL", "OLLAMA_TIMEOUT",
		"MONITORING_ENABLED", "MONITORING_INTERVAL_MINUTES", "MAX_QUERIES_PER_POLL", "DATABASE_URL",
		"SECRET_KEY", "ENCRYPTION_KEY", "CORS_ORIGINS", "BACKEND_HOST", "BACKEND_PORT", "ENABLE_DDL_EXECUTION",
		"BUSINESS_HOURS_ONLY", "MAX_DDL_EXECUTION_TIME_SECONDS" };
	size_t found = 0;

	(void)state;
	for (size_t i = 0; so_config_vars[i].name; i++) {
		const struct so_config_var *var = &so_config_vars[i];

		assert_true(var->doc && strlen(var->doc) > 10);
		assert_true(var->secret == !var->flag);
		for (size_t k = 0; k < i; k++)
			assert_true(so_config_vars[k].offset != var->offset);
		for (size_t k = 0; k < sizeof promised / sizeof promised[0]; k++)
			found += strcmp(promised[k], var->name) == 0;
	}
	assert_int_equal(found, sizeof promised / sizeof promised[0]);
}

static void test_loopback(void **state)
{
	struct so_err err = SO_ERR_INIT;

	assert_true(so_config_is_loopback("127.0.0.1") && so_config_is_loopback("127.1.2.3") &&
		    so_config_is_loopback("::1"));
	assert_true(so_config_is_loopback("localhost"));
	assert_false(so_config_is_loopback("0.0.0.0") || so_config_is_loopback("::") ||
		     so_config_is_loopback("127.0.0.1.evil.example"));
	assert_false(so_config_is_loopback("128.0.0.1") || so_config_is_loopback("localhost.evil.example"));
	assert_true(so_config_check_serve(good(*state, NULL, NULL, NULL), &err));
	assert_false(so_config_check_serve(good(*state, ARGS("--backend-host", "0.0.0.0"), NULL, NULL), &err));
	assert_int_equal(err.kind, SO_FORBIDDEN);
	assert_true(so_config_check_serve(
		good(*state, ARGS("--backend-host", "0.0.0.0", "--allow-remote-without-login"), NULL, NULL), &err));
}

static void test_no_memory_left(void **state)
{
	struct fixture *fix = *state;
	size_t before;

	write_file(fix, "BACKEND_PORT=1\nCORS_ORIGINS=http://a,http://b\n");
	before = talloc_total_blocks(fix->root);
	talloc_free(good(fix, ARGS("--log-level", "warn"), NULL, fix->file));
	bad(fix, ARGS("--log-level", "loud"), NULL, fix->file, "LOG_LEVEL", "debug");
	assert_int_equal(talloc_total_blocks(fix->root), before);
}

int main(void)
{
#define WITH(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_defaults),
		WITH(test_flags_win_over_environment_over_file),
		WITH(test_file_syntax),
		WITH(test_errors_of_the_file_name_the_line),
		WITH(test_malformed_values),
		WITH(test_flags),
		WITH(test_database_paths),
		WITH(test_keys_are_generated_once),
		WITH(test_print_masks_secrets),
		WITH(test_table_is_sound),
		WITH(test_loopback),
		WITH(test_no_memory_left),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
