#!/usr/bin/env bash
# Runs inside a node's new namespaces: gives it its name, its own /tmp, /dev/shm and host table, and
# starts its slurmd there.
# usage: boot-node.sh NAME FARM_FOLDER SHARED_FOLDER...
set -euo pipefail
name=$1 farm_dir=$2
shift
hostname "$name" 2>/dev/null || echo "$name" >/proc/sys/kernel/hostname

own=$farm_dir/nodes/$name/tmp
mkdir -p "$own"
chmod 1777 "$own"
for folder in "$@"; do
  [[ $folder == /tmp/* ]] || continue
  mkdir -p "$own/${folder#/tmp/}"
  mount --bind "$folder" "$own/${folder#/tmp/}"
done
mount --rbind "$own" /tmp
mount -t tmpfs -o mode=1777 shm /dev/shm
mount --bind "$farm_dir/hosts" /etc/hosts
cd /
exec slurmd -f "$farm_dir/slurm.conf" -N "$name"
