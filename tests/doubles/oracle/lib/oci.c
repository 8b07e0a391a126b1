/* A double of Oracle's client library: the calls of OCI that ODPI-C makes to log in, run statements and fetch texts,
 * answered from a file of cases. What the answers hold is documentation-shaped; no server ever gave them.
 *
 * The file is named by SO_OCI_CASES. A case is a block of lines, ended by an empty one; the first whose `match` occurs
 * in the statement answers:
 *     match TEXT          several lines: all have to occur
 *     user NAME           for this user only
 *     error NUMBER TEXT   ORA-NUMBER
 *     delay SECONDS       until then nothing, or until OCIBreak
 *     deaf                OCIBreak has no effect
 *     columns A:c20 B:n   names, and c for VARCHAR2(size), n for NUMBER or l for LONG, separated by tabs
 *     (rows)              values separated by tabs, \N for NULL; \n in a value is a line break
 *     series FIRST LAST   instead of rows: a number each
 * Statements that answer nothing (ALTER SESSION, SET TRANSACTION, ROLLBACK, EXPLAIN PLAN, DDL) need no case. The
 * password "wrong" is refused, and so is a service "nowhere"; a host "down" does not listen. SO_OCI_LOG names a file
 * that gets each login and statement as a line. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum { SUCCESS = 0, FAILURE = -1, NO_DATA = 100 };
enum { H_ENV = 1, H_STMT = 4, D_PARAM = 53 };
enum {
	A_DATA_SIZE = 1,
	A_DATA_TYPE = 2,
	A_NAME = 4,
	A_PRECISION = 5,
	A_SCALE = 6,
	A_IS_NULL = 7,
	A_PARAM_COUNT = 18,
	A_USERNAME = 22,
	A_PASSWORD = 23,
	A_STMT_TYPE = 24,
	A_CHARSET_ID = 31,
	A_CHARSET_FORM = 32,
	A_ROWS_FETCHED = 197,
	A_CHAR_SIZE = 286,
	A_ENV_CHARSET = 262
};
enum { T_CHAR = 1, T_NUMBER = 2, T_LONG = 8 };
#define MAX_COLUMNS 64
#define UTF8        873

/* Where a value goes that is fetched in pieces (OCI reference, OCIDefineDynamic). */
typedef int32_t (*piece_fn)(void *context, void *define, uint32_t row, void **buffer, uint32_t **length, uint8_t *piece,
	void **indicator, uint16_t **code);

struct column {
	char name[40];
	int type, size;
	void *value;
	int64_t value_size;
	int16_t *indicator;
	uint32_t *length;
	uint16_t *code;
	/* fetched in pieces */
	void *define, *context;
	piece_fn take;
};

/* Every handle and descriptor. */
struct handle {
	uint32_t type;
	struct handle *env, *before, *behind; /* of an environment: all that was allocated in it */
	void *slots[1024]; /* attributes set by the caller */
	char *user, *password;
	/* statements */
	char *sql;
	int n_columns, n_rows, at, fetched, kind;
	struct column columns[MAX_COLUMNS];
	char ***rows;
	struct handle *defines; /* a list, freed with the statement */
	struct column *defined; /* of a define: its column */
	/* parameters: a column of a statement */
	struct handle *statement;
	int column;
};

static _Thread_local int last_code;
static _Thread_local char last_text[600];
static atomic_int broken; /* OCIBreak was called */

static int fail(int code, const char *text)
{
	last_code = code;
	snprintf(last_text, sizeof last_text, "ORA-%05d: %s", code, text);
	return FAILURE;
}

static void note(const char *what, const char *text)
{
	const char *path = getenv("SO_OCI_LOG");
	FILE *log = path ? fopen(path, "a") : NULL;

	if (!log)
		return;
	fprintf(log, "%s ", what);
	for (; *text; text++)
		fputc(*text == '\n' ? ' ' : *text, log);
	fputc('\n', log);
	fclose(log);
}

/* ---- handles --------------------------------------------------------------------------------------------------------
 */

static pthread_mutex_t family = PTHREAD_MUTEX_INITIALIZER;

static struct handle *make(uint32_t type)
{
	struct handle *h = calloc(1, sizeof *h);

	if (!h)
		abort();
	h->type = type;
	return h;
}

