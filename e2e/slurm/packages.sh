# Debian's packages of SLURM and munge, installed if they are missing and that is possible. Their
# own services are not started. Where it is not possible, the exit code is 3.

readonly packages=(slurmctld:slurmctld slurmd:slurmd sbatch:slurm-client munged:munge ip:iproute2
  nsenter:util-linux)

# qsub, qstat and qdel in front of SLURM: only for those who ask.
readonly pbs_packages=(qsub:slurm-wlm-torque)

# missing_packages COMMAND:PACKAGE...
missing_packages() {
  local pair
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || echo "${pair##*:}"
  done
}

# Tests that run side by side take turns.
one_apt() { flock "${TMPDIR:-/tmp}/acme-apt.lock" apt-get "$@"; }

# install_packages COMMAND:PACKAGE...
install_packages() {
  local missing policy=/usr/sbin/policy-rc.d made=
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} = 0 ] && return
  [ "$(id -u)" = 0 ] || cannot "missing: ${missing[*]}; only root can install them"
  command -v apt-get >/dev/null || cannot "missing: ${missing[*]}; there is no apt-get to install them"
  say "installing ${missing[*]}"
  one_apt -qq -o Acquire::Retries=2 update >&2 ||
    cannot "missing: ${missing[*]}; apt-get update failed, so its registry may be out of reach"
  # A service must not start by itself: its ports are those of a cluster that may be there already.
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    made=1
  fi
  DEBIAN_FRONTEND=noninteractive one_apt -qq -y --no-install-recommends install "${missing[@]}" >&2
  local result=$?
  [ -z "$made" ] || rm -f $policy
  [ $result = 0 ] || cannot "apt-get could not install ${missing[*]}"
}
