#!/bin/sh
# Updates what install.sh installed: backup, new programs, migration, check, start; on any failure everything goes back.
exec "$(dirname "$0")/install.sh" --update "$@"
