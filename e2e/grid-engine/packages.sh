# Debian's packages of Grid Engine, unpacked into a folder of their own rather than installed: their
# commands would take the place of others of the same name. Where that is not possible, the exit code
# is 3.

readonly packages=(gridengine-master gridengine-exec gridengine-client gridengine-common
  libjemalloc2 libhwloc15 libmunge2 libtirpc3 libdb5.3)

# Tests that run side by side take turns.
one_apt() { flock "${TMPDIR:-/tmp}/acme-apt.lock" apt-get "$@"; }

unpack_packages() {
  [ -e "$cache_dir/complete" ] && return
  [ "$(id -u)" = 0 ] || cannot "only root can start it"
  [ "$(uname -m)" = x86_64 ] || cannot "it is tried on x86_64 alone"
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    cannot "there is no apt-get to fetch Grid Engine with"
  local fresh=$cache_dir.$$
  mkdir -p "$fresh/unpacked"
  if ! fetch_packages "$fresh"; then
    one_apt -qq -o Acquire::Retries=2 update >&2
    fetch_packages "$fresh" ||
      cannot "apt-get cannot fetch Grid Engine, so its registry may be out of reach"
  fi
  local package
  for package in "$fresh"/*.deb; do dpkg-deb -x "$package" "$fresh/unpacked" || cannot "no $package"; done
  rm -f "$fresh"/*.deb
  touch "$fresh/complete"
  rm -rf "$cache_dir"
  mv "$fresh" "$cache_dir"
}

fetch_packages() { (cd "$1" && one_apt -qq download "${packages[@]}") >&2; }
