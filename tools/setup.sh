# Sourced by ./run, ./test and ./package: installs what is missing, builds what is asked for.
# Debian 12 is the system this is made for; Debian 13 and Ubuntu 24.04 have every package under one of the names below.

salus_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
say() { printf '%s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

# "a|b" is the first of these that the package registry knows.
packages_build="clang-19 lld-19 llvm-19 ccache ninja-build cmake pkg-config git ca-certificates
  libboost1.81-dev|libboost-dev libboost-json1.81-dev|libboost-json-dev libboost-url1.81-dev|libboost-url-dev
  librocksdb-dev libfmt-dev libspdlog-dev libtomlplusplus-dev libcli11-dev libexpected-dev prometheus-cpp-dev
  libargon2-dev libssl-dev zlib1g-dev libexpat1-dev libre2-dev libbz2-dev libzstd-dev libgtest-dev libbenchmark-dev nodejs npm"
packages_test="clang-tidy-19 clang-format-19 libclang-rt-19-dev mosquitto mosquitto-clients
  chromium fonts-wqy-microhei python3 python3-paho-mqtt openssl strace"

installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -q '^installed$'; }

# A newer Node.js from elsewhere serves as well as Debian's.
have_already() {
  case $1 in
    nodejs) command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] ;;
    npm) command -v npm >/dev/null ;;
    *) installed "$1" ;;
  esac
}

# Those of $@ that some package list offers.
offered() {
  LC_ALL=C apt-cache ${lists_option:-} policy "$@" 2>/dev/null |
    awk '/^[^ ]/ { name = $1; sub(/:$/, "", name) } /^  Candidate: [^(]/ { printf "%s ", name }'
}

without_candidate() {
  local name known
  known=" $(offered "$@")"
  for name in "$@"; do case $known in *" $name "*) ;; *) printf '%s ' "$name" ;; esac; done
}

# What of $@ is not installed: by its first name that the package lists offer.
missing_packages() {
  local spec name found known
  local missing=()
  for spec in "$@"; do
    found=
    for name in ${spec//|/ }; do have_already "$name" && found=yes && break; done
    [ -n "$found" ] || missing+=("$spec")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  known=" $(offered ${missing[*]//|/ })"
  for spec in "${missing[@]}"; do
    found=${spec%%|*}
    for name in ${spec//|/ }; do case $known in *" $name "*) found=$name && break ;; esac; done
    printf '%s ' "$found"
  done
}

# "498 MB"; nothing where a package is unknown. --assume-no always "fails".
download_size() {
  { LC_ALL=C apt-get ${lists_option:-} install --no-install-recommends --assume-no "$@" 2>/dev/null || true; } |
    sed -n 's/^Need to get \(.*\) of archives.*/\1/p' | sed 's|/.*||; s/\([0-9]\) *\([kMG]B\)/\1 \2/'
}

# setup_packages ASSUME_YES PACKAGES...: says what is missing and how large it is, asks once, installs.
setup_packages() {
  local yes=$1 missing unknown lists= lists_option= log sudo=
  shift
  command -v apt-get >/dev/null || stop "Salus builds on Debian 12, Debian 13 and Ubuntu 24.04; this system has no apt-get. Use the offline bundle that ./package makes on one of them."
  missing=$(missing_packages "$@")
  [ -z "${missing// }" ] && return 0
  [ "$(id -u)" = 0 ] || sudo=sudo
  if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then stop "These packages are missing and there is no sudo; install them as root: $missing"; fi
  log=$(mktemp)
  # Lists that do not know the names are empty or old: fetched to a folder of our own, so that nobody is asked for sudo
  # before having heard what it is for.
  if [ -n "$(without_candidate $missing)" ]; then
    lists=$(mktemp -d)
    mkdir "$lists/partial"
    lists_option="-o Dir::State::Lists=$lists -o Debug::NoLocking=1 -o APT::Sandbox::User=root"
    apt-get $lists_option update >"$log" 2>&1 || true
    missing=$(missing_packages "$@")
    unknown=$(without_candidate $missing)
    if [ -n "$unknown" ] && grep -qE '^(Err|E|W):' "$log"; then
      stop "The package lists cannot be fetched; check the network and the registries in /etc/apt ($(grep -m1 -E '^(E|W):' "$log"))."
    fi
    [ -z "$unknown" ] || stop "This system's registries do not have: ${unknown}(Salus builds on Debian 12, Debian 13 and Ubuntu 24.04; elsewhere use the offline bundle of ./package)."
  fi
  say "Salus needs these packages: $missing"
  say "Download: $(download_size $missing)."
  if [ "$yes" != yes ] && [ -t 0 ]; then
    read -r -p "Install them${sudo:+ with sudo}? [Y/n] " answer
    case $answer in [nN]*) stop "Nothing was installed." ;; esac
  fi
  lists_option=
  if [ -n "$lists" ]; then
    rm -rf "$lists"
    $sudo apt-get update -qq >"$log" 2>&1 || { tail -n 5 "$log" >&2; stop "The package lists cannot be fetched; the lines above say why."; }
  fi
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; stop "Installing failed; the lines above say why. After a long time without use, run apt-get update first."; }
  rm -f "$log"
}

