#!/bin/sh
# Installs or upgrades Salus from this folder, without network. Data and settings stay; the version that ran before is
# kept, and rollback.sh brings it back.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
releases=/var/lib/salus-releases
stop() { echo "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || stop "Run this as root: sudo $0"
command -v apt-get >/dev/null || stop "This bundle is for @SYSTEM@; this system has no apt-get."
. /etc/os-release
[ "${ID:-}${VERSION_ID:-}" = "@SYSTEM@" ] || stop "This bundle is for @SYSTEM@, this system is ${ID:-unknown}${VERSION_ID:-}; make one on such a system with ./package."
[ "$(dpkg --print-architecture)" = amd64 ] || stop "This bundle is for amd64."
(cd "$here" && sha256sum --quiet --check SHA256SUMS) || stop "A file of this bundle is damaged; copy it again."

# apt with this folder as its only source: it takes what is missing and leaves what is there.
lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT
mkdir "$lists/partial"
echo "deb [trusted=yes] file:$here/debs ./" >"$lists/bundle.list"
apt_here() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -o APT::Sandbox::User=root -o Dir::State::Lists="$lists" -o Dir::Etc::SourceList="$lists/bundle.list" \
    -o Dir::Etc::SourceParts=/dev/null -o Dpkg::Options::=--force-confold "$@"
}
apt_here -qq update

# Kept first: a rollback must be possible from the moment the new version is in place.
version=@VERSION@
mkdir -p "$releases/$version"
cp "$here/debs/salus_${version}_amd64.deb" "$releases/$version/salus.deb"
cp "$here/rollback.sh" "$releases/rollback.sh"
before=$(dpkg-query -W -f='${db:Status-Status} ${Version}' salus 2>/dev/null || true)
case $before in
  "installed $version") ;;
  "installed "*) [ -f "$releases/${before#installed }/salus.deb" ] && echo "${before#installed }" >"$releases/previous" ;;
esac

apt_here install -y --no-install-recommends --allow-downgrades "salus=$version"
echo "Salus $version is installed. Settings: /etc/salus/salus.toml. Data: /var/lib/salus."
if [ -f "$releases/previous" ]; then echo "To go back to $(cat "$releases/previous"): $releases/rollback.sh"; fi
