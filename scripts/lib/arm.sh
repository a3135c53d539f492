# shellcheck shell=bash
# A Java for aarch64 in a folder, and an emulator that runs it: to try the jars as a small ARM machine runs
# them. Sourced after ui.sh and needs.sh.

ARM_PACKAGES='openjdk-17-jre-headless libc6 libgcc-s1 libstdc++6 zlib1g'

# prepare_arm: sets ARM_JAVA, the words of a command, or fails where the parts cannot be had.
prepare_arm() {
  local home=${XDG_CACHE_HOME:-$HOME/.cache}/muster/arm64 root work
  root=$home/root
  command -v apt-get >/dev/null 2>&1 || return 1
  if ! command -v qemu-aarch64-static >/dev/null 2>&1; then
    unpack_tool qemu-aarch64-static qemu-user-static || install_packages qemu-user-static || return 1
  fi
  if [ "$(cat "$home/packages" 2>/dev/null)" != "$ARM_PACKAGES" ]; then
    say "Fetching a Java for aarch64 ..."
    rm -rf "$home"
    mkdir -p "$root" "$home/apt/lists/partial" "$home/apt/cache/archives/partial"
    work=$home/apt
    # Lists of its own: the machine's stay as they are.
    local apt=(-q -o APT::Architecture=arm64 -o "APT::Architectures=arm64" -o Dir::State::lists="$work/lists"
      -o Dir::Cache="$work/cache" -o Dir::State::status=/dev/null -o APT::Sandbox::User=root)
    apt-get "${apt[@]}" update >"$work/log" 2>&1 || { tail -n 3 "$work/log" >&2; return 1; }
    # shellcheck disable=SC2086 # a list of words
    (cd "$work" && apt-get "${apt[@]}" download $ARM_PACKAGES) >"$work/log" 2>&1 \
      || { tail -n 3 "$work/log" >&2; return 1; }
    local package
    for package in "$work"/*.deb; do dpkg -x "$package" "$root" || return 1; done
    rm -rf "$work"
    printf '%s' "$ARM_PACKAGES" >"$home/packages"
  fi
  ARM_JAVA="$(command -v qemu-aarch64-static) -L $root $root/usr/lib/jvm/java-17-openjdk-arm64/bin/java"
  # shellcheck disable=SC2086 # a list of words
  $ARM_JAVA -version >/dev/null 2>&1
}
