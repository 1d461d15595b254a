#!/bin/sh
# Start the program by a double click in the Finder: the same as start-linux.sh, under the name that
# macOS opens in a terminal.
exec "$(dirname -- "$0")/start-linux.sh" "$@"
