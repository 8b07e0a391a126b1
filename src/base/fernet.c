#include "base/fernet.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

/* A token: version 0x80, time (8 bytes, big endian), IV (16), ciphertext (n x 16), HMAC-SHA256 (32), all of it in
 * URL-safe base64 with padding. A key: 16 bytes for signing, then 16 for AES. */
enum { KEY_SIZE = 32, HALF = 16, HEAD = 1 + 8 + 16, MAC = 32, BLOCK = 16 };
enum { TOKEN_TEXT_MAX = (HEAD + SO_FERNET_PLAIN_MAX + BLOCK + MAC + 2) / 3 * 4 };

struct so_fernet {
	size_t count;
	unsigned char keys[SO_FERNET_KEYS_MAX][KEY_SIZE];
};

static int fernet_dtor(struct so_fernet *fernet)
{
	explicit_bzero(fernet->keys, sizeof fernet->keys);
	return 0;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void base64_encode(char *out, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0) |
				 (i + 2 < len ? bytes[i + 2] : 0);

		*out++ = alphabet[three >> 18];
		*out++ = alphabet[three >> 12 & 63];
		*out++ = i + 1 < len ? alphabet[three >> 6 & 63] : '=';
		*out++ = i + 2 < len ? alphabet[three & 63] : '=';
	}
	*out = '\0';
}

static int base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Strict: whole groups, padding only at the end, unused bits zero, so that every token has exactly one spelling.
 * Returns the number of bytes, or -1. `out` has room for len / 4 * 3. */
