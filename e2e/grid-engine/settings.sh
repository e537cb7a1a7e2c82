# What the grid is made of, from the environment: names, addresses, ports, sizes, folders. Sourced by
# `grid`; starts nothing and changes nothing.

readonly repository=$(cd "$here/../.." && pwd -P)
# Each clone of the repository has a grid of its own, so that two of them do not meet.
readonly farm_id=${ACME_GRID_ID:-$(($(cksum <<<"$repository" | cut -d' ' -f1) % 200 + 20))}
readonly grid_dir=${ACME_GRID_DIR:-$(realpath "${TMPDIR:-/tmp}")/acme-grid-$farm_id}
# Where the packages are unpacked: once for all clones.
readonly cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/acme-grid-engine

readonly node_count=${ACME_GRID_NODES:-2}
readonly node_slots=${ACME_GRID_SLOTS:-4}
readonly master_port=${ACME_GRID_PORT:-$((30000 + farm_id * 4))}
readonly node_port=$((master_port + 1))
readonly network=${ACME_GRID_NETWORK:-10.202.$farm_id} # the first three numbers
readonly bridge=acmegrid$farm_id
readonly cables=ag$farm_id # what the names of their ends on this machine begin with

# Folders that all nodes see at the same place although they lie in the temporary folder, of which
# each node has its own; what jobs and their submitters share belongs into `shared`.
readonly shared_dir=$grid_dir/shared
readonly shared_folders=("$grid_dir" "$repository" ${ACME_GRID_SHARE:-})

readonly master=gridmaster
export SGE_ROOT=$grid_dir/sge SGE_CELL=default
export SGE_QMASTER_PORT=$master_port SGE_EXECD_PORT=$node_port
readonly cell_dir=$SGE_ROOT/$SGE_CELL
# Where the packages' programs are in the grid's namespaces, as if they were installed.
readonly programs=/usr/lib/gridengine

node_names() { seq -f 'grid%.0f' "$node_count"; }
number_of() { echo "${1#grid}"; }
address_of() { echo "$network.$((10 + $(number_of "$1")))"; }
master_pid_file=$grid_dir/spool/qmaster/qmaster.pid
pid_file_of() { echo "$grid_dir/spool/$1/execd.pid"; }
