#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/migrations.h"
#include "store/sqlite/internal.h"

/* "SQOP": marks the file as ours, so that DATABASE_URL pointing at another program's database does no harm. */
#define APPLICATION_ID 0x53514f50

enum { VERSION = sizeof migration_sql / sizeof migration_sql[0] };

/* What SQL alone cannot do: runs behind the migration's text, in its transaction. 5: 005_sample_blocks.sql. */
static const struct {
	int64_t version;
	bool (*run)(struct so_sqlite *db, struct so_err *err);
} steps[] = { { 5, so_sqlite_samples_convert } };

int64_t so_sqlite_store_version(void)
{
	return VERSION;
}

bool so_sqlite_store_check_file(const char *path, struct so_err *err)
{
	struct stat info;

	if (stat(path, &info) != 0)
		return true; /* opening it creates it, or says why not */
	if (!S_ISREG(info.st_mode))
		return so_fail(err, SO_STORE, "'%s' is not a regular file; name another one in DATABASE_URL", path);
	if (info.st_mode & 077)
		return so_fail(
			err, SO_STORE, "others can read or write the store '%s'; run: chmod 600 '%s'", path, path);
	return true;
}

bool so_sqlite_store_lock(struct sqlite_backend *backend, struct so_err *err)
{
	SO_TMP(tmp, backend);
	char *path = so_printf(tmp, "%s.lock", backend->path), pid[32] = "";
	int len;

	backend->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (backend->lock_fd < 0)
		return so_fail(err, SO_STORE,
			"cannot create '%s': %s; check that the folder of DATABASE_URL exists and can be written", path,
			strerrordesc_np(errno));
	if (flock(backend->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		if (pread(backend->lock_fd, pid, sizeof pid - 1, 0) <= 0 || strtol(pid, NULL, 10) <= 0)
			return so_fail(err, SO_STORE, "the store '%s' is in use by another server; stop that one first",
				backend->path);
		return so_fail(err, SO_STORE,
			"the store '%s' is in use by another server (process %ld); stop that one first", backend->path,
			strtol(pid, NULL, 10));
	}
	/* only for the message above: a full disk must not keep the server from starting */
	len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(backend->lock_fd, 0) == 0 && pwrite(backend->lock_fd, pid, (size_t)len, 0) < 0)
		return true;
	return true;
}

static bool run_step(struct so_sqlite *db, int64_t version, struct so_err *err)
{
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (steps[i].version == version && !steps[i].run(db, err))
			return false;
	return true;
}

static bool run_migrations(struct so_sqlite *db, int64_t version, struct so_err *err)
{
	SO_TMP(tmp, db);

	for (; version < VERSION; version++) {
		/* one transaction a version: a crash in between leaves a version that exists */
		const char *after =
			so_printf(tmp, "PRAGMA application_id = %d; PRAGMA user_version = %" PRId64 "; COMMIT",
				APPLICATION_ID, version + 1);

		if (so_sqlite_exec(db, "BEGIN IMMEDIATE", err) && so_sqlite_exec(db, migration_sql[version], err) &&
			run_step(db, version + 1, err) && so_sqlite_exec(db, after, err))
			continue;
		if (so_sqlite_in_tx(db)) {
			struct so_err ignored = SO_ERR_INIT;

			/* the error that is reported is the one before */
			if (!so_sqlite_exec(db, "ROLLBACK", &ignored))
				return false;
		}
		return so_fail_in(err, "migrating the store to version %" PRId64, version + 1);
	}
	return true;
}

bool so_sqlite_store_migrate(struct so_sqlite *db, struct so_err *err)
{
	int64_t application, version, tables;

	if (!so_sqlite_int(db, "PRAGMA application_id", &application, err) ||
		!so_sqlite_int(db, "PRAGMA user_version", &version, err) ||
		!so_sqlite_int(db, "SELECT count(*) FROM sqlite_schema", &tables, err))
		return false;
	if (application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0))
		return so_fail(err, SO_STORE,
			"'%s' is the database of another program; name another file in DATABASE_URL",
			so_sqlite_path(db));
	if (version > VERSION)
		return so_fail(err, SO_STORE,
			"the store '%s' has schema version %" PRId64
			", this program knows %d: it was used by a newer sqlopt; install that version again, or name "
			"another file in DATABASE_URL",
			so_sqlite_path(db), version, (int)VERSION);
	return run_migrations(db, version, err);
}
