#!/usr/bin/env bash
# Both commands in a bare Debian 12 made by debootstrap: `./run` until it answers, then one folder's tests. Needs root and a
# mirror; takes as long as a clean build. Prints a line a case; the last one is `N passed, N failed`.
#   SALUS_BARE_MIRROR=http://…   another mirror than that of this machine
#   SALUS_BARE_SUITE=trixie      another suite than Debian 12
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
passed=0 failed=0 bare= server= suite=${SALUS_BARE_SUITE:-bookworm}

ok() { echo "ok $1"; passed=$((passed + 1)); }
failed() { echo "FAILED $1: $2"; failed=$((failed + 1)); }
finish() { echo "$passed passed, $failed failed"; [ "$failed" = 0 ]; exit; }
skip() { echo "skipped bare $suite: $1"; finish; }

clean_up() {
  [ -n "$server" ] && kill -KILL "$server" 2>/dev/null
  if [ -n "$bare" ]; then
    rm -f "$bare.log"
    umount "$bare/proc" 2>/dev/null
    # Nothing of the host may be mounted there when it is deleted.
    grep -q " $bare/" /proc/mounts || rm -rf --one-file-system "$bare"
  fi
}
trap clean_up EXIT

[ "$(id -u)" = 0 ] || skip "debootstrap needs root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"

# The mirror that this machine uses itself, when it is a Debian.
mirror() {
  [ -n "${SALUS_BARE_MIRROR:-}" ] && echo "$SALUS_BARE_MIRROR" && return
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    grep -oE '^(deb .*|URIs: *)https?://[^ ]+/debian/?( |$)' | grep -oE 'https?://[^ ]+' | head -n 1
}
from=$(mirror)
from=${from:-http://deb.debian.org/debian}

say_end() { tail -n 15 "$1" | sed 's/^/   /'; }
# exec: a signal to the background job must reach the program itself.
inside() {
  exec chroot "$bare" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 \
    NODE_EXTRA_CA_CERTS=/root/trusted.pem "$@"
}

bare=$(mktemp -d)
log=$bare.log
if ! debootstrap --variant=minbase "$suite" "$bare" "$from" >"$log" 2>&1; then
  say_end "$log"
  failed "debootstrap" "no $suite from $from"
  finish
fi
ok "debootstrap $suite from $from"
mount -t proc proc "$bare/proc" || skip "proc cannot be mounted here"
cp /etc/resolv.conf "$bare/etc/" 2>/dev/null
# Behind a proxy that inspects TLS, npm must trust what this machine trusts.
cp /etc/ssl/certs/ca-certificates.crt "$bare/root/trusted.pem" 2>/dev/null || touch "$bare/root/trusted.pem"
mkdir "$bare/salus" && git -C "$root" archive HEAD | tar -x -C "$bare/salus"

# start LIMIT_S: `./run` until it answers; says after how many seconds in `took`.
start() {
  local began=$SECONDS
  rm -f "$bare/root/ready.json"
  inside /salus/run --yes --data /root/data --port-base "${SALUS_BARE_PORT:-29500}" --ready-file /root/ready.json >"$log" 2>&1 </dev/null &
  server=$!
  while [ ! -s "$bare/root/ready.json" ] && kill -0 "$server" 2>/dev/null && [ $((SECONDS - began)) -lt "$1" ]; do sleep 0.2; done
  took=$((SECONDS - began))
  [ -s "$bare/root/ready.json" ] && return
  say_end "$log"
  return 1
}

# The process is `./run`, which became `salus` by exec.
stop() {
  kill -TERM "$server"
  wait "$server"
  local code=$?
  server=
  return $code
}

if start 3600; then ok "./run --yes answers after $took s"; else failed "./run --yes" "not ready after $took s"; finish; fi
if stop; then ok "SIGTERM ends it with 0"; else failed "SIGTERM ends it with 0" "ended with $?"; fi
if start 60; then ok "a second ./run answers after $took s"; stop; else failed "a second ./run" "not ready after $took s"; finish; fi

(inside /salus/test src/base) >"$log" 2>&1 </dev/null
last=$(tail -n 1 "$log")
if [[ $last =~ ^[1-9][0-9]*\ passed,\ 0\ failed$ ]]; then ok "./test src/base: $last"; else say_end "$log"; failed "./test src/base" "$last"; fi
rm -f "$log"
finish
