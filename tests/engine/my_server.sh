#!/bin/sh
# A MariaDB server of the test's own, on loopback and in a temporary folder, removed when the test process ends.
#   my_server.sh start PARENT_PID PORT digests|slow-log      prints the folder, or "skip: reason"
set -eu

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
for tool in mariadbd mariadb-install-db mariadb openssl; do
	command -v "$tool" >/dev/null || { echo "skip: $tool (MariaDB server and client, openssl) is not installed"; exit 0; }
done
dir=$(mktemp -d /tmp/so-my.XXXXXX)
# The watchdog cleans up however the test process ends.
( trap '' INT TERM HUP; while kill -0 "$2" 2>/dev/null; do sleep 0.5; done; stop "$dir" ) >/dev/null 2>&1 </dev/null &
chmod 755 "$dir"
[ "$4" = slow-log ] || certificates "$dir"
[ "$(id -u)" != 0 ] || chown -R nobody "$dir"
[ "$4" = slow-log ] || chmod 644 "$dir/server.key"
as_owner mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db \
	--innodb-log-file-size=8M --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync >"$dir/install.log" 2>&1
case $4 in
digests)
	set -- --performance-schema=ON --performance-schema-consumer-events-statements-current=ON \
		--performance-schema-consumer-events-statements-history=ON \
		--performance-schema-consumer-events-statements-history-long=ON --max-digest-length=4096 \
		--performance-schema-max-digest-length=4096 --performance-schema-max-sql-text-length=4096 \
		--ssl-ca="$dir/ca.crt" --ssl-cert="$dir/server.crt" --ssl-key="$dir/server.key" --port="$3"
	;;
slow-log)
	set -- --performance-schema=OFF --log-output=TABLE --slow-query-log=ON --long-query-time=0 --port="$3"
	;;
esac
# In parentheses: a shell that runs a function with redirections keeps the old ones open, and whoever reads our output waits.
(as_owner mariadbd --no-defaults --datadir="$dir/data" --bind-address=127.0.0.1 --socket="$dir/s.sock" --pid-file="$dir/pid" \
	--innodb-buffer-pool-size=32M --innodb-log-file-size=8M --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync \
	--skip-log-bin --character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci "$@") >"$dir/log" 2>&1 </dev/null &
tries=0
until mariadb --no-defaults -S "$dir/s.sock" -u root -e 'SELECT 1' >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ "$tries" -lt 600 ] || { cat "$dir/log" >&2; exit 1; }
	sleep 0.1
done
echo "$dir"
