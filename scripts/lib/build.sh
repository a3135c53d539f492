# shellcheck shell=bash
# Builds the fat jars when they are missing or older than their sources. Sourced from the
# repository's root, after ui.sh and needs.sh.

# stale JAR MODULE: the jar is missing, or something it is made of is newer.
stale() {
  local jar=$1 place
  [ -f "$jar" ] || return 0
  # The worker's near service is made of the hub's front door.
  for place in pom.xml cluster.xml {shared-codec,node-runtime,hub-verticles,"$2"}/{pom.xml,src/main}; do
    if [ -e "$place" ] && [ -n "$(find "$place" -type f -newer "$jar" -print | head -n 1)" ]; then
      return 0
    fi
  done
  return 1
}

# build_jars force|'' ROLE...: each role is hub or worker.
build_jars() {
  local force=$1 role modules='' jars='' jar commit
  shift
  for role in "$@"; do
    jar=$role-verticles/target/muster-$role.jar
    if [ "$force" = force ] || stale "$jar" "$role-verticles"; then
      modules=$modules${modules:+,}$role-verticles
      jars="$jars $jar"
    fi
  done
  [ -n "$modules" ] || return 0
  find_java yes
  say "Building $modules (the first time downloads libraries; some minutes) ..."
  commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
  ./mvnw -q -Dmaven.test.skip=true -Dcommit="$commit" -pl "$modules" -am package \
    || die "The build failed; its reason is above."
  # shellcheck disable=SC2086 # names of ours, without spaces
  touch $jars
}
