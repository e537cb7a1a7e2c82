# munged and slurmctld: what there is one of.

start_munged() {
  is_alive "$farm_dir/run/munged.pid" munged && return
  rm -f "$munge_socket" "$munge_socket.lock" "$farm_dir/run/munged.pid"
  [ -s "$farm_dir/munge/key" ] || (umask 377 && head -c 128 /dev/urandom >"$farm_dir/munge/key")
  munged --force --socket="$munge_socket" --key-file="$farm_dir/munge/key" --num-threads=2 \
    --pid-file="$farm_dir/run/munged.pid" --log-file="$farm_dir/log/munged.log" \
    --seed-file="$farm_dir/munge/seed" 2>>"$farm_dir/log/munged.start"
}

start_controller() {
  is_alive "$farm_dir/run/slurmctld.pid" slurmctld && return
  rm -f "$farm_dir/run/slurmctld.pid"
  slurmctld -f "$config_file" 2>>"$farm_dir/log/slurmctld.start" </dev/null
  wait_for 20 controller_answers ||
    fail "slurmctld does not answer: $(tail -3 "$farm_dir/log/slurmctld.log")"
}

controller_answers() { timeout 5 scontrol ping 2>/dev/null | grep -q 'is UP'; }

stop_controller() { end_process "$farm_dir/run/slurmctld.pid" slurmctld; }
