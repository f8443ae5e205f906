#!/bin/sh
# Installs Greenroom on a bare Debian 12 or newer, for an image or for a host. As root, in the
# folder that holds the sources (an image copies them to /opt/greenroom):
#
#   deploy/install.sh            everything
#   deploy/install.sh packages   system and Python packages only: needs requirements/ and scripts/
#   deploy/install.sh finish     the rest, once all sources are there
#
# Every Python package comes from a lock with hashes, and a second call changes nothing. The
# folder stays root's: the service user can read it and write to its home and cache only.
# RUN_USER, RUN_UID, HOME_DIR and CACHE_DIR choose other names.
set -eu

RUN_USER=${RUN_USER:-greenroom}
RUN_UID=${RUN_UID:-10001}
HOME_DIR=${HOME_DIR:-/var/lib/greenroom}
CACHE_DIR=${CACHE_DIR:-/var/cache/greenroom}
SOURCES=$(cd "$(dirname "$0")/.." && pwd)

main() {
  [ "$(id -u)" = 0 ] || stop "it has to be root"
  cd "$SOURCES"
  case ${1:-all} in
    packages) system_packages && python_packages ;;
    finish) service_user && python_packages && command_and_check ;;
    all) system_packages && service_user && python_packages && command_and_check ;;
    *) stop "say packages, finish, or nothing" ;;
  esac
}

system_packages() {
  # libgomp1 is for the embedded language model, the certificates for endpoints and networks.
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -o Acquire::Retries=3 update
  apt-get -q install -y --no-install-recommends python3 python3-venv ca-certificates libgomp1
  apt-get clean
  rm -rf /var/lib/apt/lists/*
}

service_user() {
  if ! getent group "$RUN_USER" >/dev/null; then
    groupadd --gid "$RUN_UID" "$RUN_USER"
  fi
  if ! getent passwd "$RUN_USER" >/dev/null; then
    useradd --uid "$RUN_UID" --gid "$RUN_USER" --no-create-home \
      --home-dir "$HOME_DIR" --shell /usr/sbin/nologin "$RUN_USER"
  fi
  install -d -o "$RUN_USER" -g "$RUN_USER" -m 0700 "$HOME_DIR"
  install -d -o "$RUN_USER" -g "$RUN_USER" -m 0755 "$CACHE_DIR"
}

python_packages() {
  # Downloads are not kept: nobody installs a second time from this folder.
  PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_LINK_MODE=copy PYTHONDONTWRITEBYTECODE=1 \
    python3 -m scripts.setup runtime
}

command_and_check() {
  ln -sf "$SOURCES/.venv/bin/greenroom" /usr/local/bin/greenroom
  # Compiled once here: the service user may not write beside the sources. Some packages carry
  # files for other versions of Python, which do not compile and are not needed.
  "$SOURCES/.venv/bin/python" -m compileall -q -j 0 "$SOURCES" "$SOURCES/.venv" >/dev/null || true
  # Whatever a process needs is there, or the installation fails here and not at its start.
  "$SOURCES/.venv/bin/python" -B -c "import app.serve, app.worker, app.scheduler"
  "$SOURCES/.venv/bin/greenroom" --version
}

stop() {
  echo "install stopped: $1" >&2
  exit 2
}

main "$@"
