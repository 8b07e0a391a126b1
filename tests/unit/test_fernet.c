/* The vectors are those of github.com/fernet/spec (generate.json, verify.json, invalid.json). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/fernet.h"
#include "base/secret.h"

#define SPEC_KEY "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
#define SPEC_TOKEN                                                                                                     \
	"gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="
#define SPEC_TIME 499162800 /* 1985-10-26T01:20:00-07:00 */

static struct so_fernet *keys(TALLOC_CTX *ctx, const char *text)
{
	struct so_err err = SO_ERR_INIT;
	struct so_fernet *fernet = so_fernet_new(ctx, text, &err);

	if (!fernet)
		fail_msg("%s", err.message);
	return fernet;
}

static void test_generate_vector(void **state)
{
	unsigned char iv[16];
	struct so_err err = SO_ERR_INIT;

	for (int i = 0; i < 16; i++)
		iv[i] = (unsigned char)i;
	assert_string_equal(
		so_fernet_encrypt_at(*state, keys(*state, SPEC_KEY), "hello", 5, SPEC_TIME, iv, &err), SPEC_TOKEN);
}

static void test_verify_vector(void **state)
{
	struct so_fernet_plain plain;
	struct so_err err = SO_ERR_INIT;

	assert_true(so_fernet_decrypt(*state, keys(*state, SPEC_KEY), SPEC_TOKEN, SPEC_TIME + 1, 60, &plain, &err));
	assert_string_equal(plain.text, "hello");
	assert_int_equal(plain.len, 5);
	assert_int_equal(plain.time_s, SPEC_TIME);
	assert_int_equal(plain.key, 0);
}

static void test_invalid_vectors(void **state)
{
	static const struct {
		const char *what, *token;
	} bad[] = {
		{ "incorrect mac", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-"
				   "szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==" },
		{ "too short", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==" },
		{ "invalid base64", "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-"
				    "szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==" },
		{ "payload size not multiple of block size", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-"
							     "fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm" },
		{ "payload padding error", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-"
					   "JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==" },
		{ "far-future TS (unacceptable clock skew)", "gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-"
							     "fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==" },
		{ "expired TTL", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-"
				 "szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==" },
		{ "incorrect IV (causes padding error)", "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-"
							 "fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==" },
	};
	struct so_fernet *fernet = keys(*state, SPEC_KEY);

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct so_fernet_plain plain;
		struct so_err err = SO_ERR_INIT;
		int64_t now = strcmp(bad[i].what, "expired TTL") == 0 ? SPEC_TIME + 120 : SPEC_TIME + 1;

		if (so_fernet_decrypt(*state, fernet, bad[i].token, now, 60, &plain, &err))
			fail_msg("accepted: %s", bad[i].what);
		assert_int_equal(err.kind, SO_INPUT);
	}
}

static void test_every_changed_byte_is_noticed(void **state)
{
	struct so_fernet *fernet = keys(*state, SPEC_KEY);

	for (size_t i = 0; i < strlen(SPEC_TOKEN); i++) {
		char *token = so_strdup(*state, SPEC_TOKEN);
		struct so_fernet_plain plain;
		struct so_err err = SO_ERR_INIT;

		token[i] = token[i] == 'A' ? 'B' : 'A';
		assert_false(so_fernet_decrypt(*state, fernet, token, 0, 0, &plain, &err));
		token[i] = '\0';
		assert_false(so_fernet_decrypt(*state, fernet, token, 0, 0, &plain, &err));
	}
}

static void test_round_trips(void **state)
{
	struct so_fernet *fernet = keys(*state, SPEC_KEY);
	char *text = so_new_array(*state, char, SO_FERNET_PLAIN_MAX + 2);
	struct so_err err = SO_ERR_INIT;

	memset(text, 'p', SO_FERNET_PLAIN_MAX + 1);
	for (size_t len = 0; len < 70; len++) {
		struct so_fernet_plain plain;
		char *token = so_fernet_encrypt(*state, fernet, text, len, &err);

		assert_non_null(token);
		assert_true(so_fernet_decrypt(*state, fernet, token, 0, 0, &plain, &err));
		assert_int_equal(plain.len, len);
		assert_int_equal(strlen(plain.text), len);
	}
	assert_non_null(so_fernet_encrypt(*state, fernet, text, SO_FERNET_PLAIN_MAX, &err));
	assert_null(so_fernet_encrypt(*state, fernet, text, SO_FERNET_PLAIN_MAX + 1, &err));
	assert_int_equal(err.kind, SO_LIMIT);
}

static void test_rotation(void **state)
{
	struct so_err err = SO_ERR_INIT;
	char *fresh = so_fernet_new_key(*state, &err);
	struct so_fernet *both = keys(*state, so_printf(*state, "%s, " SPEC_KEY, fresh)), *one = keys(*state, fresh);
	struct so_fernet_plain plain;
	char *token;

	assert_true(so_fernet_key_ok(fresh));
	assert_string_not_equal(fresh, so_fernet_new_key(*state, &err));
	assert_true(so_fernet_decrypt(*state, both, SPEC_TOKEN, 0, 0, &plain, &err));
	assert_int_equal(plain.key, 1);
	assert_false(so_fernet_decrypt(*state, one, SPEC_TOKEN, 0, 0, &plain, &err));
	assert_non_null(strstr(err.message, "ENCRYPTION_KEY"));
	token = so_fernet_encrypt(*state, both, "x", 1, &err);
	assert_true(so_fernet_decrypt(*state, one, token, 0, 0, &plain, &err));
	assert_int_equal(plain.key, 0);
}

static void test_bad_keys(void **state)
{
	static const char *const bad[] = { "", "short", SPEC_KEY ",", "," SPEC_KEY, SPEC_KEY "x",
		"cw+0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4=", "your-encryption-key-change-this" };
	struct so_err err = SO_ERR_INIT;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_null(so_fernet_new(*state, bad[i], &err));
		assert_int_equal(err.kind, SO_INPUT);
		assert_null(*bad[i] ? strstr(err.message, bad[i]) : NULL);
	}
}

static void test_no_memory_left(void **state)
{
	TALLOC_CTX *root = talloc_new(*state);
	struct so_fernet *fernet = keys(root, SPEC_KEY);
	size_t before = talloc_total_blocks(root);
	struct so_fernet_plain plain;
	struct so_err err = SO_ERR_INIT;

	assert_true(so_fernet_decrypt(root, fernet, SPEC_TOKEN, 0, 0, &plain, &err));
	talloc_free(plain.text);
	assert_false(so_fernet_decrypt(root, fernet, "x", 0, 0, &plain, &err));
	talloc_free(so_fernet_encrypt(root, fernet, "x", 1, &err));
	assert_int_equal(talloc_total_blocks(root), before);
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

int main(void)
{
#define WITH(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_generate_vector),
		WITH(test_verify_vector),
		WITH(test_invalid_vectors),
		WITH(test_every_changed_byte_is_noticed),
		WITH(test_round_trips),
		WITH(test_rotation),
		WITH(test_bad_keys),
		WITH(test_no_memory_left),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
