#!/usr/bin/env bash
# Records what squeue prints of jobs in every state, as JSON and as text at the same moment, for the
# tests of those who read it. Needs a farm that is up and idle; takes two minutes.
# usage: record-squeue.sh FOLDER TEXT_FORMAT
set -euo pipefail
folder=$1 format=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
eval "$("$here/farm" env)"
cd "$ACME_FARM_SHARED"

# submit NAME BODY OPTIONS...: prints the job's id
submit() {
  local name=$1 body=$2
  shift 2
  printf '#!/bin/bash\n%s\n' "$body" |
    sbatch --parsable --job-name="$name" --comment="acme:recorded:$name" --mem-per-cpu=500 \
      --output=/dev/null --no-requeue "$@"
}

both() {
  squeue --json >"$folder/$1.json"
  SLURM_TIME_FORMAT=%s squeue --noheader --array --states=all --format="$format" >"$folder/$1.txt"
}

completed=$(submit completed 'true')
failed=$(submit failed 'exit 7')
killed=$(submit killed 'kill -9 $$')
timeout=$(submit timeout 'sleep 600' --time=1 --nodelist=node1)
lost=$(submit node-fail 'sleep 600' --nodelist=node4)
again=$(submit node-fail-requeued 'sleep 600' --nodelist=node4 --requeue)
sleep 3
array=$(submit array 'sleep 600' --array=0-11%3 --exclude=node4)
preempted=$(submit requeued 'sleep 600' --array=0-1 --requeue --exclude=node4)
sleep 2
scontrol requeue "${preempted}_1"
scancel "${array}_2" "${array}_7"
submit too-big 'true' --cpus-per-task=64 >/dev/null
held=$(submit held 'true' --hold --array=0-3)
submit later 'true' --begin=now+1hour >/dev/null
submit dependent 'true' --dependency="afterok:$timeout" >/dev/null
submit never 'true' --dependency="afterok:$failed" >/dev/null
submit no-room 'true' --array=3-40:5 --nodelist=node1 --cpus-per-task=2 >/dev/null
submit long-limit 'true' --partition=16GBS --time=10:00:00 >/dev/null || true
submit gpus 'true' --gres=gpu:1 --array=1,4,9-12 --begin=now+2hour >/dev/null
stubborn=$(submit completing 'trap "" TERM; for i in $(seq 600); do sleep 1; done' --nodelist=node2)
"$here/farm" node crash node4
sleep 2
scancel "$stubborn"
sleep 1
both squeue-busy
sleep 85
both squeue-later
scancel --user="$(id -un)"
"$here/farm" node start node4