static void free_rows(struct handle *h)
{
	for (int i = 0; i < h->n_rows; i++) {
		for (int k = 0; k < h->n_columns; k++)
			free(h->rows[i][k]);
		free(h->rows[i]);
	}
	free(h->rows);
	h->rows = NULL;
	h->n_rows = h->n_columns = h->at = 0;
}

static void drop(struct handle *h);

/* Freeing an environment frees what was allocated in it and not freed (OCI reference, OCIHandleFree). */
static void leave_family(struct handle *h)
{
	while (h->type == H_ENV && h->behind)
		drop(h->behind);
	if (!h->env)
		return;
	pthread_mutex_lock(&family);
	if (h->before)
		h->before->behind = h->behind;
	if (h->behind)
		h->behind->before = h->before;
	pthread_mutex_unlock(&family);
}

static void join_family(struct handle *h, struct handle *env)
{
	pthread_mutex_lock(&family);
	h->env = h->before = env;
	h->behind = env->behind;
	if (h->behind)
		h->behind->before = h;
	env->behind = h;
	pthread_mutex_unlock(&family);
}

static void drop(struct handle *h)
{
	if (!h)
		return;
	leave_family(h);
	free_rows(h);
	while (h->defines) {
		struct handle *next = h->defines->statement;

		free(h->defines);
		h->defines = next;
	}
	free(h->user);
	free(h->password);
	free(h->sql);
	free(h);
}

EXPORT int OCIHandleAlloc(const void *parent, void **out, uint32_t type, size_t extra, void **memory)
{
	struct handle *h = make(type);

	(void)extra, (void)memory;
	if (parent && ((const struct handle *)parent)->type == H_ENV)
		join_family(h, (struct handle *)parent);
	*out = h;
	return SUCCESS;
}

EXPORT int OCIHandleFree(void *h, uint32_t type)
{
	(void)type;
	drop(h);
	return SUCCESS;
}

EXPORT int OCIDescriptorAlloc(const void *parent, void **out, uint32_t type, size_t extra, void **memory)
{
	return OCIHandleAlloc(parent, out, type, extra, memory);
}

EXPORT int OCIDescriptorFree(void *h, uint32_t type)
{
	return OCIHandleFree(h, type);
}

EXPORT void OCIClientVersion(int *major, int *minor, int *update, int *patch, int *port)
{
	*major = 19;
	*minor = 22;
	*update = *patch = *port = 0;
}

EXPORT int OCIThreadProcessInit(void)
{
	return SUCCESS;
}

/* As the real one: what is set goes to `destroy` when its thread ends. */
EXPORT int OCIThreadKeyInit(void *env, void *err, void **key, void (*destroy)(void *))
{
	pthread_key_t *made = calloc(1, sizeof *made);

	(void)env, (void)err;
	if (!made || pthread_key_create(made, destroy) != 0)
		abort();
	*key = made;
	return SUCCESS;
}

EXPORT int OCIThreadKeyGet(void *env, void *err, void *key, void **value)
{
	(void)env, (void)err;
	*value = pthread_getspecific(*(pthread_key_t *)key);
	return SUCCESS;
}

EXPORT int OCIThreadKeySet(void *env, void *err, void *key, void *value)
{
	(void)env, (void)err;
	pthread_setspecific(*(pthread_key_t *)key, value);
	return SUCCESS;
}

EXPORT int OCIThreadKeyDestroy(void *env, void *err, void **key)
{
	(void)env, (void)err;
	pthread_key_delete(*(pthread_key_t *)*key);
	free(*key);
	*key = NULL;
	return SUCCESS;
}

EXPORT int OCIEnvNlsCreate(void **env, uint32_t mode, void *context, void *a, void *b, void *c, size_t extra,
	void **memory, uint16_t charset, uint16_t ncharset)
{
	(void)mode, (void)context, (void)a, (void)b, (void)c, (void)extra, (void)memory, (void)charset, (void)ncharset;
	*env = make(H_ENV);
	return SUCCESS;
}

EXPORT int OCIErrorGet(void *h, uint32_t record, char *state, int32_t *code, char *text, uint32_t size, uint32_t type)
{
	(void)h, (void)record, (void)state, (void)type;
	*code = last_code;
	snprintf(text, size, "%s", last_text);
	return SUCCESS;
}

