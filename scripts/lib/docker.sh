# shellcheck shell=bash
# A private Docker engine for tests: its own folders, socket and network, nothing on a port. Sourced
# after ui.sh and needs.sh.

DOCKER_FOLDER=''
DOCKER_PID=''
DOCKER_IMAGE='muster-test:1'
DOCKER_NETWORK='muster-test'

# engine METHOD PATH [CURL_OPTION...]: asks the private engine.
engine() {
  local method=$1 path=$2
  shift 2
  curl -sS --fail --max-time 20 --unix-socket "$DOCKER_FOLDER/docker.sock" -X "$method" \
    "$@" "http://docker$path"
}

# The engine takes a hook of this name for the sign of an NVIDIA runtime: containers then ask for
# GPUs as they do on a machine that has some, and see the ids in NVIDIA_VISIBLE_DEVICES.
stub_gpu_hook() {
  mkdir -p "$DOCKER_FOLDER/bin"
  printf '#!/bin/sh\nexit 0\n' >"$DOCKER_FOLDER/bin/nvidia-container-runtime-hook"
  chmod 755 "$DOCKER_FOLDER/bin/nvidia-container-runtime-hook"
}

# A small model server: answers what OpenAI's clients ask, one process a connection. While the file
# /tmp/hang is there it answers nothing.
write_model_server() {
  cat >"$1" <<'SERVER'
#!/bin/sh
# MODEL=small nc -ll -p PORT -e /srv/openai
model=${MODEL:-small}
read -r method path rest
length=0
while read -r line; do
  line=$(printf '%s' "$line" | tr -d '\r')
  [ -n "$line" ] || break
  case $line in
    [Cc]ontent-[Ll]ength:*) length=$(printf '%s' "${line#*:}" | tr -d ' ') ;;
  esac
done
body=$(dd bs=1 count="$length" 2>/dev/null)
while [ -e /tmp/hang ]; do sleep 1; done
answer() {
  printf 'HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
    "$1" "$2" "$(printf '%s' "$3" | wc -c)" "$3"
}
case "$method $path" in
  'GET /health') answer '200 OK' text/plain ok ;;
  'GET /v1/models')
    answer '200 OK' application/json '{"object":"list","data":[{"id":"'"$model"'","object":"model","owned_by":"test"}]}' ;;
  'POST /v1/chat/completions')
    case $body in
      *'"stream":true'* | *'"stream": true'*)
        answer '200 OK' text/event-stream 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"'"$model"'","choices":[{"index":0,"delta":{"role":"assistant","content":"hello from '"$(hostname)"'"},"finish_reason":null}]}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"'"$model"'","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

' ;;
      *)
        answer '200 OK' application/json '{"id":"c","object":"chat.completion","created":1,"model":"'"$model"'","choices":[{"index":0,"message":{"role":"assistant","content":"hello from '"$(hostname)"'"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}}' ;;
    esac ;;
  *) answer '404 Not Found' text/plain 'no such path' ;;
esac
SERVER
  chmod 755 "$1"
}

