# Starts the installed unit in a user manager of its own. In a mount namespace, so that nothing of the
# machine is seen or changed. $1: where the package is installed.
set -eu
mount -t tmpfs none /run
# The unit has a /tmp of its own, and the package may be installed below ours.
mkdir /run/installed
mount --bind "$1" /run/installed
export HOME=/run/home XDG_RUNTIME_DIR=/run/user/0
units=$HOME/.config/systemd/user
# A manager starts only where it believes that the machine was booted by one.
mkdir -p /run/systemd/system "$units/deskbound.service.d" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
cp /run/installed/usr/lib/systemd/user/deskbound*.service "$units"
{
    echo '[Service]'
    echo 'ExecStart='
    echo "ExecStart=/run/installed/usr/bin/deskbound serve --socket %t/deskbound/mcp"
    echo 'StandardError=file:/run/said'
} > "$units/deskbound.service.d/place.conf"
printf '[Service]\nType=oneshot\nProtectKernelTunables=yes\nExecStart=/bin/true\n' > "$units/proc.service"
/lib/systemd/systemd --user > /run/manager 2>&1 &
manager=$!
trap 'kill $manager' EXIT
wait_for() {
    for _ in $(seq 200); do
        if "$@" 2> /dev/null; then return; fi
        sleep 0.1
    done
    echo "waited in vain for $*"
    cat /run/manager /run/said
    exit 1
}
wait_for test -S "$XDG_RUNTIME_DIR/systemd/private"
if ! systemctl --user start proc 2> /dev/null; then
    echo "this machine lets nobody mount over /proc: without ProtectKernelTunables"
    printf '[Service]\nProtectKernelTunables=no\n' > "$units/deskbound.service.d/proc.conf"
    systemctl --user daemon-reload
fi
systemctl --user start deskbound
wait_for test -S "$XDG_RUNTIME_DIR/deskbound/mcp"
systemctl --user is-active deskbound
stat -c 'folder %a' "$XDG_RUNTIME_DIR/deskbound"
grep -E '^(NoNewPrivs|Seccomp):' "/proc/$(systemctl --user show -p MainPID --value deskbound)/status"
systemctl --user stop deskbound
systemctl --user show -p Result --value deskbound
