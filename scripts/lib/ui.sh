# shellcheck shell=bash
# How the scripts speak. Sourced, never run.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  BOLD=$(printf '\033[1m') GREEN=$(printf '\033[32m') RED=$(printf '\033[31m')
  YELLOW=$(printf '\033[33m') PLAIN=$(printf '\033[0m')
else
  BOLD='' GREEN='' RED='' YELLOW='' PLAIN=''
fi
export BOLD GREEN RED YELLOW PLAIN

# Something the user wants to know.
say() { printf '%s\n' "$*"; }

# The user's standard error, also where a script sends its own away (bash tells of killed children there).
exec 9>&2

# Something that went another way than asked, and is no failure.
warn() { printf '%s%s%s\n' "$YELLOW" "$*" "$PLAIN" >&9; }

# The reason, and the end.
die() {
  printf '%s%s%s\n' "$RED" "$*" "$PLAIN" >&9
  exit 1
}

# usage FILE: prints the comment at the head of a script.
usage() { sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p;};}' "$1"; }

# whole_number NAME VALUE MIN
whole_number() {
  case $2 in
    '' | *[!0-9]*) die "$1 takes a whole number, not '$2'." ;;
  esac
  [ "$2" -ge "$3" ] || die "$1 must be at least $3, not $2."
}
