#!/usr/bin/env bash
# A MongoDB-compatible server for tests, where no mongod can be had: FerretDB (built with Go) in front of PostgreSQL 18 with
# the DocumentDB extension (from Debian sid, in a folder of its own; nothing of the host is upgraded). Needs root and Go.
#
#   install                   once per machine: about two minutes and 1 GB in the cache; returns at once when it is there
#   start FOLDER PORT         data and logs in FOLDER, on loopback; returns when it answers
#   kill FOLDER               all of it at once, as a power cut would; `start` goes on with the same data
#   remove FOLDER             ends it and removes its data
set -euo pipefail

home=${XDG_CACHE_HOME:-$HOME/.cache}/messenger/ferretdb
root=$home/sid
postgres=/usr/lib/postgresql/18/bin
# Where Go's own installer puts it, which not every shell's path names.
PATH=$PATH:/usr/local/go/bin
ferretdb_version=v2.7.0

# Runs a program that sees the folder as its root, with /proc and /dev in it as long as it lives.
inside() {
  unshare --mount --propagation private bash -c '
    set -e; root=$1; shift
    mount --rbind /proc "$root/proc"; mount --rbind /dev "$root/dev"
    exec chroot "$root" "$@"' _ "$root" "$@"
}
as_postgres() { inside setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }

until_true() {
  for _ in $(seq 300); do "$@" && return 0; sleep 0.1; done
  echo "gave up waiting for: $*" >&2
  return 1
}

install() {
  [[ -e $home/installed ]] && return
  mkdir -p "$home"
  command -v debootstrap >/dev/null || { apt-get -qq update; apt-get -qq install -y --no-install-recommends debootstrap; }
  local mirror
  mirror=$({ cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true; } |
    awk '/^(URIs:|deb )/ && match($0, /https?:[^ ]+/) && !seen++ { print substr($0, RSTART, RLENGTH) }')
  rm -rf "$root"
  debootstrap --variant=minbase sid "$root" "$mirror"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  mkdir -p "$root/etc/postgresql-common"
  echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"
  inside env DEBIAN_FRONTEND=noninteractive sh -c '
    apt-get -qq -o Acquire::Check-Valid-Until=false update
    apt-get -qq install -y --no-install-recommends postgresql-18-documentdb && apt-get clean'
  GOBIN=$home GOFLAGS=-buildvcs=false go install "github.com/FerretDB/FerretDB/v2/cmd/ferretdb@$ferretdb_version"
  touch "$home/installed"
}

# The data must lie in the folder that PostgreSQL sees as its root.
make_data() {
  local data
  data=/srv/messenger-$RANDOM$RANDOM$RANDOM
  mkdir -p "$root$data"
  inside chown postgres:postgres "$data"
  as_postgres $postgres/initdb -D "$data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 >"$1/initdb.log"
  cat >>"$root$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name = 'postgres'
CONF
  echo "$data" >"$1/data-name"
}

start() {
  local folder=$1 port=$2 data sql_port
  mkdir -p "$folder/state"
  [[ -e $folder/data-name ]] || make_data "$folder"
  data=$(cat "$folder/data-name")
  sql_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  rm -f "$root$data/postmaster.pid"
  as_postgres $postgres/postgres -D "$data" -p "$sql_port" </dev/null >>"$folder/postgres.log" 2>&1 &
  until_true as_postgres $postgres/pg_isready -q -h 127.0.0.1 -p "$sql_port"
  head -n 1 "$root$data/postmaster.pid" >"$folder/postgres.pid"
  as_postgres $postgres/psql -q -h 127.0.0.1 -p "$sql_port" -U postgres \
    -c 'create extension if not exists documentdb cascade' 2>>"$folder/postgres.log"
  DO_NOT_TRACK=true setsid "$home/ferretdb" --postgresql-url="postgres://postgres@127.0.0.1:$sql_port/postgres" \
    --listen-addr="127.0.0.1:$port" --debug-addr=- --state-dir="$folder/state" --telemetry=disable --no-auth \
    </dev/null >>"$folder/ferretdb.log" 2>&1 &
  echo $! >"$folder/ferretdb.pid"
  until_true bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null
}

gone() { ! kill -0 "$1" 2>/dev/null; }

kill_all() {
  local file pid
  for file in "$1/ferretdb.pid" "$1/postgres.pid"; do
    [[ -e $file ]] || continue
    pid=$(cat "$file")
    # PostgreSQL's connections are processes of their own.
    pkill -KILL -P "$pid" 2>/dev/null || true
    kill -KILL "$pid" 2>/dev/null || true
    until_true gone "$pid"
    rm -f "$file"
  done
}

remove() {
  kill_all "$1"
  [[ ! -e $1/data-name ]] || rm -rf "${root:?}$(cat "$1/data-name")"
  rm -rf "$1"
}

case ${1:-} in
  install) install ;;
  start) start "$2" "$3" ;;
  kill) kill_all "$2" ;;
  remove) remove "$2" ;;
  *) sed -n '2,9p' "$0"; exit 2 ;;
esac