EXPORT uint16_t OCINlsCharSetNameToId(void *env, const char *name)
{
	(void)env;
	return strstr(name, "UTF16") ? 1000 : UTF8;
}

EXPORT int OCINlsCharSetIdToName(void *env, char *text, size_t size, uint16_t id)
{
	(void)env, (void)id;
	snprintf(text, size, "AL32UTF8");
	return SUCCESS;
}

EXPORT int OCINlsEnvironmentVariableGet(void *value, size_t size, uint16_t item, uint16_t charset, size_t *len)
{
	(void)size, (void)item, (void)charset;
	*(uint16_t *)value = UTF8;
	*len = 2;
	return SUCCESS;
}

EXPORT int OCINlsNumericInfoGet(void *env, void *err, int32_t *value, uint16_t item)
{
	(void)env, (void)err, (void)item;
	*value = 4; /* bytes of a character at most */
	return SUCCESS;
}

EXPORT int OCINlsNameMap(void *env, char *text, size_t size, const char *name, uint32_t flag)
{
	(void)env, (void)flag;
	snprintf(text, size, "%s", name);
	return SUCCESS;
}

/* ---- sessions
 * -------------------------------------------------------------------------------------------------------- */

EXPORT int OCIServerAttach(void *server, void *err, const char *descriptor, int32_t len, uint32_t mode)
{
	char text[600];

	(void)server, (void)err, (void)mode;
	snprintf(text, sizeof text, "%.*s", (int)len, descriptor);
	note("ATTACH", text);
	if (strstr(text, "(HOST=down)"))
		return fail(12541, "TNS:no listener");
	if (strstr(text, "=nowhere)"))
		return fail(12514, "TNS:listener does not currently know of service requested in connect descriptor");
	if (strstr(text, "(HOST=silent)"))
		sleep(3); /* longer than the test waits */
	return SUCCESS;
}

EXPORT int OCIServerDetach(void *server, void *err, uint32_t mode)
{
	(void)server, (void)err, (void)mode;
	return SUCCESS;
}

EXPORT int OCISessionBegin(void *service, void *err, void *session, uint32_t credentials, uint32_t mode)
{
	struct handle *h = session;

	(void)service, (void)err, (void)credentials, (void)mode;
	note("LOGIN", h->user ? h->user : "");
	if (h->password && strcmp(h->password, "wrong") == 0)
		return fail(1017, "invalid username/password; logon denied");
	return SUCCESS;
}

EXPORT int OCISessionEnd(void *service, void *err, void *session, uint32_t mode)
{
	(void)service, (void)err, (void)session, (void)mode;
	return SUCCESS;
}

EXPORT int OCITransRollback(void *service, void *err, uint32_t flags)
{
	(void)service, (void)err, (void)flags;
	return SUCCESS;
}

EXPORT int OCITransCommit(void *service, void *err, uint32_t flags)
{
	(void)service, (void)err, (void)flags;
	return SUCCESS;
}

EXPORT int OCIPing(void *service, void *err, uint32_t mode)
{
	(void)service, (void)err, (void)mode;
	return SUCCESS;
}

EXPORT int OCIBreak(void *service, void *err)
{
	(void)service, (void)err;
	note("BREAK", "");
	atomic_store(&broken, 1);
	return SUCCESS;
}

EXPORT int OCIReset(void *service, void *err)
{
	(void)service, (void)err;
	return SUCCESS;
}

EXPORT int OCIServerRelease2(
	void *h, void *err, char *text, uint32_t size, uint8_t type, uint32_t *version, uint32_t mode)
{
	(void)h, (void)err, (void)type, (void)mode;
	snprintf(text, size, "Oracle Database 19c (double)");
	*version = (19u << 24) | (22u << 20);
	return SUCCESS;
}

/* ---- attributes
 * ------------------------------------------------------------------------------------------------------ */

EXPORT int OCIAttrSet(void *target, uint32_t type, void *value, uint32_t size, uint32_t attribute, void *err)
{
	struct handle *h = target;
	char **text = attribute == A_USERNAME ? &h->user : attribute == A_PASSWORD ? &h->password : NULL;

	(void)type, (void)err;
	if (text) {
		free(*text);
		*text = strndup(value, size);
	} else if (attribute < 1024) {
		h->slots[attribute] = value;
	}
	return SUCCESS;
}

