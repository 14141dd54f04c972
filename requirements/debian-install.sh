#!/bin/sh
# Installs the Debian packages that the given lists name, as far as they are missing.
# Takes root or sudo; without either it says what to install, and fails.
# Usage: requirements/debian-install.sh LIST...
set -eu

wanted=$(sed 's/#.*//' "$@")
if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian system; please see to it that there is the like of:" $wanted >&2
    exit 0
fi

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=absent
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root=sudo
else
    echo "Debian packages are missing and this user may not install them. As root, run:" >&2
    echo "    apt-get update && apt-get install$missing" >&2
    exit 1
fi

echo "Installing Debian packages:$missing"
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $missing
