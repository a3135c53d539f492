# shellcheck shell=bash
# A private PostgreSQL for tests: on a free port of loopback, in a folder that goes with it. Sourced
# after ui.sh and needs.sh.

PG_FOLDER=''

# The newest installed server's programs, which Debian keeps off the PATH.
pg_programs() {
  local found
  found=$(find /usr/lib/postgresql /usr/pgsql-* /opt/homebrew/opt/postgresql*/bin -maxdepth 3 -name initdb 2>/dev/null \
    | sort -V | tail -n 1)
  [ -n "$found" ] || found=$(command -v initdb || true)
  [ -n "$found" ] && dirname "$found"
}

# The server refuses to run as root: then it runs as the package's user.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# start_postgres: sets TEST_DATABASE_URL, or fails and says why.
start_postgres() {
  local programs port attempt password
  programs=$(pg_programs) || { install_packages postgresql || true; programs=$(pg_programs); } || {
    warn "Missing: PostgreSQL's server (the database tests run on it for real). Install it:"
    how_to_install postgresql postgresql-server postgresql postgresql >&9
    return 1
  }
  PG_FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/muster-postgres.XXXXXX")
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s\n' "$password" >"$PG_FOLDER/password"
  if [ "$(id -u)" -eq 0 ]; then chown -R postgres "$PG_FOLDER"; fi
  as_postgres "$programs/initdb" -D "$PG_FOLDER/data" -U muster --pwfile="$PG_FOLDER/password" \
    --auth=scram-sha-256 -E UTF8 --locale=C >"$PG_FOLDER/initdb.log" 2>&1 || {
    tail -n 5 "$PG_FOLDER/initdb.log" >&9
    return 1
  }
  # The port is free when it is looked at; where it is taken a moment later, another is tried.
  for attempt in 1 2 3 4 5; do
    port=$((20000 + (RANDOM % 12000)))
    if listening 127.0.0.1 "$port"; then continue; fi
    if as_postgres "$programs/pg_ctl" -D "$PG_FOLDER/data" -l "$PG_FOLDER/log" -w -t 30 -s start -o \
      "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 -c fsync=off" \
      >/dev/null 2>&1; then
      PG_PROGRAMS=$programs
      export TEST_DATABASE_URL="postgresql://muster:$password@127.0.0.1:$port/postgres"
      return 0
    fi
  done
  warn "PostgreSQL did not start ($attempt attempts):"
  tail -n 5 "$PG_FOLDER/log" >&9 || true
  return 1
}

stop_postgres() {
  [ -n "$PG_FOLDER" ] || return 0
  if [ -n "${PG_PROGRAMS:-}" ]; then
    as_postgres "$PG_PROGRAMS/pg_ctl" -D "$PG_FOLDER/data" -m immediate -w -t 20 -s stop >/dev/null 2>&1 || true
  fi
  rm -rf "$PG_FOLDER"
  PG_FOLDER=''
}