static int param_attribute(const struct handle *h, void *value, uint32_t *size, uint32_t attribute)
{
	const struct column *c = &h->statement->columns[h->column];

	switch (attribute) {
	case A_NAME:
		*(const char **)value = c->name;
		*size = (uint32_t)strlen(c->name);
		return SUCCESS;
	case A_DATA_TYPE:
		*(uint16_t *)value = (uint16_t)c->type;
		return SUCCESS;
	case A_DATA_SIZE:
	case A_CHAR_SIZE:
		*(uint16_t *)value = (uint16_t)c->size;
		return SUCCESS;
	case A_PRECISION:
		*(int16_t *)value = 0;
		return SUCCESS;
	case A_SCALE:
		*(int8_t *)value = -127;
		return SUCCESS;
	case A_IS_NULL:
	case A_CHARSET_FORM:
		*(uint8_t *)value = 1;
		return SUCCESS;
	default:
		if (size) {
			*size = 0;
			*(const char **)value = "";
		} else {
			*(uint8_t *)value = 0;
		}
		return SUCCESS;
	}
}

EXPORT int OCIAttrGet(const void *target, uint32_t type, void *value, uint32_t *size, uint32_t attribute, void *err)
{
	const struct handle *h = target;

	(void)type, (void)err;
	if (h->type == D_PARAM)
		return param_attribute(h, value, size, attribute);
	if (h->type == H_STMT)
		switch (attribute) {
		case A_STMT_TYPE:
			*(uint16_t *)value = (uint16_t)h->kind;
			return SUCCESS;
		case A_PARAM_COUNT:
			*(uint32_t *)value = (uint32_t)h->n_columns;
			return SUCCESS;
		case A_ROWS_FETCHED:
			*(uint32_t *)value = (uint32_t)h->fetched;
			return SUCCESS;
		case 457: /* row count, 64 bits */
			*(uint64_t *)value = (uint64_t)h->at;
			return SUCCESS;
		case 218: /* is returning */
			*(uint8_t *)value = 0;
			return SUCCESS;
		case 190: /* bind count */
			*(uint32_t *)value = 0;
			return SUCCESS;
		case 129: /* parse error offset */
			*(uint16_t *)value = 0;
			return SUCCESS;
		default:
			break;
		}
	switch (attribute) {
	case A_CHARSET_ID:
	case A_ENV_CHARSET:
		*(uint16_t *)value = UTF8;
		return SUCCESS;
	case 143: /* server status: normal */
		*(uint32_t *)value = 1;
		return SUCCESS;
	case 472: /* break on network timeout */
		*(int *)value = 0;
		return SUCCESS;
	case 6: /* server of a service */
	case 7: /* session of a service */
		*(void **)value = h->slots[attribute];
		return SUCCESS;
	default:
		*(uint32_t *)value = 0;
		if (size)
			*size = 0;
		return SUCCESS;
	}
}

/* ---- cases
 * ----------------------------------------------------------------------------------------------------------- */

struct answer { /* of one case */
	bool found, deaf;
	int error, delay;
	char error_text[300];
};

static char *value_of(const char *text)
{
	char *out, *to;

	if (strcmp(text, "\\N") == 0)
		return NULL;
	out = to = strdup(text);
	for (; *text; text++) {
		bool line = text[0] == '\\' && text[1] == 'n';

		*to++ = line ? '\n' : *text;
		text += line;
	}
	*to = '\0';
	return out;
}

static void add_row(struct handle *h, char *line)
{
	char **row = calloc((size_t)h->n_columns, sizeof *row);

	for (int i = 0; i < h->n_columns; i++) {
		char *text = strsep(&line, "\t");

		row[i] = text ? value_of(text) : NULL;
	}
	h->rows = realloc(h->rows, sizeof *h->rows * (size_t)(h->n_rows + 1));
	h->rows[h->n_rows++] = row;
}

static void add_columns(struct handle *h, char *line)
{
	for (char *text; (text = strsep(&line, "\t"));) {
		struct column *c = &h->columns[h->n_columns++];
		char *colon = strrchr(text, ':');

		memset(c, 0, sizeof *c);
		snprintf(c->name, sizeof c->name, "%.*s", (int)(colon - text), text);
		c->type = colon[1] == 'n' ? T_NUMBER : colon[1] == 'l' ? T_LONG : T_CHAR;
		c->size = colon[1] == 'n' ? 22 : colon[1] == 'l' ? 0 : colon[2] ? atoi(colon + 2) : 4000;
	}
}

