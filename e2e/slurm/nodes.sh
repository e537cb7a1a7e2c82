# Life and death of single nodes. What a crash is depends on the mode: with namespaces it is silent,
# on the loopback the kernel still says goodbye on every connection.

start_node() {
  local name=$1
  mkdir -p "$farm_dir/spool/$name"
  [ "$(mode)" = loopback ] || plug_in "$name"
  is_alive "$farm_dir/run/$name.pid" slurmd && return
  local marked=(env "ACME_FARM_NODE=$farm_id:$name")
  if [ "$(mode)" = loopback ]; then
    (cd / && exec "${marked[@]}" slurmd -f "$config_file" -N "$name")
  else
    "${marked[@]}" nsenter --net="/run/netns/$(namespace_of "$name")" unshare --mount --uts \
      "$here/boot-node.sh" "$name" "${shared_folders[@]}"
  fi >>"$farm_dir/log/$name.start" 2>&1 </dev/null
}

# Only slurmd: jobs go on, as they do when it is restarted.
stop_node() { end_process "$farm_dir/run/$1.pid" slurmd; }

# The processes die, the network stays: their peers learn it at once.
kill_node() {
  if [ "$(mode)" = loopback ]; then kill_marked "$1"; else kill_in_namespace "$1"; fi
  rm -f "$farm_dir/run/$1.pid"
}

crash_node() {
  [ "$(mode)" = loopback ] || cut_power "$1"
  kill_node "$1"
}

isolate_node() {
  [ "$(mode)" = namespaces ] || fail "nodes share a network here; none can be isolated"
  unplug "$1"
}

# All that runs on a node, of SLURM and of jobs.
pids_on() {
  if [ "$(mode)" = loopback ]; then marked_pids "$1"; else ip netns pids "$(namespace_of "$1")"; fi
}

# slurmd and slurmstepd have our mark in their environment, jobs have SLURM's.
marked_pids() {
  {
    grep -lzxs "ACME_FARM_NODE=$farm_id:$1" /proc/[0-9]*/environ
    grep -lzxs "SLURM_CONF=$config_file" /proc/[0-9]*/environ |
      xargs -r grep -lzxs "SLURMD_NODENAME=$1"
  } | cut -d/ -f3
}

kill_marked() {
  local pids
  for _ in 1 2 3; do
    pids=$(marked_pids "$1")
    [ -n "$pids" ] || return 0
    kill -9 $pids 2>/dev/null
    sleep 0.05
  done
}

all_nodes_ready() {
  local bad
  bad=$(sinfo --noheader --Node --format='%T' 2>&1 | grep -vcE '^(idle|mixed|allocated|completing)$')
  [ "$bad" = 0 ]
}

# A node that was down when the controller last looked needs to be told to come back.
resume_nodes() {
  local name
  for name in $(sinfo --noheader --Node --format='%N %T' | awk '/down|drain|inval/ {print $1}' | sort -u); do
    scontrol update "nodename=$name" state=resume 2>/dev/null
  done
  true
}
