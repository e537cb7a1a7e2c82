#!/bin/sh
# Runs a command in a mount namespace of its own, where the unpacked packages look as if they were
# installed.
# usage: unshare --mount with-packages.sh UNPACKED COMMAND...
mount -t overlay packages -o "lowerdir=$1/unpacked/usr:/usr" /usr || exit 1
shift
exec "$@"
