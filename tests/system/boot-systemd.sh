#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# boot-systemd.sh - boot a real systemd (PID 1 of its own namespaces, or of a
# QEMU machine), run one command in it, bring back its exit status and journal.
#
# usage: boot-systemd.sh [OPTION]... [--] COMMAND [ARG]...
#   -b BACKEND   nspawn (default), unshare or qemu
#   -p PKG,PKG   more Debian packages in the tree (part of the cache key)
#   -s SRC:DST   show SRC (file or folder) read-only in the machine at DST; repeatable
#   -x UNIT,UNIT mask these units for this boot (say, services that -p brought)
#   -o DIR       output folder, writable in the machine as /out (default: a new one
#                in /tmp, named on stdout). After the run it holds
#                  exit-status  stdout  stderr  journal.json  journal.txt
#                  failed-units  boot-time  console.log
#                and, but for qemu, journal/ (journalctl -D DIR/journal), there even
#                when the boot or COMMAND hung
#   -t SEC       time limit of COMMAND (default 120); boot and shutdown have their own
#   -c DIR       cache folder for the tree (default ${BOOT_SYSTEMD_CACHE:-/var/tmp/boot-systemd})
#   -S SUITE     Debian suite (default bookworm)
#   -m           only make the tree, boot nothing
#   -k           rebuild the tree even if it is cached
#   -q           do not repeat COMMAND's stdout/stderr
# exit status: COMMAND's own; 124 = time limit; 125 = could not set up or boot.
# BOOT_SYSTEMD_RTC=2027-05-01T00:00:00 sets the clock that the qemu machine starts with.
#
# The cached tree is never written: each boot has a tmpfs overlay on it, inside a
# private mount namespace, so nothing of a run is left but -o DIR. The machine has
# a network of its own with only lo up. Needs root, mmdebstrap (or debootstrap),
# util-linux; nspawn: systemd-container; qemu: qemu-system-x86, cpio and e2fsprogs.
#   apt-get install -y --no-install-recommends mmdebstrap systemd-container
# COMMAND runs as boot-test.service (Type=exec, after multi-user.target, root, no
# sandbox), so systemctl, journalctl, systemd-run and systemd-analyze work in it.
set -u -o pipefail
umask 022

die() { echo "boot-systemd: $*" >&2; exit 125; }
usage() { sed -n '5,/^set /{s/^# \{0,1\}//p}' "$0" >&2; exit 125; }

