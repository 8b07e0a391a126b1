#!/bin/sh
# A PostgreSQL server of the test's own, on loopback and in a temporary folder, removed when the test process ends.
#   pg_server.sh start PARENT_PID PORT POOLER_PORT   prints the folder, or "skip: reason"
#   pg_server.sh replica FOLDER PORT                 a hot standby beside it
#   pg_server.sh cert FOLDER good|expired            switches the server's certificate
set -eu

bin=${SO_PG_BIN:-/usr/lib/postgresql/15/bin} # another version: the folder of its initdb

as_owner() {
	if [ "$(id -u)" = 0 ]; then
		runuser -u postgres -- "$@"
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
		openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile san.cnf -out good.crt
		# x509 knows no start date; `ca` does.
		mkdir -p ca.d && : >ca.d/index && echo 01 >ca.d/serial
		printf '[ca]\ndefault_ca=d\n[d]\ndir=ca.d\ndatabase=ca.d/index\nserial=ca.d/serial\nnew_certs_dir=ca.d\n' >ca.cnf
		printf 'default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' >>ca.cnf
		openssl ca -batch -config ca.cnf -cert ca.crt -keyfile ca.key -in server.csr -out expired.crt -notext \
			-startdate 20200101000000Z -enddate 20200102000000Z -extfile san.cnf
	) >"$1/openssl.log" 2>&1
}

configure() { # FOLDER PORT
	cat >>"$1/data/postgresql.conf" <<-X
		port=$2
		listen_addresses='127.0.0.1'
		unix_socket_directories='$1'
		shared_preload_libraries='pg_stat_statements'
		pg_stat_statements.track=all
		fsync=off
		full_page_writes=off
		max_connections=60
		shared_buffers=32MB
		max_locks_per_transaction=256
		autovacuum=off
		ssl=on
		ssl_cert_file='$1/server.crt'
		ssl_key_file='$1/server.key'
		log_min_messages=warning
	X
	cat >"$1/data/pg_hba.conf" <<-X
		local all all trust
		local replication all trust
		host all all 127.0.0.1/32 scram-sha-256
	X
}

pooler() { # FOLDER PORT POOLER_PORT
	cat >"$1/pgbouncer.ini" <<-X
		[databases]
		* = host=$1 port=$2
		[pgbouncer]
		listen_addr=127.0.0.1
		listen_port=$3
		unix_socket_dir=
		auth_type=trust
		auth_file=$1/users.txt
		pool_mode=transaction
		default_pool_size=3
		server_round_robin=1
		pidfile=$1/pgbouncer.pid
		logfile=$1/pgbouncer.log
	X
	printf '"postgres" ""\n"reader" ""\n' >"$1/users.txt"
	[ "$(id -u)" != 0 ] || chown postgres: "$1"/*
	as_owner pgbouncer -q -d "$1/pgbouncer.ini"
}

stop() { # FOLDER
	[ ! -f "$1/pgbouncer.pid" ] || kill "$(cat "$1/pgbouncer.pid")" 2>/dev/null || true
	[ ! -d "$1/replica" ] || as_owner "$bin/pg_ctl" -D "$1/replica" -m immediate stop || true
	as_owner "$bin/pg_ctl" -D "$1/data" -m immediate stop || true
	rm -rf "$1"
}

case $1 in
start)
	for tool in "$bin/initdb" openssl pgbouncer; do
		command -v "$tool" >/dev/null || { echo "skip: ${tool##*/} (PostgreSQL, openssl, pgbouncer) is not installed"; exit 0; }
	done
	[ "$(id -u)" != 0 ] || id postgres >/dev/null 2>&1 || { echo "skip: no user postgres to run as"; exit 0; }
	dir=$(mktemp -d /tmp/so-pg.XXXXXX)
	# The watchdog cleans up however the test process ends.
	( trap '' INT TERM HUP; while kill -0 "$2" 2>/dev/null; do sleep 0.5; done; stop "$dir" ) >/dev/null 2>&1 </dev/null &
	chmod 755 "$dir"
	certificates "$dir"
	cp "$dir/good.crt" "$dir/server.crt"
	[ "$(id -u)" != 0 ] || chown -R postgres: "$dir"
	as_owner chmod 600 "$dir/server.key"
	as_owner "$bin/initdb" -D "$dir/data" -U postgres -A trust --no-sync -E UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1
	configure "$dir" "$3"
	as_owner "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/log" start >/dev/null 2>&1 || { cat "$dir/log" >&2; exit 1; }
	pooler "$dir" "$3" "$4"
	echo "$dir"
	;;
replica)
	as_owner "$bin/pg_basebackup" -h "$2" -U postgres -p "$(sed -n 's/^port=//p' "$2/data/postgresql.conf" | tail -1)" \
		-D "$2/replica" -R -X stream -c fast --no-sync >"$2/basebackup.log" 2>&1
	as_owner sh -c 'printf "port=%s\n" "$1" >>"$2/replica/postgresql.conf"' sh "$3" "$2"
	as_owner "$bin/pg_ctl" -D "$2/replica" -w -t 60 -l "$2/replica.log" start >/dev/null 2>&1
	;;
cert)
	cp "$2/$3.crt" "$2/server.crt"
	as_owner "$bin/pg_ctl" -D "$2/data" reload >/dev/null
	;;
esac