static void add_series(struct handle *h, int first, int last)
{
	char text[16];

	for (int i = first;; i += first <= last ? 1 : -1) {
		snprintf(text, sizeof text, "%d", i);
		add_row(h, text);
		if (i == last)
			return;
	}
}

/* One line of a block that matched so far. */
static void take_line(struct handle *h, struct answer *answer, char *line)
{
	int first, last;

	if (strncmp(line, "error ", 6) == 0) {
		answer->error = atoi(line + 6);
		snprintf(answer->error_text, sizeof answer->error_text, "%s", strchr(line + 6, ' ') + 1);
	} else if (strncmp(line, "delay ", 6) == 0) {
		answer->delay = atoi(line + 6);
	} else if (strcmp(line, "deaf") == 0) {
		answer->deaf = true;
	} else if (strncmp(line, "columns ", 8) == 0) {
		add_columns(h, line + 8);
	} else if (sscanf(line, "series %d %d", &first, &last) == 2) {
		add_series(h, first, last);
	} else {
		add_row(h, line);
	}
}

static struct answer find_case(struct handle *h, const char *user)
{
	struct answer answer = { false };
	FILE *file = fopen(getenv("SO_OCI_CASES") ? getenv("SO_OCI_CASES") : "/dev/null", "r");
	char *line = NULL;
	size_t room = 0;
	bool matches = true, seen = false;

	while (file && !answer.found && getline(&line, &room, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line) { /* the end of a block */
			answer.found = matches && seen;
			matches = true;
			seen = answer.found;
		} else if (strncmp(line, "match ", 6) == 0) {
			matches = matches && strstr(h->sql, line + 6);
			seen = true;
		} else if (strncmp(line, "user ", 5) == 0) {
			matches = matches && strcmp(user, line + 5) == 0;
		} else if (matches && *line != '#') {
			take_line(h, &answer, line);
		}
	}
	answer.found = answer.found || (matches && seen);
	free(line);
	if (file)
		fclose(file);
	return answer;
}

/* ---- statements
 * ------------------------------------------------------------------------------------------------------ */

/* OCI's number of a kind of statement. */
static int kind_of(const char *sql)
{
	static const struct {
		const char *word;
		int kind;
	} kinds[] = { { "SELECT", 1 }, { "WITH", 1 }, { "UPDATE", 2 }, { "DELETE", 3 }, { "INSERT", 4 },
		{ "CREATE", 5 }, { "DROP", 6 }, { "ALTER", 7 }, { "BEGIN", 8 }, { "MERGE", 16 } };

	if (strncmp(sql, "/*", 2) == 0 && strstr(sql, "*/"))
		sql = strstr(sql, "*/") + 2;
	sql += strspn(sql, " \n");
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strncasecmp(sql, kinds[i].word, strlen(kinds[i].word)) == 0)
			return kinds[i].kind;
	return 0;
}

EXPORT int OCIStmtPrepare2(void *service, void **out, void *err, const char *sql, uint32_t len, const char *key,
	uint32_t key_len, uint32_t language, uint32_t mode)
{
	struct handle *h = make(H_STMT);

	(void)err, (void)key, (void)key_len, (void)language, (void)mode;
	h->sql = strndup(sql, len);
	h->kind = kind_of(h->sql);
	join_family(h, ((struct handle *)service)->env);
	*out = h;
	return SUCCESS;
}

EXPORT int OCIStmtRelease(void *statement, void *err, const char *key, uint32_t key_len, uint32_t mode)
{
	(void)err, (void)key, (void)key_len, (void)mode;
	drop(statement);
	return SUCCESS;
}

