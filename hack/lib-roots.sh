# shellcheck shell=bash
# Images of Debian's files for tests, each for all architectures that there are
# agents for. They are not installed systems: nothing was run to make them.
#
#   debian-files        usr-merged, as Debian is: /lib is a symlink
#   debian-split        the same as it was before that: /lib is a folder
#   debian-distroless   what such images hold: libc, certificates, time zones
#   debian-musl         Debian's musl and its static busybox
#   debian-both         usr-merged, with glibc and musl
#   debian-programs     programs of packages, each in a folder of its own
ROOT_IMAGES=(files split distroless musl both programs)

# push_roots makes sure that the registry has them.
push_roots() {
	local name
	if ! command -v apt-get >/dev/null; then
		log "no apt-get: tests that want images of Debian's files will fail"
		return
	fi
	packages
	for name in "${ROOT_IMAGES[@]}"; do push_root "$name"; done
}

# root_layout NAME prints where an image's layout lies.
root_layout() { cached "root-$1" roots_layout "$1_root" busybox_root "$PACKAGES"; }

push_root() {
	local layout
	layout=$(root_layout "$1")
	with_lock "$layout.lock" make_base "$layout" roots_layout "$1"
	push_base "debian-$1:$DEBIAN_SUITE" "$layout"
}

# roots_layout NAME is an image of what NAME_root makes for each architecture.
roots_layout() {
	local arch
	for arch in "${DEBIAN_ARCHS[@]}"; do
		mkdir -- "$arch"
		"$1_root" "$arch" "$arch"
		add_root "$arch"
	done
	add_index
}

# add_root ARCH adds an image of the folder that is called as its architecture.
add_root() {
	pack_layer "$1" 0 "$1.tar" --owner=0 --group=0
	add_image "${1/ppc64el/ppc64le}" \
		'{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["sh"]}' "$1.tar"
}

# The following make a root file system for ARCH in DIR.

files_root() {
	merge_usr "$@"
	unpack "$@" base-files libc6
}

split_root() { unpack "$@" base-files libc6; }

distroless_root() {
	unpack "$@" base-files ca-certificates libc6 netbase tzdata
	# What the packages' scripts would do.
	echo 'root:x:0:0:root:/root:/sbin/nologin' >"$2/etc/passwd"
	mkdir -p -- "$2/etc/ssl/certs"
	cat -- "$2"/usr/share/ca-certificates/mozilla/*.crt >"$2/etc/ssl/certs/ca-certificates.crt"
}

musl_root() {
	busybox_root "$@"
	unpack "$@" musl
}

both_root() {
	merge_usr "$@"
	unpack "$@" base-files libc6 musl
}

# programs_root is for the first architecture; the others have empty folders.
programs_root() {
	local program
	for program in "${DEBIAN_PROGRAMS[@]}"; do
		mkdir -- "$2/$program"
		[[ $1 != "${DEBIAN_ARCHS[0]}" ]] || unpack "$1" "$2/$program" "$program"
	done
}

# busybox_root has busybox and nothing else.
busybox_root() {
	mkdir -p -- "$2/bin" "$2/tmp" "$2.package"
	unpack "$1" "$2.package" busybox-static
	find "$2.package" -path '*/bin/busybox' -exec install -m 0755 -t "$2/bin" {} +
	ln -s busybox "$2/bin/sh"
	chmod 1777 "$2/tmp"
}

# merge_usr ARCH DIR makes the symlinks of a merged /usr.
merge_usr() {
	local link links=(bin sbin lib)
	case $1 in amd64 | ppc64el) links+=(lib64) ;; esac
	for link in "${links[@]}"; do
		mkdir -p -- "$2/usr/$link"
		ln -s "usr/$link" "$2/$link"
	done
}
