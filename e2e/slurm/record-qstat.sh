#!/usr/bin/env bash
# Records what SLURM's qsub and qstat print, for the tests of those who read it. Needs a farm that is
# up and idle, and Debian's slurm-wlm-torque.
# usage: record-qstat.sh FOLDER
set -euo pipefail
folder=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
eval "$("$here/farm" env)"
cd "$ACME_FARM_SHARED"

# submit NAME BODY OPTIONS...: prints the job's id
submit() {
  local name=$1 body=$2
  shift 2
  printf '#!/bin/bash\n#PBS -N %s\n#PBS -l select=1:ncpus=1:mem=100MB\n%s\n' "$name" "$body" |
    qsub -j oe -o /dev/null "$@" /dev/stdin
}

{
  qsub --version 2>&1 || true
} >"$folder/qsub-slurm-version.txt"
submit completed true >/dev/null
submit failed 'exit 7' >/dev/null
killed=$(submit killed 'sleep 600')
sleep 3
qdel "$killed"
submit running 'sleep 600' >/dev/null
submit held true -h >/dev/null
submit array 'sleep 600' -J 0-3 >/dev/null
submit later true -a now+1hour >/dev/null
sleep 2
qstat -f >"$folder/qstat-slurm.txt"
scancel --user="$(id -un)"
