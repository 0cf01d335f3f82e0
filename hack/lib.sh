# shellcheck shell=bash
# What the scripts beside this file share. It is sourced, never run.
#
# Two folders outside the checkout hold everything the scripts make:
#   $CACHE  tools and base images, by what they are made of; kept for ever
#   $STATE  one running set-up: its daemons' pids, sockets, ports, logs and data
# A second set-up beside the first needs nothing but another DT_STATE.

set -euo pipefail

HACK=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # the scripts use it
REPO=$(dirname -- "$HACK")
CACHE=${DT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dt-frontend}
STATE=${DT_STATE:-$CACHE/run}
# Every daemon listens here and nowhere else.
LOOPBACK=127.0.0.1

# shellcheck source-path=SCRIPTDIR source=lib-bases.sh
source "$HACK/lib-bases.sh"

# log says what happens on stderr: stdout belongs to what a script returns.
log() { printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2; }

die() {
	log "$*"
	exit 1
}

# usage prints the comment at the top of the script that runs.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

# need_root ends a script that nobody else can run: runc, overlayfs and
# debootstrap are root's.
need_root() { [[ $(id -u) -eq 0 ]] || die "run me as root"; }

# need COMMAND=PACKAGE... installs the Debian packages whose command (or file)
# is missing. Nothing is asked of a mirror when all are there.
need() {
	local pair packages=()
	for pair; do
		[[ -e ${pair%%=*} ]] || command -v "${pair%%=*}" >/dev/null || packages+=("${pair#*=}")
	done
	[[ ${#packages[@]} -gt 0 ]] || return 0
	command -v apt-get >/dev/null || die "missing: ${packages[*]} (Debian's names); install them and try again"
	log "installing ${packages[*]}"
	local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends
		-o DPkg::Lock::Timeout=600 "${packages[@]}")
	"${install[@]}" >&2 && return
	# The lists may be missing or too old to be right.
	apt-get update -qq >&2
	"${install[@]}" >&2 || die "apt-get cannot install ${packages[*]}"
}

# need_standins installs what the stand-ins for agents are compiled with.
need_standins() {
	need gcc=gcc /usr/include/stdlib.h=libc6-dev musl-gcc=musl-tools busybox=busybox-static \
		aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu /usr/aarch64-linux-gnu/include/stdlib.h=libc6-dev-arm64-cross \
		powerpc64le-linux-gnu-gcc=gcc-powerpc64le-linux-gnu \
		/usr/powerpc64le-linux-gnu/include/stdlib.h=libc6-dev-ppc64el-cross \
		s390x-linux-gnu-gcc=gcc-s390x-linux-gnu /usr/s390x-linux-gnu/include/stdlib.h=libc6-dev-s390x-cross
}

# hash_of prints a short digest of its input, good as a folder's name.
hash_of() { sha256sum | cut -c1-16; }

# with_lock FILE COMMAND... lets one process at a time through. It must not be
# part of a condition, where bash would go on after errors.
with_lock() {
	local fd
	mkdir -p -- "$(dirname -- "$1")"
	exec {fd}>"$1"
	flock "$fd"
	shift
	"$@"
	exec {fd}>&-
}

# tools makes sure that the tools of hack/tools/go.mod are built, puts them in
# front of PATH, and sets TOOLS to their folder.
tools() {
	command -v go >/dev/null || die "go is missing: https://go.dev/dl has it; the version is in go.mod"
	local key
	key=$( (cd "$HACK/tools" && cat go.mod go.sum && go version && declare -f build_tools) | hash_of)
	TOOLS=$CACHE/tools/$key
	# buildkitd gives runc seccomp profiles, which it applies through a C library.
	[[ -d $TOOLS ]] || need gcc=gcc /usr/include/stdlib.h=libc6-dev \
		pkg-config=pkg-config /usr/include/seccomp.h=libseccomp-dev
	with_lock "$CACHE/tools/$key.lock" build_tools "$TOOLS"
	[[ :$PATH: == *:$TOOLS:* ]] || export PATH="$TOOLS:$PATH"
}

# build_tools DIR builds them, unless they are there.
build_tools() {
	[[ ! -d $1 ]] || return 0
	log "building buildkitd, buildctl, buildx, crane and runc: minutes, once; log: $1.log"
	local version
	version=$(cd "$HACK/tools" && go list -m -f '{{.Version}}' github.com/moby/buildkit)
	rm -rf -- "$1.tmp"
	mkdir -p -- "$1.tmp"
	(cd "$HACK/tools" && go build -trimpath -buildvcs=false -tags seccomp -o "$1.tmp/" \
		-ldflags "-s -w -X github.com/moby/buildkit/version.Version=$version" tool) >"$1.log" 2>&1 || {
		tail -n 20 -- "$1.log" >&2
		die "building the tools failed; log: $1.log"
	}
	mv -- "$1.tmp" "$1"
}

# started PID prints when a process started, in the kernel's ticks; with it a
# pid file tells its own process from a later one with the same number. A
# zombie counts as none.
started() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	# Fields are counted after the name, which may hold spaces.
	read -r -a stat <<<"${stat##*) }"
	[[ ${stat[0]} != Z ]] && echo "${stat[19]}"
}

# alive NAME succeeds while the daemon that start began still runs.
alive() {
	local pid since
	read -r pid since 2>/dev/null <"$STATE/$1.pid" || return 1
	[[ $(started "$pid") == "$since" ]]
}

# start NAME COMMAND... begins a daemon in a session of its own.
start() {
	local name=$1 pid
	shift
	mkdir -p -- "$STATE/log"
	log "starting $name; log: $STATE/log/$name.log"
	(
		# The script's lock ends with the script.
		[[ -z ${LOCK:-} ]] || exec {LOCK}>&-
		exec setsid -- "$@"
	) >"$STATE/log/$name.log" 2>&1 </dev/null &
	pid=$!
	printf '%s %s\n' "$pid" "$(started "$pid")" >"$STATE/$name.pid"
}

# stop NAME [SECONDS] ends a daemon: asked first, and made to after a while.
stop() {
	local pid since tries=$((${2:-10} * 10))
	if alive "$1"; then
		read -r pid since <"$STATE/$1.pid"
		log "ending $1, process $pid"
		kill -TERM "$pid" 2>/dev/null || true
		while alive "$1" && [[ $((tries--)) -gt 0 ]]; do sleep 0.1; done
		if alive "$1"; then
			log "$1 did not end when asked: killing it"
			kill -KILL "$pid" 2>/dev/null || true
		fi
	fi
	rm -f -- "$STATE/$1.pid"
}

# answers NAME SECONDS COMMAND... waits until the daemon's own client succeeds.
answers() {
	local name=$1 until=$((SECONDS + $2))
	shift 2
	until timeout 10 "$@" >/dev/null 2>&1; do
		alive "$name" || die_of "$name" "has ended"
		[[ $SECONDS -lt $until ]] || die_of "$name" "does not answer"
		sleep 0.1
	done
}

# die_of NAME WHAT shows a daemon's last words.
die_of() {
	tail -n 20 -- "$STATE/log/$1.log" >&2 || true
	die "$1 $2; log: $STATE/log/$1.log"
}

# taken PORT succeeds when somebody listens there.
taken() { (exec 3<>"/dev/tcp/$LOOPBACK/$1") 2>/dev/null; }

# free_port prints a port that nobody listens on. It lies below the range from
# which the kernel gives ports to clients.
free_port() {
	local port
	while port=$((20000 + RANDOM % 12000)); do
		taken "$port" || break
	done
	echo "$port"
}

# port_of NAME prints the port of a daemon: the same one each time it starts,
# unless somebody else has taken it since.
port_of() {
	local file=$STATE/$1.port
	alive "$1" || { [[ -s $file ]] && ! taken "$(<"$file")"; } || free_port >"$file"
	cat -- "$file"
}

# own_state takes the first directory that no other test works in, so that one
# test finds the builder's cache of the test before it. The lock is ours until we
# end; no child has it.
own_state() {
	local n=1
	mkdir -p -- "$CACHE"
	while exec {LOCK}>"$CACHE/test-$n.lock" && ! flock -n "$LOCK"; do
		exec {LOCK}>&-
		n=$((n + 1))
	done
	export DT_STATE=${DT_STATE:-$CACHE/test-$n}
	STATE=$DT_STATE
}

# set_up names everything that a set-up is reached by, whether it runs or not.
set_up() {
	mkdir -p -- "$STATE"
	# The kernel's limit for a socket's path is 107 bytes.
	[[ ${#STATE} -le 80 ]] || die "the path $STATE is too long for a socket: set DT_STATE to a shorter one"
	REGISTRY=$LOOPBACK:$(port_of registry)
	export BUILDKIT_HOST="unix://$STATE/buildkitd.sock"
	export BUILDX_CONFIG="$STATE/buildx" BUILDX_BUILDER="dt-frontend"
}

# tests_tmp prints the empty directory that tests write into. They unpack root file
# systems and export images there, which takes half the time in memory. The
# directory is in memory where 16 GiB are free, and otherwise in the set-up's own.
# Only the owner of the set-up's lock may call it.
tests_tmp() {
	local dir=$STATE/tmp/tests
	! roomy_memory || dir=/dev/shm/dt-frontend-$(printf '%s' "$STATE" | hash_of)
	remove_tmp "$dir"
	mkdir -p -- "$dir" "$STATE/tmp"
	printf '%s\n' "$dir"
}

# remove_tmp DIR removes a directory that tests wrote into. A test program that was
# killed has left root file systems mounted there.
remove_tmp() {
	local points
	mapfile -t points < <(awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac)
	# What is gone by now is reported, and no reason to stop.
	[[ ${#points[@]} -eq 0 ]] || umount --lazy -- "${points[@]}" || true
	rm -rf --one-file-system -- "$1"
}

# roomy_memory succeeds if /dev/shm takes 12 GiB of programs and files, and the
# machine has 16 GiB to spare.
roomy_memory() {
	local free room
	free=$(awk '$1 == "MemAvailable:" { print int($2 / 1048576) }' /proc/meminfo)
	[[ $free -ge 16 && $(stat -f -c %T /dev/shm 2>/dev/null) == tmpfs ]] || return
	room=$(df --output=avail -BG /dev/shm | tail -n 1 | tr -dc '0-9')
	[[ $room -ge 12 ]] && ! findmnt -n -o OPTIONS /dev/shm | grep -qw noexec
}
