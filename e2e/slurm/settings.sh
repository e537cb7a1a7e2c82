# What the farm is made of, from the environment: names, addresses, ports, sizes, folders. Sourced by
# `farm`; starts nothing and changes nothing.

readonly repository=$(cd "$here/../.." && pwd -P)
# Each clone of the repository has a farm of its own, so that two of them do not meet.
readonly farm_id=${ACME_FARM_ID:-$(($(cksum <<<"$repository" | cut -d' ' -f1) % 200 + 20))}
readonly farm_dir=${ACME_FARM_DIR:-$(realpath "${TMPDIR:-/tmp}")/acme-farm-$farm_id}

readonly node_count=${ACME_FARM_NODES:-4}
readonly node_cpus=${ACME_FARM_CPUS:-2}
readonly node_memory_mb=${ACME_FARM_MEMORY_MB:-4000}
readonly node_gpus=${ACME_FARM_GPUS:-1} # fake ones: they are counted, and are empty files
readonly controller_port=${ACME_FARM_PORT:-$((20000 + farm_id * 40))}
readonly node_port=$((controller_port + 1)) # without namespaces, node i has node_port + i
readonly network=${ACME_FARM_NETWORK:-10.201.$farm_id} # the first three numbers
readonly bridge=acmefarm$farm_id
readonly cables=af$farm_id # what the names of their ends on this machine begin with

readonly silence_s=${ACME_FARM_SILENCE_S:-10}           # until a silent node is down
readonly kill_wait_s=${ACME_FARM_KILL_WAIT_S:-5}        # between TERM and KILL
readonly remember_s=${ACME_FARM_REMEMBER_S:-300}        # how long jobs that are over can be seen
readonly launch_s=${ACME_FARM_LAUNCH_S:-5}              # for a node to say that it has started a job
readonly max_array_size=${ACME_FARM_MAX_ARRAY_SIZE:-1001}

# Folders that all nodes see at the same place although they lie in the temporary folder, of which
# each node has its own; what jobs and their submitters share belongs into `shared`.
readonly shared_dir=$farm_dir/shared
readonly shared_folders=("$farm_dir" "$repository" ${ACME_FARM_SHARE:-})

readonly config_file=$farm_dir/slurm.conf
readonly munge_socket=$farm_dir/run/munge.socket
export SLURM_CONF=$config_file

node_names() { seq -f 'node%.0f' "$node_count"; }
node_range() { [ "$node_count" = 1 ] && echo node1 || echo "node[1-$node_count]"; }
number_of() { echo "${1#node}"; }
address_of() { echo "$network.$((10 + $(number_of "$1")))"; }

# `namespaces`: each node has its own network, host name and /tmp; `loopback`: they share them.
mode() { cat "$farm_dir/mode" 2>/dev/null || echo loopback; }
controller_address() { [ "$(mode)" = namespaces ] && echo "$network.1" || echo 127.0.0.1; }