static ssize_t base64_decode(unsigned char *out, const char *text, size_t len)
{
	size_t n = 0, pad = 0;

	if (len == 0 || len % 4 != 0)
		return -1;
	while (pad < 2 && text[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i += 4) {
		uint32_t four = 0;

		for (size_t k = 0; k < 4; k++) {
			int value = i + k >= len - pad ? 0 : base64_value((unsigned char)text[i + k]);

			if (value < 0)
				return -1;
			four = four << 6 | (uint32_t)value;
		}
		out[n++] = (unsigned char)(four >> 16);
		out[n++] = (unsigned char)(four >> 8);
		out[n++] = (unsigned char)four;
	}
	for (size_t i = n - pad; i < n; i++)
		if (out[i] != 0)
			return -1;
	return (ssize_t)(n - pad);
}

static bool key_decode(unsigned char key[KEY_SIZE], const char *text, size_t len)
{
	unsigned char raw[KEY_SIZE + 1];
	bool ok = len == SO_FERNET_KEY_TEXT - 1 && base64_decode(raw, text, len) == KEY_SIZE;

	if (ok)
		memcpy(key, raw, KEY_SIZE);
	explicit_bzero(raw, sizeof raw);
	return ok;
}

bool so_fernet_key_ok(const char *key)
{
	unsigned char raw[KEY_SIZE];
	bool ok = key_decode(raw, key, strlen(key));

	explicit_bzero(raw, sizeof raw);
	return ok;
}

struct so_fernet *so_fernet_new(TALLOC_CTX *ctx, const char *keys, struct so_err *err)
{
	struct so_fernet *fernet = so_new(ctx, struct so_fernet);

	talloc_set_destructor(fernet, fernet_dtor);
	for (const char *at = keys;;) {
		size_t len = strcspn(at, ","), blank = strspn(at, " \t"), end = len;

		while (end > blank && (at[end - 1] == ' ' || at[end - 1] == '\t'))
			end--;
		if (blank > end)
			blank = end;
		if (fernet->count == SO_FERNET_KEYS_MAX) {
			so_fail(err, SO_LIMIT, "more than %d encryption keys", SO_FERNET_KEYS_MAX);
			break;
		}
		if (!key_decode(fernet->keys[fernet->count], at + blank, end - blank)) {
			so_fail(err, SO_INPUT,
				"encryption key %zu is not 32 bytes in URL-safe base64 (44 characters); make one with: "
				"sqlopt config --new-key",
				fernet->count + 1);
			break;
		}
		fernet->count++;
		if (!at[len])
			return fernet;
		at += len + 1;
	}
	talloc_free(fernet);
	return NULL;
}

static void mac(unsigned char out[MAC], const unsigned char *key, const unsigned char *bytes, size_t len)
{
	unsigned int size = MAC;

	so_assert(HMAC(EVP_sha256(), key, HALF, bytes, len, out, &size) && size == MAC);
}

char *so_fernet_encrypt_at(TALLOC_CTX *ctx, const struct so_fernet *fernet, const void *bytes, size_t len,
	int64_t time_s, const unsigned char iv[16], struct so_err *err)
{
	EVP_CIPHER_CTX *cipher;
	unsigned char *raw;
	char *token;
	size_t size;
	int part = 0, last = 0;

	if (len > SO_FERNET_PLAIN_MAX) {
		so_fail(err, SO_LIMIT, "a secret of %zu bytes is longer than the limit of %d", len,
			SO_FERNET_PLAIN_MAX);
		return NULL;
	}
	raw = so_mem_need(talloc_size(ctx, HEAD + len + BLOCK + MAC));
	raw[0] = 0x80;
	for (int i = 0; i < 8; i++)
		raw[1 + i] = (unsigned char)((uint64_t)time_s >> (56 - 8 * i));
	memcpy(raw + 9, iv, 16);
	cipher = EVP_CIPHER_CTX_new();
	so_assert(cipher);
	so_assert(EVP_EncryptInit_ex(cipher, EVP_aes_128_cbc(), NULL, fernet->keys[0] + HALF, iv) == 1);
	so_assert(EVP_EncryptUpdate(cipher, raw + HEAD, &part, bytes, (int)len) == 1);
	so_assert(EVP_EncryptFinal_ex(cipher, raw + HEAD + part, &last) == 1);
	EVP_CIPHER_CTX_free(cipher);
	size = HEAD + (size_t)part + (size_t)last;
	mac(raw + size, fernet->keys[0], raw, size);
	size += MAC;
	token = so_mem_need(talloc_size(ctx, (size + 2) / 3 * 4 + 1));
	talloc_set_name_const(token, "char");
	base64_encode(token, raw, size);
	talloc_free(raw);
	return token;
}

char *so_fernet_encrypt(
	TALLOC_CTX *ctx, const struct so_fernet *fernet, const void *bytes, size_t len, struct so_err *err)
{
	unsigned char iv[16];

	if (RAND_bytes(iv, sizeof iv) != 1) {
		so_fail(err, SO_INTERNAL, "no random bytes from OpenSSL");
		return NULL;
	}
	return so_fernet_encrypt_at(ctx, fernet, bytes, len, so_time_now_us() / 1000000, iv, err);
}

/* Padding is checked by OpenSSL, after the HMAC has already shown that the bytes are ours. */
static char *open_cipher(
	TALLOC_CTX *ctx, const unsigned char *key, const unsigned char *raw, size_t cipher_len, size_t *len)
{
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	char *text = so_secret_new(ctx, cipher_len);
	int part = 0, last = 0;
	bool ok;

	so_assert(cipher);
	ok = EVP_DecryptInit_ex(cipher, EVP_aes_128_cbc(), NULL, key + HALF, raw + 9) == 1 &&
	     EVP_DecryptUpdate(cipher, (unsigned char *)text, &part, raw + HEAD, (int)cipher_len) == 1 &&
	     EVP_DecryptFinal_ex(cipher, (unsigned char *)text + part, &last) == 1;
	EVP_CIPHER_CTX_free(cipher);
	if (!ok) {
		talloc_free(text);
		return NULL;
	}
	*len = (size_t)part + (size_t)last;
	memset(text + *len, 0, cipher_len - *len);
	return text;
}

static bool token_time_ok(int64_t time_s, int64_t now_s, int64_t ttl_s)
{
	return ttl_s <= 0 || (time_s <= now_s + 60 && time_s >= now_s - ttl_s);
}

bool so_fernet_decrypt(TALLOC_CTX *ctx, const struct so_fernet *fernet, const char *token, int64_t now_s, int64_t ttl_s,
	struct so_fernet_plain *out, struct so_err *err)
{
	static const char refusal[] =
		"a stored secret cannot be decrypted: it was changed, or ENCRYPTION_KEY is not the key that it was "
		"encrypted with (list the old key after the new one, separated by a comma)";
	SO_TMP(tmp, ctx);
	size_t text_len = strnlen(token, TOKEN_TEXT_MAX + 1);
	unsigned char *raw, expected[MAC];
	uint64_t time_s = 0;
	ssize_t size;

	if (text_len > TOKEN_TEXT_MAX)
		return so_fail(err, SO_INPUT, "%s", refusal);
	raw = so_mem_need(talloc_size(tmp, text_len + 4));
	size = base64_decode(raw, token, text_len);
	if (size < HEAD + BLOCK + MAC || (size - HEAD - MAC) % BLOCK != 0 || raw[0] != 0x80)
		return so_fail(err, SO_INPUT, "%s", refusal);
	for (int i = 0; i < 8; i++)
		time_s = time_s << 8 | raw[1 + i];
	for (size_t key = 0; key < fernet->count; key++) {
		char *text;
		size_t len;

		mac(expected, fernet->keys[key], raw, (size_t)size - MAC);
		if (CRYPTO_memcmp(expected, raw + size - MAC, MAC) != 0)
			continue;
		if (time_s > INT64_MAX / 2 || !token_time_ok((int64_t)time_s, now_s, ttl_s))
			return so_fail(err, SO_INPUT, "a token is older than its lifetime, or from the future");
		text = open_cipher(ctx, fernet->keys[key], raw, (size_t)size - HEAD - MAC, &len);
		if (!text)
			break;
		*out = (struct so_fernet_plain){ .text = text, .len = len, .key = key, .time_s = (int64_t)time_s };
		return true;
	}
	return so_fail(err, SO_INPUT, "%s", refusal);
}

char *so_fernet_new_key(TALLOC_CTX *ctx, struct so_err *err)
{
	unsigned char raw[KEY_SIZE];
	char *text;

	if (RAND_bytes(raw, sizeof raw) != 1) {
		so_fail(err, SO_INTERNAL, "no random bytes from OpenSSL");
		return NULL;
	}
	text = so_secret_new(ctx, SO_FERNET_KEY_TEXT - 1);
	base64_encode(text, raw, sizeof raw);
	explicit_bzero(raw, sizeof raw);
	return text;
}