if [ "${1-}" != --inner ]; then
  backend=nspawn pkgs='' out='' limit=120 suite=bookworm makeonly='' rebuild='' quiet='' mask='' shares=()
  cache=${BOOT_SYSTEMD_CACHE:-/var/tmp/boot-systemd}
  while getopts b:p:s:x:o:t:c:S:mkqh o; do
    case $o in
      b) backend=$OPTARG ;; p) pkgs=$OPTARG ;; s) shares+=("$OPTARG") ;;
      x) mask=$OPTARG ;; o) out=$OPTARG ;; t) limit=$OPTARG ;; c) cache=$OPTARG ;; S) suite=$OPTARG ;;
      m) makeonly=1 ;; k) rebuild=1 ;; q) quiet=1 ;; *) usage ;;
    esac
  done
  shift $((OPTIND - 1))
  case $backend in nspawn | unshare | qemu) ;; *) die "no backend $backend" ;; esac
  [ "$makeonly" ] || [ $# -gt 0 ] || usage
  [ "$(id -u)" = 0 ] || die "must be root"

  # --- the tree, made once -------------------------------------------------
  base=systemd,systemd-sysv,dbus,iproute2,procps
  [ "$backend" = qemu ] && base=$base,linux-image-cloud-amd64,kmod,busybox-static
  include=$base${pkgs:+,$pkgs}
  key=$suite-$(printf %s "v2 $include" | sha256sum | cut -c1-12)
  tree=$cache/$key
  mkdir -p "$cache" || die "no cache folder"
  exec 9>"$cache/$key.lock"; flock 9
  if [ "$rebuild" ] || [ ! -e "$tree/.complete" ]; then
    rm -rf --one-file-system "$tree" "$tree.new" "$tree.img" "$tree.initrd"
    echo "boot-systemd: making $tree ($include)" >&2
    if command -v mmdebstrap >/dev/null; then
      mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --include="$include" "$suite" "$tree.new" >&2 || die "mmdebstrap failed"
    else
      debootstrap --variant=minbase --include="$include" "$suite" "$tree.new" >"$tree.log" 2>&1 ||
        { tail -20 "$tree.log" >&2; die "debootstrap failed"; }
    fi
    # what a test machine does not want: logins, timers that touch the network, udev on a shared /dev
    for u in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer dpkg-db-backup.timer \
      systemd-tmpfiles-clean.timer getty@.service console-getty.service serial-getty@.service \
      systemd-resolved.service systemd-timesyncd.service systemd-networkd.service; do
      ln -sf /dev/null "$tree.new/etc/systemd/system/$u"
    done
    mkdir -p "$tree.new/out" "$tree.new/var/log/journal"
    : >"$tree.new/etc/machine-id"
    rm -f "$tree.new/etc/resolv.conf"; echo nameserver 127.0.0.1 >"$tree.new/etc/resolv.conf"
    echo bootbox >"$tree.new/etc/hostname"
    echo '127.0.0.1 localhost bootbox' >"$tree.new/etc/hosts"
    : >"$tree.new/.complete"
    mv "$tree.new" "$tree" || die "cannot keep the tree"
  fi
  flock -u 9; exec 9>&-
  [ "$makeonly" ] && { echo "$tree"; exit 0; }

  if [ -z "$out" ]; then out=$(mktemp -d /tmp/boot-systemd.XXXXXX) && echo "boot-systemd: out=$out"; fi
  mkdir -p "$out" && out=$(cd "$out" && pwd) || die "no output folder"
  rm -f "$out"/{exit-status,stdout,stderr,journal.json,journal.txt,failed-units,boot-time,console.log}
  rm -rf --one-file-system "$out/journal"; mkdir -p "$out/journal"
  work=$(mktemp -d /tmp/boot-systemd-work.XXXXXX) || die "no work folder"
  printf '%q ' "$@" >"$work/command"
  tr , '\n' <<<"$mask" >"$work/mask"
  for s in ${shares[@]+"${shares[@]}"}; do
    src=${s%%:*} dst=${s#*:}
    [ -e "$src" ] || die "no $src"
    case $dst in /*) ;; *) die "-s $s: DST must be absolute" ;; esac
    printf '%s\t%s\n' "$(realpath "$src")" "$dst" >>"$work/shares"
  done

  # A cgroup of its own per run, so that runs side by side do not see each other.
  cgs=()
  if [ ! -d /run/systemd/system ]; then
    for h in /sys/fs/cgroup/unified /sys/fs/cgroup/systemd /sys/fs/cgroup; do
      for c in "$h"/bt-*; do  # of runs that were killed outright
        [ -d "$c" ] && ! kill -0 "${c##*-}" 2>/dev/null && find "$c" -depth -type d -exec rmdir {} + 2>/dev/null
      done
      [ -e "$h/cgroup.procs" ] && mkdir "$h/bt-$$" 2>/dev/null && cgs+=("$h/bt-$$")
    done
  fi
  inner='' watch=''
  # shellcheck disable=SC2317
  cleanup() {
    trap - EXIT INT TERM HUP
    # our own child, by pid; with it goes its pid namespace, so all that it started
    [ "$inner" ] && kill -KILL "$inner" 2>/dev/null && wait "$inner" 2>/dev/null
    [ "$watch" ] && kill "$watch" 2>/dev/null && wait "$watch" 2>/dev/null
    for c in ${cgs[@]+"${cgs[@]}"}; do
      for _ in $(seq 20); do
        find "$c" -depth -type d -exec rmdir {} + 2>/dev/null
        [ -d "$c" ] || break; sleep 0.1
      done
    done
    rm -rf --one-file-system "$work"
  }
  trap cleanup EXIT
  trap 'exit 130' INT; trap 'exit 143' TERM; trap 'exit 129' HUP

  # --kill-child: when the outer part dies, the inner and all of its pid namespace die.
  unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
    bash "$0" --inner "$backend" "$tree" "$work" "$out" "$$" "$limit" \
    </dev/null >"$out/console.log" 2>&1 &
  inner=$!
  case $backend in qemu) all=$((limit + 180)) ;; *) all=$((limit + 90)) ;; esac
  ( trap - EXIT INT TERM HUP
    # once the exit status is there, an orderly shutdown has 10 s
    i=0; while [ $i -lt $all ] && kill -0 "$inner" 2>/dev/null; do
      sleep 1; i=$((i + 1)); [ -s "$out/exit-status" ] && [ $((all - i)) -gt 10 ] && all=$((i + 10))
    done
    if kill -0 "$inner" 2>/dev/null; then
      [ -s "$out/exit-status" ] || : >"$work/timed-out"
      kill -KILL "$inner"
    fi ) &
  watch=$!
  wait "$inner"; rc=$?
  kill "$watch" 2>/dev/null; wait "$watch" 2>/dev/null; inner='' watch=''
  rmdir "$out/journal" 2>/dev/null
  if [ -e "$work/timed-out" ]; then
    echo "boot-systemd: not done after $all s; console:" >&2; tail -20 "$out/console.log" >&2
    exit 124
  fi
  if [ ! -s "$out/exit-status" ]; then
    echo "boot-systemd: did not get as far as the command (rc $rc); console:" >&2
    tail -40 "$out/console.log" >&2; exit 125
  fi
  if [ -z "$quiet" ]; then cat "$out/stdout"; cat "$out/stderr" >&2; fi
  exit "$(cat "$out/exit-status")"
fi

# --- inside the private mount and pid namespace ------------------------------
shift; backend=$1 tree=$2 work=$3 out=$4 id=$5 limit=$6
for h in /sys/fs/cgroup/unified /sys/fs/cgroup/systemd /sys/fs/cgroup; do
  [ -d "$h/bt-$id" ] && echo 0 2>/dev/null >"$h/bt-$id/cgroup.procs"
done
mkdir "$work/ovl" && mount -t tmpfs -o mode=755 bt "$work/ovl" && mkdir "$work"/ovl/{u,w,m} &&
  mount -t overlay -o "lowerdir=$tree,upperdir=$work/ovl/u,workdir=$work/ovl/w" bt "$work/ovl/m" ||
  die "no overlay"
m=$work/ovl/m

cat >"$m/etc/systemd/system/boot-test.service" <<E
[Unit]
Description=boot-systemd command
After=multi-user.target
[Service]
Type=exec
ExecStart=/etc/boot-test
StandardOutput=journal
[Install]
WantedBy=multi-user.target
E
mkdir -p "$m/etc/systemd/system/multi-user.target.wants"
ln -s ../boot-test.service "$m/etc/systemd/system/multi-user.target.wants/boot-test.service"
while read -r u; do [ "$u" ] && ln -sf /dev/null "$m/etc/systemd/system/$u"; done <"$work/mask"
cat >"$m/etc/boot-test" <<E
#!/bin/bash
cd /
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
timeout 60 systemctl is-system-running --wait >/dev/null
{ cut -d' ' -f1 /proc/uptime; systemd-analyze time; } >/out/boot-time 2>&1
systemctl --failed --plain --no-legend >/out/failed-units
timeout -k 5 $limit bash -c "\$(cat /etc/boot-test.command)" </dev/null >/out/stdout 2>/out/stderr
rc=\$?
journalctl --sync
journalctl -b -o json --no-pager >/out/journal.json 2>/dev/null
journalctl -b -o short-precise --no-pager >/out/journal.txt 2>/dev/null
echo \$rc >/out/exit-status
sync /out/exit-status
exec systemctl exit --no-block 0
E
chmod 755 "$m/etc/boot-test"
cp "$work/command" "$m/etc/boot-test.command"

case $backend in
nspawn)
  command -v systemd-nspawn >/dev/null || die "no systemd-nspawn (package systemd-container)"
  binds=(--bind="$out:/out" --bind="$out/journal:/var/log/journal")
  [ -e "$work/shares" ] && while IFS=$'\t' read -r s d; do binds+=(--bind-ro="$s:$d"); done <"$work/shares"
  keep=(); [ -d /run/systemd/system ] || keep=(--keep-unit)
  # nspawn keeps its sockets below /run/systemd/nspawn; a tmpfs there leaves the host's alone
  mkdir -p /run/systemd/nspawn && mount -t tmpfs -o mode=755 bt /run/systemd/nspawn
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet -D "$m" \
    --machine="bt-$id" --hostname=bootbox --private-users=no --register=no "${keep[@]}" \
    --private-network --link-journal=no --resolv-conf=off --timezone=off \
    --system-call-filter='bpf @keyring memfd_secret landlock_create_ruleset landlock_add_rule landlock_restrict_self' \
    --console=pipe "${binds[@]}" --boot
  ;;
unshare)
  cat >"$work/init" <<'E'
set -eu
m=$1; work=$2; out=$3
hostname bootbox
ip link set lo up 2>/dev/null || true
mount --bind "$out" "$m/out"
mount --bind "$out/journal" "$m/var/log/journal"
if [ -e "$work/shares" ]; then
  while IFS="$(printf '\t')" read -r s d; do
    if [ -d "$s" ]; then mkdir -p "$m$d"; else mkdir -p "$(dirname "$m$d")"; : >"$m$d"; fi
    mount --rbind "$s" "$m$d"; mount -o remount,bind,ro "$m$d"
  done <"$work/shares"
fi
mount -t proc -o nosuid,nodev,noexec proc "$m/proc"
# /proc/sys and /sys belong to the host too, but for the network's: read-only, as nspawn has them
mount --bind "$m/proc/sys" "$m/proc/sys"; mount --bind "$m/proc/sys/net" "$m/proc/sys/net"
mount -o remount,bind,ro "$m/proc/sys"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$m/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$m/sys/fs/cgroup"
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$m/run"
mount -t tmpfs -o mode=755,nosuid tmpfs "$m/dev"
for n in null zero full random urandom tty; do
  : >"$m/dev/$n"; mount --bind "/dev/$n" "$m/dev/$n"
done
mkdir "$m/dev/pts" "$m/dev/shm" "$m/dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$m/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$m/dev/shm"
mount -t mqueue mqueue "$m/dev/mqueue"
ln -s pts/ptmx "$m/dev/ptmx"
ln -s /proc/self/fd "$m/dev/fd"; ln -s fd/0 "$m/dev/stdin"; ln -s fd/1 "$m/dev/stdout"; ln -s fd/2 "$m/dev/stderr"
: >"$m/dev/console"; mount --bind "$out/console.log" "$m/dev/console"
mkdir -p "$m/run/host" "$m/run/lock"; echo boot-systemd >"$m/run/host/container-manager"
cd "$m"; mkdir -p .old; pivot_root . .old; umount -l /.old; rmdir /.old
mount --make-rshared /   # or LoadCredential= and other mounts made by helpers of PID 1 are lost
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=boot-systemd container_uuid="$(cat /proc/sys/kernel/random/uuid)" \
  TERM=dumb /lib/systemd/systemd --system --log-target=journal --show-status=yes
E
  exec unshare --fork --pid --kill-child --mount --uts --ipc --cgroup --net sh "$work/init" "$m" "$work" "$out"
  ;;
qemu)
  # A whole machine with Debian's kernel, under software emulation: slower, but every cgroup
  # controller and its own clock. The tree becomes an ext4 image; /out comes back as a tar on vdb.
  command -v qemu-system-x86_64 >/dev/null || die "no qemu-system-x86_64 (package qemu-system-x86)"
  command -v cpio >/dev/null || die "no cpio"
  kver=$(basename "$(echo "$tree"/usr/lib/modules/*)")
  if [ -e "$work/shares" ]; then
    while IFS=$'\t' read -r s d; do mkdir -p "$(dirname "$m$d")"; cp -RLpT "$s" "$m$d"; done <"$work/shares"
  fi
  sed -i 's|^exec systemctl exit.*|tar -C /out -cf /dev/vdb . ; sync; exec systemctl poweroff --no-block|' "$m/etc/boot-test"
  ird=$work/ovl/ird
  mkdir -p "$ird/dev" "$ird/new" "$ird/bin" && cp "$m/bin/busybox" "$ird/bin/busybox" || die "no busybox in the tree"
  for k in drivers/virtio/virtio drivers/virtio/virtio_ring drivers/virtio/virtio_pci_modern_dev \
    drivers/virtio/virtio_pci_legacy_dev drivers/virtio/virtio_pci drivers/block/virtio_blk; do
    cp "$m/usr/lib/modules/$kver/kernel/$k.ko" "$ird/" || die "no module $k"
  done
  cat >"$ird/init" <<'E'
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs d /dev
for k in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk; do /bin/busybox insmod /$k.ko; done
n=0; until [ -b /dev/vda ] || [ $n = 100 ]; do /bin/busybox sleep 0.1; n=$((n + 1)); done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /new
/bin/busybox umount /dev
exec /bin/busybox switch_root /new /lib/systemd/systemd
E
  chmod 755 "$ird/init"
  (cd "$ird" && find . | cpio --quiet -o -H newc) >"$work/ovl/initrd" || die "no initrd"
  rm -rf "${m:?}"/boot/initrd*
  size=$(($(du -sm "$m" | cut -f1) * 5 / 4 + 512))
  truncate -s "${size}M" "$work/root.img" && mke2fs -q -t ext4 -m 0 -O ^has_journal -d "$m" "$work/root.img" || die "no image"
  truncate -s 256M "$work/out.img"
  qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1536 -nodefaults \
    -display none -serial stdio -no-reboot ${BOOT_SYSTEMD_RTC:+-rtc "base=$BOOT_SYSTEMD_RTC"} \
    -kernel "$tree/boot/vmlinuz-$kver" -initrd "$work/ovl/initrd" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off audit=0 nokaslr random.trust_cpu=1 systemd.firstboot=0" \
    -drive "file=$work/root.img,format=raw,if=virtio,cache=unsafe" \
    -drive "file=$work/out.img,format=raw,if=virtio,cache=unsafe"
  rc=$?
  tar -C "$out" --no-same-owner -xf "$work/out.img" 2>/dev/null
  exit $rc
  ;;
esac
