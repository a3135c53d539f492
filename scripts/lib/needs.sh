# shellcheck shell=bash
# Finds or installs what a script needs. Sourced after ui.sh.

# As root, or by sudo where that asks for no password; fails where neither is possible.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 1
  fi
}

APT_UPDATED=''

# install_packages DEBIAN_PACKAGE...: installs by apt-get; fails where it cannot.
install_packages() {
  command -v apt-get >/dev/null 2>&1 || return 1
  as_root true 2>/dev/null || return 1
  say "Installing $* ..."
  local log
  log=$(mktemp)
  if [ -z "$APT_UPDATED" ]; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 || true
    APT_UPDATED=yes
  fi
  if ! as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q install -y --no-install-recommends "$@" >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# need COMMAND DEBIAN_PACKAGE WHY [FEDORA_PACKAGE ALPINE_PACKAGE BREW_PACKAGE]
# Returns 1, having said what to install, where the command is missing and cannot be installed.
need() {
  local command=$1 package=$2 why=$3
  command -v "$command" >/dev/null 2>&1 && return 0
  install_packages "$package" && command -v "$command" >/dev/null 2>&1 && return 0
  warn "Missing: $command ($why). Install it:"
  how_to_install "$package" "${4:-$package}" "${5:-$package}" "${6:-$package}" >&2
  return 1
}

# unpack_tool COMMAND DEBIAN_PACKAGE: a program that stands alone, out of its package into a folder of
# ours on the PATH: its service is neither installed nor started, and it needs no root.
unpack_tool() {
  local tools=${XDG_CACHE_HOME:-$HOME/.cache}/muster/tools work
  PATH=$PATH:$tools/usr/bin
  export PATH
  command -v "$1" >/dev/null 2>&1 && return 0
  command -v apt-get >/dev/null 2>&1 || return 1
  work=$(mktemp -d) && mkdir -p "$tools"
  (cd "$work" && chmod 755 . && apt-get -q download "$2" && dpkg -x ./*.deb "$tools") >/dev/null 2>&1 || true
  rm -rf "$work"
  command -v "$1" >/dev/null 2>&1
}

# how_to_install DEBIAN FEDORA ALPINE BREW: one line for each system.
how_to_install() {
  printf '  Debian, Ubuntu:  sudo apt-get install %s\n' "$1"
  printf '  Fedora, RHEL:    sudo dnf install %s\n' "$2"
  printf '  Alpine:          sudo apk add %s\n' "$3"
  printf '  macOS:           brew install %s\n' "$4"
}

# java_version JAVA: its major version, or nothing.
java_version() {
  "$1" -version 2>&1 | sed -n 's/.* version "\(1\.\)\{0,1\}\([0-9][0-9]*\).*/\2/p' | head -n 1
}

# java_fits JAVA WITH_COMPILER: 17 or newer, with javac beside it where that is asked for.
java_fits() {
  local version
  [ -x "$1" ] || return 1
  version=$(java_version "$1")
  [ "${version:-0}" -ge 17 ] || return 1
  [ "$2" != yes ] || [ -x "${1%java}javac" ]
}

# real_path FILE: through all links (readlink -f is not everywhere).
real_path() {
  local file=$1 link
  while [ -L "$file" ]; do
    link=$(readlink "$file")
    case $link in
      /*) file=$link ;;
      *) file=$(dirname "$file")/$link ;;
    esac
  done
  printf '%s\n' "$file"
}

# look_for_java WITH_COMPILER: sets JAVA, or fails.
look_for_java() {
  local candidate
  for candidate in "${JAVA_HOME:-/nowhere}/bin/java" \
    "$(real_path "$(command -v java 2>/dev/null || echo /nowhere)")" \
    /usr/lib/jvm/*/bin/java /opt/java/*/bin/java \
    /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java \
    /opt/homebrew/opt/openjdk*/bin/java /usr/local/opt/openjdk*/bin/java \
    "$HOME"/.sdkman/candidates/java/current/bin/java; do
    if java_fits "$candidate" "$1"; then
      JAVA=$candidate
      return 0
    fi
  done
  return 1
}

# find_java [yes]: sets JAVA and JAVA_HOME to a Java 17 or newer (a JDK with `yes`), installs one, or
# says what to install and exits.
find_java() {
  local compiler=${1:-no}
  if [ -n "${JAVA_HOME:-}" ] && ! java_fits "$JAVA_HOME/bin/java" "$compiler"; then
    warn "JAVA_HOME=$JAVA_HOME is no JDK 17 or newer; looking for another."
  fi
  if ! look_for_java "$compiler"; then
    if ! { install_packages openjdk-17-jdk-headless || install_packages default-jdk-headless; } \
      || ! look_for_java "$compiler"; then
      warn "Muster needs a JDK, version 17 or newer, and none was found. Install one:"
      how_to_install openjdk-17-jdk-headless java-21-openjdk-devel openjdk21-jdk openjdk@21 >&2
      die "Then run this again (or set JAVA_HOME to where it is)."
    fi
  fi
  JAVA_HOME=$(dirname "$(dirname "$JAVA")")
  export JAVA JAVA_HOME
}
