# shellcheck shell=bash
# The few settings that the scripts have to know, looked up as Muster itself does. Sourced from the
# repository's root, after http.sh.

# setting DEFAULT NAME...: the environment, then conf/<environment>.json, then conf/default.json.
setting() {
  local default=$1 name file value conf=${CONF_DIR:-conf}
  shift
  for name in "$@"; do
    value=${!name:-}
    [ -z "$value" ] || { printf '%s\n' "$value"; return; }
  done
  for file in "$conf/${MUSTER_ENV:-${NODE_ENV:-development}}.json" "$conf/default.json"; do
    [ -f "$file" ] || continue
    for name in "$@"; do
      value=$(json_text "$name" <"$file" || true)
      [ -n "$value" ] || value=$(json_number "$name" <"$file" || true)
      [ -z "$value" ] || { printf '%s\n' "$value"; return; }
    done
  done
  printf '%s\n' "$default"
}

# reachable HOST: where a process that listens on HOST is found from here.
reachable() {
  case $1 in
    0.0.0.0 | '::' | '') printf '127.0.0.1\n' ;;
    *) printf '%s\n' "$1" ;;
  esac
}

# hub_url: ROOT_URL, or where the hub is that scripts/run started in this folder, or would.
hub_url() {
  local host port='' file
  [ -z "${ROOT_URL:-}" ] || { printf '%s\n' "${ROOT_URL%/}"; return; }
  host=$(reachable "$(setting 127.0.0.1 ROOT_NODE_HOST HOST)")
  file=$(setting ./data DATA_DIR)/run/hub.pid
  # It may have been started with another port than the settings name now.
  if runs "$file"; then read -r _ port _ <"$file" || true; fi
  [ -n "$port" ] || port=$(setting 3000 ROOT_NODE_PORT PORT)
  printf 'http://%s:%s\n' "$host" "$port"
}

# runs PID_FILE: its process lives and is one of ours.
runs() {
  local pid
  [ -f "$1" ] || return 1
  read -r pid _ <"$1" || return 1
  kill -0 "$pid" 2>/dev/null || return 1
  if [ -r "/proc/$pid/cmdline" ]; then
    tr '\0' ' ' <"/proc/$pid/cmdline"
  else
    ps -p "$pid" -o args= 2>/dev/null
  fi | grep -q muster-
}