EXPORT int OCIStmtExecute(void *service, void *statement, void *err, uint32_t iterations, uint32_t offset, void *in,
	void *out, uint32_t mode)
{
	struct handle *h = statement, *session = ((struct handle *)service)->slots[7];
	struct answer answer;

	(void)err, (void)iterations, (void)offset, (void)in, (void)out, (void)mode;
	note("EXECUTE", h->sql);
	atomic_store(&broken, 0);
	free_rows(h);
	answer = find_case(h, session && session->user ? session->user : "");
	for (int i = 0; answer.found && i < answer.delay * 100; i++) {
		if (atomic_load(&broken) && !answer.deaf)
			return fail(1013, "user requested cancel of current operation");
		usleep(10000);
	}
	if (answer.error)
		return fail(answer.error, answer.error_text);
	if (!answer.found && h->kind == 1)
		return fail(942, "table or view does not exist");
	return SUCCESS;
}

EXPORT int OCIParamGet(const void *statement, uint32_t type, void *err, void **out, uint32_t position)
{
	struct handle *h = make(D_PARAM);

	(void)type, (void)err;
	h->statement = (struct handle *)statement;
	h->column = (int)position - 1;
	*out = h;
	return SUCCESS;
}

EXPORT int OCIDefineByPos2(void *statement, void **define, void *err, uint32_t position, void *value, uint64_t size,
	uint16_t type, void *indicator, uint32_t *length, uint16_t *code, uint32_t mode)
{
	struct handle *h = statement, *d;
	struct column *c = &h->columns[position - 1];

	(void)err, (void)type, (void)mode;
	c->value = value;
	c->value_size = (int64_t)size;
	c->indicator = indicator;
	c->length = length;
	c->code = code;
	if (!*define) {
		d = make(0);
		d->statement = h->defines;
		h->defines = d;
		*define = d;
	}
	((struct handle *)*define)->defined = c;
	return SUCCESS;
}

EXPORT int OCIDefineDynamic(void *define, void *err, void *context, piece_fn take)
{
	struct handle *d = define;

	(void)err;
	d->defined->define = define;
	d->defined->context = context;
	d->defined->take = take;
	return SUCCESS;
}

/* A LONG comes in one piece: what is longer than the buffer is not of any use here. */
static void give_piece(struct column *c, uint32_t row, const char *text)
{
	uint16_t *code = NULL;
	uint32_t *length = NULL;
	uint8_t piece = 1; /* OCI_FIRST_PIECE */
	void *buffer = NULL, *indicator = NULL;

	c->take(c->context, c->define, row, &buffer, &length, &piece, &indicator, &code);
	*(int16_t *)indicator = text ? 0 : -1;
	if (strlen(text ? text : "") < *length)
		*length = (uint32_t)strlen(text ? text : "");
	memcpy(buffer, text ? text : "", *length);
}

EXPORT int OCIBindByPos2(void)
{
	return fail(1006, "bind variable does not exist");
}

EXPORT int OCIBindByName2(void)
{
	return fail(1006, "bind variable does not exist");
}

/* Every value goes out as text, which is how it is asked for. */
EXPORT int OCIStmtFetch2(
	void *statement, void *err, uint32_t wanted, uint16_t orientation, int32_t offset, uint32_t mode)
{
	struct handle *h = statement;
	uint32_t n = 0;

	(void)err, (void)orientation, (void)offset, (void)mode;
	for (; n < wanted && h->at < h->n_rows; n++, h->at++)
		for (int i = 0; i < h->n_columns; i++) {
			struct column *c = &h->columns[i];
			const char *text = h->rows[h->at][i];
			size_t len = text ? strlen(text) : 0;

			if (c->take)
				give_piece(c, n, text);
			if (!c->value)
				continue;
			if ((int64_t)len > c->value_size)
				len = (size_t)c->value_size;
			c->indicator[n] = text ? 0 : -1;
			if (c->code)
				c->code[n] = text ? 0 : 1405;
			if (text)
				memcpy((char *)c->value + n * (size_t)c->value_size, text, len);
			if (c->length)
				c->length[n] = (uint32_t)len;
		}
	h->fetched = (int)n;
	return n < wanted ? NO_DATA : SUCCESS;
}

EXPORT int OCINumberToReal(void *err, const void *number, unsigned len, void *out)
{
	(void)err, (void)number, (void)len;
	*(double *)out = 0;
	return SUCCESS;
}

EXPORT int OCINumberToInt(void *err, const void *number, unsigned len, unsigned flags, void *out)
{
	(void)err, (void)number, (void)len, (void)flags;
	*(int64_t *)out = 0;
	return SUCCESS;
}