# The console is built once and again only when one of its files is newer.
setup_console() {
  local console=$salus_root/console
  [ -f "$console/package.json" ] || return 0
  if [ ! -d "$console/node_modules" ] || [ "$console/package-lock.json" -nt "$console/node_modules/.installed" ]; then
    say "Installing the console's packages ..."
    (cd "$console" && npm install --no-save --no-audit --no-fund --loglevel=error) ||
      stop "The console's packages could not be installed; check the network and npm's registry ($(npm config get registry))."
    touch "$console/node_modules/.installed"
  fi
  if [ ! -f "$console/dist/index.html" ] ||
    [ -n "$(find "$console/src" "$console/index.html" "$console/package.json" "$console"/*.ts -newer "$console/dist/index.html" -print -quit 2>/dev/null)" ]; then
    say "Building the console ..."
    (cd "$console" && npm run --silent build) || stop "The console did not build."
  fi
}

# FHIR clients that others wrote, for the tests. fhirclient's optional dependencies are for phones and 700 packages: they
# are left out, and overrides keep them out of the lock as well.
setup_clients() {
  local clients=$salus_root/tests/e2e/clients
  [ ! -f "$clients/node_modules/.installed" ] || [ "$clients/package-lock.json" -nt "$clients/node_modules/.installed" ] || return 0
  say "Installing the FHIR clients that the tests use ..."
  (cd "$clients" && npm install --no-save --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error) ||
    stop "The FHIR clients could not be installed; check the network and npm's registry ($(npm config get registry))."
  touch "$clients/node_modules/.installed"
}

# The build would fetch them too; here the reason is said where somebody sees it.
setup_definitions() { "$salus_root/tools/fhir-definitions/install.sh" || exit 1; }

# build PRESET TARGETS...: quiet unless something is wrong.
build() {
  local preset=$1 folder=$salus_root/build
  shift
  [ "$preset" = release ] || folder=$salus_root/build-$preset
  if [ ! -f "$folder/build.ninja" ]; then
    (cd "$salus_root" && cmake --preset "$preset") >"/tmp/salus-cmake.$$" 2>&1 || { tail -n 30 "/tmp/salus-cmake.$$" >&2; stop "CMake did not configure."; }
    rm -f "/tmp/salus-cmake.$$"
  fi
  say "Building ($preset) ..."
  ninja -C "$folder" "$@" >"$folder/build.log" 2>&1 || { grep -E 'error|FAILED|undefined' -A6 "$folder/build.log" | head -n 60 >&2 || true; stop "The build failed; the whole log is $folder/build.log."; }
}
