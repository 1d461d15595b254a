#!/bin/sh
# Start the program by a double click, or with options from a terminal. The first time it makes an
# environment of its own, .venv, beside this file.

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
environment=$here/.venv
stamp=$environment/requirements-installed.txt
download='Get it at https://www.python.org/downloads/ and start this again.'

# A file manager may start this without a window to read and type in: open one.
if [ ! -t 0 ] && [ ! -t 1 ] && [ ! -p /dev/stdin ] && [ $# -eq 0 ] &&
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v x-terminal-emulator >/dev/null; then
    exec x-terminal-emulator -e "$here/start-linux.sh"
fi

# The window stays open at the end, so that everything in it can be read.
finish() {
    status=$?
    trap - EXIT
    if [ -t 0 ]; then
        printf '\nPress Enter to close this window. '
        read -r _
    fi
    exit "$status"
}
trap finish EXIT
trap : INT # Ctrl+C stops the program, which says what it has kept, but not this script

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1
}

make_environment() {
    if [ "$(uname)" = Darwin ]; then # what was started in the Finder may lack them
        PATH=$PATH:/usr/local/bin:/opt/homebrew/bin
    fi
    found=
    for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
        if is_new_enough "$name"; then
            found=$name
            break
        fi
    done
    if [ -z "$found" ]; then
        old=$(python3 --version 2>/dev/null)
        fail "This computer has ${old:-no Python}; the program needs Python 3.10 or newer." "$download"
    fi
    if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
        fail 'A part of Python is missing here. On Debian and Ubuntu install it with' \
            '    sudo apt install python3-venv' 'and start this again.'
    fi
    echo 'The first start takes a minute or two: what the program needs is fetched ...'
    "$found" -m venv --clear "$environment" || fail "There can be no environment in $environment."
}

python=$environment/bin/python
if [ ! -x "$python" ] || ! cmp -s "$here/requirements.txt" "$stamp"; then
    # A first start that was broken off leaves an environment without pip.
    if ! is_new_enough "$python" || ! "$python" -c "import pip" 2>/dev/null; then
        make_environment
    fi
    "$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" ||
        fail 'What the program needs could not be fetched: see above. Is this computer online?'
    cp "$here/requirements.txt" "$stamp"
fi
"$python" "$here/main.py" "$@"
