#!/bin/sh
# Brings back the version that ran before the last upgrade. Data and settings stay as they are.
set -eu
releases=/var/lib/salus-releases
stop() { echo "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || stop "Run this as root: sudo $0"
[ -f "$releases/previous" ] || stop "No earlier version is kept in $releases: there was no upgrade with install.sh."
version=$(cat "$releases/previous")
package=$releases/$version/salus.deb
[ -f "$package" ] || stop "'$package' is missing; install that version from its own bundle."
now=$(dpkg-query -W -f='${Version}' salus 2>/dev/null || true)

# What the earlier version needs was installed with it and is still there.
dpkg --force-confold --force-downgrade -i "$package" || stop "dpkg could not install $version; the lines above say why."
if [ -n "$now" ] && [ "$now" != "$version" ]; then echo "$now" >"$releases/previous"; fi
echo "Salus $version is installed again. To go forward to ${now:-the later version}: $0"
