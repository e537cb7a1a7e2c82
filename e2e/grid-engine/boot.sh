#!/usr/bin/env bash
# Runs inside new namespaces: gives them a name, a /tmp and a host table of their own, and starts a
# daemon of Grid Engine there.
# usage: boot.sh NAME PROGRAM GRID_FOLDER SHARED_FOLDER...
set -euo pipefail
name=$1 program=$2 grid_dir=$3
shift 2
hostname "$name" 2>/dev/null || echo "$name" >/proc/sys/kernel/hostname
mount --bind "$grid_dir/hosts" /etc/hosts
# The master sees what this machine sees: its commands are for programs here.
if [ "$program" != sge_qmaster ]; then
  own=$grid_dir/nodes/$name/tmp
  mkdir -p "$own"
  chmod 1777 "$own"
  for folder in "$@"; do
    [[ $folder == /tmp/* ]] || continue
    mkdir -p "$own/${folder#/tmp/}"
    mount --bind "$folder" "$own/${folder#/tmp/}"
  done
  mount --rbind "$own" /tmp
  mount -t tmpfs -o mode=1777 shm /dev/shm
fi
cd /
exec "$SGE_ROOT/bin/lx-amd64/$program"
