#!/bin/sh
# A MariaDB or MySQL server of the test's own, on loopback and in a temporary folder, removed when the test process ends.
#   my_server.sh start PARENT_PID PORT digests|slow-log      prints the folder, or "skip: reason"
# SO_MY_BIN: a folder with mysqld and mysql, or with bin/mariadb, bin/mariadb-install-db and sbin/mariadbd; without it the
# MariaDB in PATH. In the folder that is printed, `client` runs a client as root, `serve [OPTION ...]` the server again, whose
# process is in `pid`, and `flavor` says mysql or mariadb.
set -eu

# What failed, for those who read the output of the tests.
tell() {
	status=$?
	[ "$status" = 0 ] || tail -n 30 "$dir"/*log >&2 2>/dev/null || true
	exit "$status"
}

as_owner() {
	if [ "$(id -u)" = 0 ]; then
		runuser -u nobody -- "$@"
	else
		"$@"
	fi
}

certificates() { # FOLDER
	(
		cd "$1"
		openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=test ca" -keyout ca.key -out ca.crt
		openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=other ca" -keyout other.key -out other.crt
		openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr
		printf 'subjectAltName=DNS:localhost\n' >san.cnf
		openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile san.cnf -out server.crt
	) >"$1/openssl.log" 2>&1
}

stop() { # FOLDER
	if [ -f "$1/pid" ]; then
		pid=$(cat "$1/pid")
		kill -KILL "$pid" 2>/dev/null || true
		while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
	fi
	rm -rf "$1"
}

[ "$1" = start ]
[ -z "${SO_MY_BIN:-}" ] || PATH=$SO_MY_BIN:$SO_MY_BIN/bin:$SO_MY_BIN/sbin:$PATH
if [ -n "${SO_MY_BIN:-}" ] && [ -x "$SO_MY_BIN/mysqld" ]; then
	flavor=mysql tools="mysqld mysql"
else
	flavor=mariadb tools="mariadbd mariadb-install-db mariadb"
fi
for tool in $tools openssl; do
	command -v "$tool" >/dev/null || { echo "skip: $tool ($flavor server and client, openssl) is not installed"; exit 0; }
done
dir=$(mktemp -d /tmp/so-my.XXXXXX)
# The watchdog cleans up however the test process ends.
( trap '' INT TERM HUP; while kill -0 "$2" 2>/dev/null; do sleep 0.5; done; stop "$dir" ) >/dev/null 2>&1 </dev/null &
trap tell EXIT
chmod 755 "$dir"
# A folder of its own for temporary tables: a server that starts deletes the files of that kind that it finds, and so did two
# servers that started at once in /tmp with each other's.
mkdir "$dir/tmp"
export TMPDIR="$dir/tmp"
[ "$4" = slow-log ] || certificates "$dir"
[ "$(id -u)" != 0 ] || chown -R nobody "$dir"
[ "$4" = slow-log ] || chmod 644 "$dir/server.key"
echo $flavor >"$dir/flavor"
printf '#!/bin/sh\nexec "%s" --no-defaults --binary-as-hex=0 %s -S "%s/s.sock" -u root "$@"\n' \
	"$(command -v "${tools##* }")" "$([ $flavor = mysql ] || echo --skip-ssl)" "$dir" >"$dir/client"
chmod 755 "$dir/client"
if [ $flavor = mysql ]; then
	server=$(command -v mysqld)
	as_owner "$server" --no-defaults --initialize-insecure --datadir="$dir/data" --secure-file-priv=NULL \
		--innodb-redo-log-capacity=8M --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync >"$dir/install.log" 2>&1
	# with TLS in both kinds: without, the client library cannot do the key exchange of caching_sha2_password
	no_tls='' own="--mysqlx=OFF --secure-file-priv=NULL --innodb-redo-log-capacity=8M"
else
	server=$(command -v mariadbd)
	as_owner "$(command -v mariadb-install-db)" --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db \
		--innodb-log-file-size=8M --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync >"$dir/install.log" 2>&1
	no_tls=--skip-ssl own=--innodb-log-file-size=8M
fi
# shellcheck disable=SC2086
case $4 in
digests)
	set -- --performance-schema=ON --performance-schema-consumer-events-statements-current=ON \
		--performance-schema-consumer-events-statements-history=ON \
		--performance-schema-consumer-events-statements-history-long=ON --max-digest-length=4096 \
		--performance-schema-max-digest-length=4096 --performance-schema-max-sql-text-length=4096 \
		--ssl-ca="$dir/ca.crt" --ssl-cert="$dir/server.crt" --ssl-key="$dir/server.key" --port="$3"
	;;
slow-log)
	set -- --performance-schema=OFF --log-output=TABLE --slow-query-log=ON --long-query-time=0 $no_tls --port="$3"
	;;
esac
# setpriv stays no process of its own: runuser stops along with a server that a test stops.
# shellcheck disable=SC2086
cat >"$dir/serve" <<-END
	#!/bin/sh
	export TMPDIR="$dir/tmp"
	exec $([ "$(id -u)" != 0 ] || echo "setpriv --reuid=nobody --regid=nogroup --clear-groups --") "$server" --no-defaults --datadir="$dir/data" \
		--bind-address=127.0.0.1 --socket="$dir/s.sock" --pid-file="$dir/pid" --innodb-buffer-pool-size=32M $own \
		--innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --skip-log-bin \
		--character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci $* "\$@"
END
chmod 755 "$dir/serve"
# In parentheses: a shell that runs a function with redirections keeps the old ones open, and whoever reads our output waits.
("$dir/serve") >"$dir/log" 2>&1 </dev/null &
tries=0
until "$dir/client" -e 'SELECT 1' >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ "$tries" -lt 600 ] || exit 1
	sleep 0.1
done
echo "$dir"
