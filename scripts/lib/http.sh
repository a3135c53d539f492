# shellcheck shell=bash
# HTTP and ports, with what every machine has. Sourced after ui.sh.

# listening HOST PORT: something answers there.
listening() {
  local host=$1
  case $host in
    0.0.0.0 | '' | '::') host=127.0.0.1 ;;
  esac
  (exec 3<>"/dev/tcp/$host/$2") 2>/dev/null
}

# http_get URL [HEADER]: the body on standard output; fails unless the answer is a 2xx within 5 s.
# A header may hold a key: it is no argument, which everybody on the machine can read.
http_get() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsS --noproxy '*' --max-time 5 ${2:+-H @-} "$1" 2>/dev/null <<<"${2:-}"
  elif [ -z "${2:-}" ] && command -v wget >/dev/null 2>&1; then
    wget -q --no-proxy -T 5 -t 1 -O - "$1" 2>/dev/null
  else
    http_get_by_bash "$@"
  fi
}

# http_any URL [HEADER]: the body, whatever the status; empty where nothing answers.
http_any() {
  if command -v curl >/dev/null 2>&1; then
    curl -sS --noproxy '*' --max-time 5 ${2:+-H @-} "$1" 2>/dev/null <<<"${2:-}" || true
  else
    http_get "$@" || true
  fi
}

# http_get over bash's own sockets, for http:// only.
http_get_by_bash() {
  local rest=${1#http://} host port path status line
  host=${rest%%/*}
  path=/${rest#"$host"}
  path=/${path##/}
  port=80
  case $host in *:*) port=${host##*:} host=${host%:*} ;; esac
  { exec 4<>"/dev/tcp/$host/$port"; } 2>/dev/null || return 1
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\n%s\r\n' "$path" "$host" "${2:+$2$'\r\n'}" >&4
  IFS= read -r -t 5 status <&4 || status=''
  case $status in
    *' 2'[0-9][0-9]*) ;;
    *) exec 4>&-; return 1 ;;
  esac
  while IFS= read -r -t 5 line <&4 && [ "$line" != $'\r' ]; do :; done
  cat <&4
  exec 4>&-
}

# authorization: the header for a hub with API_KEYS or API_KEY set, else nothing.
authorization() {
  local key=${API_KEY:-${API_KEYS:-}}
  key=${key%%,*}
  [ -z "$key" ] || printf 'Authorization: Bearer %s' "$key"
}

# json_text KEY: the first string of that name in the JSON on standard input, as it is written there.
json_text() { grep -oE "\"$1\" *: *\"([^\"\\\\]|\\\\.)*\"" | head -n 1 | sed -E 's/^"[^"]*" *: *"//; s/"$//'; }

# json_number KEY: the first number of that name in the JSON on standard input.
json_number() { grep -oE "\"$1\" *: *-?[0-9]+(\.[0-9]+)?" | head -n 1 | sed -E 's/^[^:]*: *//'; }
