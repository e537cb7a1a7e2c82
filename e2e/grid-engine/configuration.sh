# The cell of the grid: what its first start needs, as files, and what it is told once it runs.

write_cell() {
  mkdir -p "$cell_dir/common" "$grid_dir"/{spool/qmaster,nodes,log,run,bin,shared}
  chmod 1777 "$shared_dir"
  local kind
  for kind in bin lib utilbin; do
    mkdir -p "$SGE_ROOT/$kind"
    ln -sfn "$programs" "$SGE_ROOT/$kind/lx-amd64"
  done
  ln -sfn /usr/share/gridengine/util "$SGE_ROOT/util"
  bootstrap_text >"$cell_dir/common/bootstrap"
  echo $master >"$cell_dir/common/act_qmaster"
  write_hosts
  write_commands
  spool_defaults
}

bootstrap_text() {
  cat <<TEXT
admin_user              none
default_domain          none
ignore_fqdn             false
spooling_method         classic
spooling_lib            libspoolc
spooling_params         $cell_dir/common;$grid_dir/spool/qmaster
binary_path             $SGE_ROOT/bin
qmaster_spool_dir       $grid_dir/spool/qmaster
security_mode           none
listener_threads        2
worker_threads          2
scheduler_threads       1
TEXT
}

write_hosts() {
  local name
  {
    echo "127.0.0.1 localhost"
    echo "$network.1 $master"
    for name in $(node_names); do echo "$(address_of "$name") $name"; done
  } >"$grid_dir/hosts"
}

spool_defaults() {
  local defaults=$cache_dir/unpacked/usr/share/gridengine resources
  resources=$defaults/util/resources
  sed -e "s|^execd_spool_dir.*|execd_spool_dir $grid_dir/spool|" \
    -e 's|^mailer.*|mailer /bin/true|' -e 's|^\(min_[ug]id\).*|\1 0|' \
    -e 's|^load_report_time.*|load_report_time 00:00:05|' \
    -e 's|^max_unheard.*|max_unheard 00:00:15|' \
    "$defaults/default-configuration" >"$grid_dir/configuration"
  inside spoolinit classic libspoolc "$cell_dir/common;$grid_dir/spool/qmaster" init
  inside spooldefaults.bin configuration "$grid_dir/configuration"
  inside spooldefaults.bin complexes "$resources/centry"
  inside spooldefaults.bin usersets "$resources/usersets"
  inside spooldefaults.bin managers root
} >>"$grid_dir/log/spool" 2>&1

inside() {
  LD_LIBRARY_PATH=$programs unshare --mount "$here/with-packages.sh" "$cache_dir" \
    "$programs/$1" "${@:2}"
}

# The commands of a submit host, for a PATH on this machine: they run as if on the master.
write_commands() {
  local command
  for command in qsub qstat qdel qconf qhost qacct qmod qalter qping; do
    command_text $command >"$grid_dir/bin/$command"
    chmod 755 "$grid_dir/bin/$command"
  done
}

command_text() {
  cat <<TEXT
#!/bin/sh
pid=\$(cat "$master_pid_file") || exit 1
export SGE_ROOT=$SGE_ROOT SGE_CELL=$SGE_CELL
export SGE_QMASTER_PORT=$SGE_QMASTER_PORT SGE_EXECD_PORT=$SGE_EXECD_PORT
exec nsenter --target "\$pid" --mount --uts --wdns="\$PWD" \\
  $programs/$1 "\$@"
TEXT
}

# Queues, hosts, pace: as its manager.
tell_master() {
  local name qconf=$grid_dir/bin/qconf told=$grid_dir/told
  mkdir -p "$told"
  "$qconf" -as $master
  for name in $(node_names); do
    "$qconf" -as "$name"
    host_text "$name" >"$told/$name"
    "$qconf" -Ae "$told/$name"
  done
  group_text >"$told/group"
  "$qconf" -Ahgrp "$told/group"
  queue_text >"$told/queue"
  "$qconf" -Aq "$told/queue"
  "$qconf" -ssconf | sed -e 's|^schedule_interval.*|schedule_interval 0:0:2|' \
    -e 's|^flush_submit_sec.*|flush_submit_sec 1|' \
    -e 's|^flush_finish_sec.*|flush_finish_sec 1|' >"$told/scheduler"
  "$qconf" -Msconf "$told/scheduler"
  touch "$grid_dir/complete"
} >>"$grid_dir/log/qconf" 2>&1

host_text() {
  printf '%s\n' "hostname $1" "load_scaling NONE" "complex_values NONE" "user_lists NONE" \
    "xuser_lists NONE" "projects NONE" "xprojects NONE" "usage_scaling NONE" "report_variables NONE"
}

group_text() { printf '%s\n' "group_name @allhosts" "hostlist $(node_names | xargs)"; }

# Of the defaults only what a machine with few cores needs is other: slots count, not its load.
queue_text() {
  cat <<TEXT
qname all.q
hostlist @allhosts
seq_no 0
load_thresholds NONE
suspend_thresholds NONE
nsuspend 1
suspend_interval 00:05:00
priority 0
min_cpu_interval 00:05:00
processors UNDEFINED
qtype BATCH INTERACTIVE
ckpt_list NONE
pe_list make
rerun FALSE
slots $node_slots
tmpdir /tmp
shell /bin/sh
prolog NONE
epilog NONE
shell_start_mode posix_compliant
starter_method NONE
suspend_method NONE
resume_method NONE
terminate_method NONE
notify 00:00:10
owner_list NONE
user_lists NONE
xuser_lists NONE
subordinate_list NONE
complex_values NONE
projects NONE
xprojects NONE
calendar NONE
initial_state default
s_rt INFINITY
h_rt INFINITY
s_cpu INFINITY
h_cpu INFINITY
s_fsize INFINITY
h_fsize INFINITY
s_data INFINITY
h_data INFINITY
s_stack INFINITY
h_stack INFINITY
s_core INFINITY
h_core INFINITY
s_rss INFINITY
h_rss INFINITY
s_vmem INFINITY
h_vmem INFINITY
TEXT
}
