# What stands in front of every shell block of the documentation.
set -euo pipefail

# Nothing is installed by reading: what a line would install must be what this environment has.
pip() { "$PYTHON" "$HERE/installed.py" "$@"; }

# A server goes on to the end of the page, as in a reader's second terminal.
acs-chat() {
    if [[ "${1-}" != emulate || " $* " == *" --facts "* ]]; then
        command acs-chat "$@"
        return
    fi
    local told
    told=$(mktemp .emulate.XXXXXX)
    command acs-chat "$@" >"$told" 2>&1 &
    echo $! >>.started
    for _ in $(seq 300); do
        grep -q '^token' "$told" && break
        kill -0 $! 2>/dev/null || break
        sleep 0.1
    done
    cat "$told"
    grep -q '^token' "$told"
}
