#!/bin/sh
# Prints deploy/env.example with fresh secrets, for a file that nobody else may read:
#   (umask 077 && deploy/new-env.sh > deploy/.env)
set -eu
secret() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}
while IFS= read -r line; do
  case $line in
    *=change-me) printf '%s=%s\n' "${line%%=*}" "$(secret)" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <"$(dirname "$0")/env.example"
