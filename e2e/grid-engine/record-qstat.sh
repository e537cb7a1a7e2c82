#!/usr/bin/env bash
# Records what qstat prints of jobs in every state, for the tests of those who read it. Needs a grid
# that is up and idle; takes half a minute.
# usage: record-qstat.sh FOLDER
set -euo pipefail
folder=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
eval "$("$here/grid" env)"
export PATH=$ACME_GRID_BIN:$PATH
cd "$ACME_GRID_SHARED"

# submit NAME OPTIONS...: prints the job's id
submit() {
  local name=$1
  shift
  echo "${body:-sleep 600}" | qsub -terse -N "$name" -o /dev/null -j y "$@" | cut -d. -f1
}

qstat -xml >"$folder/qstat-sge-empty.xml"
running=$(submit running -t 1-3)
submit single >/dev/null
again=$(submit again -r y -t 1-2)
# Its folder is missing, so that it cannot be started at all.
submit error -wd /no/such/folder -t 1-2 >/dev/null
sleep 4
suspended=$(submit suspended)
sleep 4
qmod -sj "$suspended"
qmod -rj "$again.2"
submit held -h -t 1-2 >/dev/null
submit waiting -t 3-9:2 -hold_jid "$running" >/dev/null
submit never -l arch=none >/dev/null
submit limited -t 4-9 -tc 1 >/dev/null
# Its end is announced ten seconds before, so that it can be seen.
leaving=$(body='trap "" USR2; for i in $(seq 600); do sleep 1; done' submit leaving -notify)
sleep 4
submit full -t 1-12 >/dev/null
qdel "$running" -t 2
sleep 4
qdel "$leaving"
sleep 1
qstat -xml >"$folder/qstat-sge.xml"
qdel -u "$(id -un)" >/dev/null
