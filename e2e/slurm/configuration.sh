# slurm.conf and its companions, as text and as files. `write_configuration` answers whether they
# changed.

slurm_conf() {
  cat <<CONF
ClusterName=acmefarm
SlurmctldHost=$(uname -n | cut -d. -f1)($(controller_address))
SlurmctldPort=$controller_port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$munge_socket
CredType=cred/munge
StateSaveLocation=$farm_dir/state
SlurmdSpoolDir=$farm_dir/spool/%n
SlurmctldPidFile=$farm_dir/run/slurmctld.pid
SlurmdPidFile=$farm_dir/run/%n.pid
SlurmctldLogFile=$farm_dir/log/slurmctld.log
SlurmdLogFile=$farm_dir/log/%n.log
# What a node is said to have counts, not what this machine has.
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=5,bf_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
SlurmctldTimeout=10
SlurmdTimeout=$silence_s
MessageTimeout=$launch_s
TCPTimeout=2
BatchStartTimeout=$launch_s
KillWait=$kill_wait_s
MinJobAge=$remember_s
MaxArraySize=$max_array_size
JobRequeue=1
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=5
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$farm_dir/log/jobcomp.txt
$([ "$node_gpus" -gt 0 ] && echo GresTypes=gpu)
$(for name in $(node_names); do node_line "$name"; done)
$(partition 8GBXS "Default=YES DefaultTime=00:30:00 DefMemPerCPU=500 MaxMemPerCPU=2000" 10 OFF)
$(partition 16GBS "MaxTime=01:00:00 DefMemPerCPU=1000" 10 OFF)
$(partition preempt "GraceTime=5" 1 REQUEUE)
$(partition urgent "" 20 OFF)
CONF
}

# partition NAME WORDS PRIORITY WHAT_PREEMPTION_DOES
partition() {
  echo "PartitionName=$1 Nodes=$(node_range) $2 PriorityTier=$3 PreemptMode=$4"
}

node_line() {
  local where
  if [ "$(mode)" = namespaces ]; then
    where="NodeHostname=$1 NodeAddr=$(address_of "$1") Port=$node_port"
  else
    where="NodeHostname=$(uname -n | cut -d. -f1) NodeAddr=127.0.0.1"
    where+=" Port=$((node_port + $(number_of "$1")))"
  fi
  echo "NodeName=$1 $where CPUs=$node_cpus RealMemory=$node_memory_mb$(gpu_words) State=UNKNOWN"
}

gpu_words() { [ "$node_gpus" -gt 0 ] && echo " Gres=gpu:fake:$node_gpus"; }

# A GPU counts only with a device file.
write_gpus() {
  local name gpu
  rm -f "$farm_dir/gres.conf"
  [ "$node_gpus" -gt 0 ] || return 0
  mkdir -p "$farm_dir/dev"
  for gpu in $(seq 0 $((node_gpus - 1))); do touch "$farm_dir/dev/gpu$gpu"; done
  for name in $(node_names); do
    echo "NodeName=$name Name=gpu Type=fake File=$farm_dir/dev/gpu[0-$((node_gpus - 1))]"
  done | sed 's/\[0-0\]/0/' >"$farm_dir/gres.conf"
}

# Names of the nodes for programs that run on them.
write_hosts() {
  local name
  {
    echo "127.0.0.1 localhost"
    echo "$(controller_address) $(uname -n)"
    for name in $(node_names); do echo "$(address_of "$name") $name"; done
  } >"$farm_dir/hosts"
}

write_configuration() {
  mkdir -p "$farm_dir"/{state,log,run,spool,munge,nodes,shared}
  chmod 755 "$farm_dir" "$farm_dir"/{log,run,spool,nodes}
  chmod 700 "$farm_dir"/{munge,state}
  chmod 1777 "$shared_dir"
  local new
  new=$(slurm_conf)
  [ "$new" != "$(cat "$config_file" 2>/dev/null)" ] || return 1
  echo "$new" >"$config_file"
  echo "CgroupPlugin=cgroup/v1" >"$farm_dir/cgroup.conf"
  touch "$farm_dir/log/jobcomp.txt"
  write_gpus
  write_hosts
}
