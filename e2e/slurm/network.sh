# Where nodes live: a bridge on this machine, and for each node a network namespace with one cable
# to it. Knows no batch system.

namespace_of() { echo "$bridge-$1"; }
cable_of() { echo "$cables-$(number_of "$1")"; }

# Tries all that a node needs, once, and leaves nothing.
can_have_namespaces() {
  local probe=$bridge-probe result=1
  ip netns add "$probe" &&
    ip link add "$cables-p" type veth peer name eth0 netns "$probe" &&
    ip link add "$cables-b" type bridge &&
    nsenter --net="/run/netns/$probe" unshare --mount --uts true && result=0
  ip link del "$cables-p"
  ip link del "$cables-b"
  ip netns del "$probe"
  return $result
} 2>/dev/null

make_bridge() {
  ip link show "$bridge" >/dev/null 2>&1 && return
  ip link add "$bridge" type bridge
  ip addr add "$network.1/24" dev "$bridge"
  ip link set "$bridge" up
}

remove_bridge() { ip link del "$bridge" 2>/dev/null || true; }

plug_in() {
  local name=$1 cable inside number
  cable=$(cable_of "$name") number=$(number_of "$name")
  if [ ! -e "/run/netns/$(namespace_of "$name")" ]; then
    ip netns add "$(namespace_of "$name")"
    ip -n "$(namespace_of "$name")" link set lo up
  fi
  if ! ip link show "$cable" >/dev/null 2>&1; then
    inside=(ip -n "$(namespace_of "$name")")
    # Always the same address of the card, so that nobody remembers an old one after a crash.
    ip link add "$cable" type veth peer name eth0 \
      address "$(printf '02:ac:3e:%02x:00:%02x' "$farm_id" "$number")" \
      netns "$(namespace_of "$name")"
    ip link set "$cable" master "$bridge"
    "${inside[@]}" addr add "$(address_of "$name")/24" dev eth0
    "${inside[@]}" link set eth0 up
    "${inside[@]}" route add default via "$network.1"
  fi
  ip link set "$cable" up
}

unplug() { ip link set "$(cable_of "$1")" down; }

# All that runs in it, and what it has connected, is gone without a word to anybody.
cut_power() {
  ip link del "$(cable_of "$1")" 2>/dev/null
  kill_in_namespace "$1"
  ip netns del "$(namespace_of "$1")" 2>/dev/null
  true
}

kill_in_namespace() {
  local pids
  for _ in 1 2 3; do
    pids=$(ip netns pids "$(namespace_of "$1")" 2>/dev/null)
    [ -n "$pids" ] || return 0
    kill -9 $pids 2>/dev/null
    sleep 0.05
  done
}
