# Waiting for processes and ending them by their pid files. Knows no batch system.

# Is the process that this pid file names still that program?
is_alive() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && [[ $(cat "/proc/$pid/comm" 2>/dev/null) == "$2"* ]]
}

# Waits until a command succeeds: wait_for SECONDS COMMAND...
wait_for() {
  local end=$((SECONDS + $1 + 1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}

# Ends the process that a pid file names, kindly at first.
end_process() {
  local pid_file=$1 program=$2 pid
  is_alive "$pid_file" "$program" || return 0
  pid=$(cat "$pid_file")
  kill "$pid"
  wait_for 8 is_over "$pid" || kill -9 "$pid"
  rm -f "$pid_file"
}
is_over() { ! kill -0 "$1" 2>/dev/null; }
