#include "base/config_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fernet.h"
#include "base/secret.h"

/* Creates the missing folders of a path, only for their owner. */
static bool make_folders(TALLOC_CTX *tmp, const char *path, struct so_err *err)
{
	char *folder = so_strdup(tmp, path);

	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return so_fail(err, SO_STORE, "cannot create the folder '%s' for DATABASE_URL: %s", folder,
				strerrordesc_np(errno));
		*slash = '/';
	}
	return true;
}

static bool keys_read(struct so_config *config, bool *exists, struct so_err *err)
{
	SO_TMP(tmp, config);
	struct so_config_file *file;
	struct stat info;

	*exists = lstat(config->keys_path, &info) == 0;
	if (!*exists)
		return true;
	if (!S_ISREG(info.st_mode))
		return so_fail(err, SO_FORBIDDEN, "'%s' is not a regular file; the generated keys belong there",
			config->keys_path);
	if ((info.st_mode & 077) != 0)
		return so_fail(err, SO_FORBIDDEN, "others can read the keys in '%s'; run: chmod 600 '%s'",
			config->keys_path, config->keys_path);
	file = so_config_file_read(tmp, config->keys_path, err);
	for (size_t i = 0; file && i < file->count; i++) {
		const struct so_config_pair *pair = &file->pairs[i];
		char from[160];
		size_t at;
		const struct so_config_var *var = so_config_find(pair->name, &at);

		if (!var || !var->secret)
			return so_fail(err, SO_INPUT,
				"line %d of '%s': only ENCRYPTION_KEY and SECRET_KEY belong there, not %s", pair->line,
				config->keys_path, pair->name);
		if (config->sources[at] != SO_CONFIG_DEFAULT || !*pair->value)
			continue;
		snprintf(from, sizeof from, "line %d of %.120s", pair->line, config->keys_path);
		if (!so_config_set(config, var, pair->value, from, err))
			return false;
		config->sources[at] = SO_CONFIG_GENERATED;
	}
	return file;
}

static bool write_all(int fd, const char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		ssize_t put = write(fd, text, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		text += put;
		left -= (size_t)put;
	}
	return true;
}

/* A new file under another name, on disk before it takes its place: a crash leaves the old one or the new one. */
static bool keys_write(struct so_config *config, int folder, struct so_err *err)
{
	SO_TMP(tmp, config);
	char *fresh = so_printf(tmp, "%s.new", config->keys_path);
	char *text = so_secret_new(tmp, strlen(config->encryption_key) + strlen(config->secret_key) + 256);
	bool ok;
	int fd;

	snprintf(text, talloc_get_size(text),
		"# Keys of this sqlopt store, generated because none were configured. Without ENCRYPTION_KEY the\n# "
		"passwords in the store cannot be read: keep a copy with your "
		"backups.\nENCRYPTION_KEY=%s\nSECRET_KEY=%s\n",
		config->encryption_key, config->secret_key);
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	ok = fd >= 0 && write_all(fd, text) && fsync(fd) == 0 && rename(fresh, config->keys_path) == 0 &&
	     fsync(folder) == 0;
	if (!ok) {
		so_fail(err, SO_STORE,
			"cannot write the generated keys to '%s': %s; free some space, or set ENCRYPTION_KEY and "
			"SECRET_KEY (" SO_CONFIG_NEW_KEY ")",
			config->keys_path, strerrordesc_np(errno));
		unlink(fresh);
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool keys_generate(struct so_config *config, int folder, struct so_err *err)
{
	bool any = false;

	for (size_t i = 0; so_config_vars[i].name; i++) {
		const struct so_config_var *var = &so_config_vars[i];
		char **member = so_config_member(config, var);

		if (!var->secret || **member)
			continue;
		talloc_free(*member);
		*member = so_fernet_new_key(config, err);
		if (!*member) {
			*member = so_secret_dup(config, "");
			return false;
		}
		config->sources[i] = SO_CONFIG_GENERATED;
		so_config_note(config, "%s was not set: generated one into '%s'", var->name, config->keys_path);
		any = true;
	}
	return !any || keys_write(config, folder, err);
}

bool so_config_keys(struct so_config *config, struct so_err *err)
{
	SO_TMP(tmp, config);
	char *folder_path;
	bool exists, ok;
	int folder;

	if (!config->store_path)
		return so_fail(err, SO_INPUT,
			"DATABASE_URL is not set and there is no HOME to put a store into; set "
			"DATABASE_URL=sqlite:////absolute/path.db");
	folder_path =
		so_strndup(tmp, config->keys_path, (size_t)(strrchr(config->keys_path, '/') + 1 - config->keys_path));
	if (!make_folders(tmp, config->store_path, err))
		return false;
	/* the lock is for two servers that start at the same time: both would generate */
	folder = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || flock(folder, LOCK_EX) != 0) {
		so_fail(err, SO_STORE, "cannot open the folder '%s' of DATABASE_URL: %s", folder_path,
			strerrordesc_np(errno));
		if (folder >= 0)
			close(folder);
		return false;
	}
	ok = keys_read(config, &exists, err) && keys_generate(config, folder, err);
	close(folder);
	return ok;
}