# make_test_image: busybox with all its names, and the model server.
make_test_image() {
  local root=$DOCKER_FOLDER/image busybox
  busybox=$(command -v busybox)
  mkdir -p "$root/bin" "$root/srv" "$root/tmp" "$root/etc" "$root/root"
  cp "$busybox" "$root/bin/busybox"
  "$busybox" --list | while IFS= read -r name; do
    [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
  write_model_server "$root/srv/openai"
  tar -C "$root" -c . | engine POST "/images/create?fromSrc=-&repo=${DOCKER_IMAGE%:*}&tag=${DOCKER_IMAGE#*:}" \
    -H 'Content-Type: application/x-tar' -T - >"$DOCKER_FOLDER/import.log"
}

# wait_for_docker: until the engine answers, 15 s at most.
wait_for_docker() {
  local i
  for ((i = 0; i < 150; i++)); do
    engine GET /_ping >/dev/null 2>&1 && return 0
    kill -0 "$DOCKER_PID" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

# start_docker: as root; sets MUSTER_TEST_DOCKER_HOST, or fails and says why.
start_docker() {
  need dockerd docker.io "an engine for the container tests" moby-engine docker docker || return 1
  need busybox busybox-static "the image of the container tests" busybox busybox-static busybox || return 1
  DOCKER_FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/muster-docker.XXXXXX")
  DOCKER_BRIDGE=muster${DOCKER_FOLDER##*.}
  stub_gpu_hook
  # The flags let it run where there is no overlay file system and no right to change the firewall.
  # A script, so that tests which kill the engine start it again the same way.
  cat >"$DOCKER_FOLDER/start" <<START
#!/bin/sh
PATH=$DOCKER_FOLDER/bin:\$PATH exec dockerd --data-root $DOCKER_FOLDER/data \\
  --exec-root $DOCKER_FOLDER/exec --pidfile $DOCKER_FOLDER/pid -H unix://$DOCKER_FOLDER/docker.sock \\
  --storage-driver vfs --iptables=false --ip6tables=false --bridge=none \\
  --default-ulimit nofile=1024:1024
START
  chmod 755 "$DOCKER_FOLDER/start"
  "$DOCKER_FOLDER/start" >"$DOCKER_FOLDER/log" 2>&1 9>&- &
  DOCKER_PID=$!
  if ! wait_for_docker || ! make_test_image \
    || ! engine POST /networks/create -H 'Content-Type: application/json' \
      -d "{\"Name\":\"$DOCKER_NETWORK\",\"CheckDuplicate\":true,\"Options\":{\"com.docker.network.bridge.name\":\"$DOCKER_BRIDGE\"}}" >/dev/null; then
    warn "The private Docker engine does not work here:"
    tail -n 5 "$DOCKER_FOLDER/log" >&9 || true
    stop_docker
    return 1
  fi
  export MUSTER_TEST_DOCKER_HOST="unix://$DOCKER_FOLDER/docker.sock"
  export MUSTER_TEST_DOCKER_FOLDER=$DOCKER_FOLDER
}

# stop_docker: ends the engine, whichever process it is by now (tests kill it and start it again), and
# leaves neither containers nor mounts behind.
stop_docker() {
  [ -n "$DOCKER_FOLDER" ] || return 0
  local pid id i
  # A test that was cut off may have left it standing still.
  kill -CONT "$(cat "$DOCKER_FOLDER/pid" 2>/dev/null || echo "$DOCKER_PID")" 2>/dev/null || true
  if engine GET /_ping >/dev/null 2>&1; then
    for id in $(engine GET '/containers/json?all=true' | grep -o '"Id":"[0-9a-f]*"' | cut -d'"' -f4); do
      engine DELETE "/containers/$id?force=true&v=true" >/dev/null 2>&1 || true
    done
    engine DELETE "/networks/$DOCKER_NETWORK" >/dev/null 2>&1 || true
  fi
  pid=$(cat "$DOCKER_FOLDER/pid" 2>/dev/null || true)
  for pid in $pid $DOCKER_PID; do kill "$pid" 2>/dev/null || true; done
  for ((i = 0; i < 100; i++)); do
    kill -0 "$(cat "$DOCKER_FOLDER/pid" 2>/dev/null || echo "$DOCKER_PID")" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$(cat "$DOCKER_FOLDER/pid" 2>/dev/null || echo "$DOCKER_PID")" 2>/dev/null || true
  # What an engine that was killed has left: it would not be there after an orderly end.
  umount "$DOCKER_FOLDER"/exec/netns/* "$DOCKER_FOLDER/data" 2>/dev/null || true
  local link
  for link in /sys/class/net/"muster${DOCKER_FOLDER##*.}"/brif/* /sys/class/net/"muster${DOCKER_FOLDER##*.}"; do
    if [ -e "$link" ]; then ip link delete "${link##*/}" 2>/dev/null || true; fi
  done
  rm -rf "$DOCKER_FOLDER" || warn "Left behind: $DOCKER_FOLDER"
  DOCKER_FOLDER='' DOCKER_PID=''
}
