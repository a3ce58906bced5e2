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

# apt without sources and without lists: nothing but the files that it is given.
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
mkdir "$empty/partial"
apt_here() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -o APT::Sandbox::User=root -o Dir::State::Lists="$empty" -o Dir::Etc::SourceList=/dev/null \
    -o Dir::Etc::SourceParts=/dev/null -o Dpkg::Options::=--force-confold "$@"
}

# What the system has already stays as it is.
version=@VERSION@
missing=
for file in "$here"/debs/*.deb; do
  name=$(dpkg-deb -f "$file" Package)
  [ "$name" != salus ] || continue
  case $(dpkg-query -W -f='${db:Status-Status} ' "$name" 2>/dev/null) in 'installed '*) ;; *) missing="$missing ./debs/${file##*/}" ;; esac
done

# Kept first: a rollback must be possible from the moment the new version is in place.
mkdir -p "$releases/$version"
cp "$here/debs/salus_${version}_amd64.deb" "$releases/$version/salus.deb"
cp "$here/rollback.sh" "$releases/rollback.sh"
before=$(dpkg-query -W -f='${db:Status-Status} ${Version}' salus 2>/dev/null || true)
case $before in
  "installed $version") ;;
  "installed "*) [ -f "$releases/${before#installed }/salus.deb" ] && echo "${before#installed }" >"$releases/previous" ;;
esac

cd "$here"
# Only where something that is there is too old for Salus are all packages of the bundle offered.
salus=./debs/salus_${version}_amd64.deb
if apt_here --simulate install --no-install-recommends --allow-downgrades "$salus" $missing >/dev/null 2>&1; then
  apt_here install -y --no-install-recommends --allow-downgrades "$salus" $missing
else
  apt_here install -y --no-install-recommends ./debs/*.deb
fi
echo "Salus $version is installed. Settings: /etc/salus/salus.toml. Data: /var/lib/salus."
if [ -f "$releases/previous" ]; then echo "To go back to $(cat "$releases/previous"): $releases/rollback.sh"; fi
