# shellcheck shell=bash
# Debian's packages for all architectures that there are agents for. They are
# unpacked and never installed: nothing of them is run.

DEBIAN_SUITE=bookworm
DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
DEBIAN_MIRROR=''
# Debian's names of the architectures.
DEBIAN_ARCHS=(amd64 arm64 ppc64el s390x)
# What every architecture has, and what only the first.
DEBIAN_PACKAGES=(base-files busybox-static ca-certificates libc6 musl netbase tzdata)
DEBIAN_PROGRAMS=(apache2-bin nginx nodejs php8.2-cli php8.2-fpm)

# packages makes sure that the packages are in the cache, in $PACKAGES, and sets
# DEBIAN_MIRROR to where they come from.
packages() {
	need apt-get=apt dpkg-deb=dpkg xz=xz-utils "$DEBIAN_KEYS"=debian-archive-keyring
	DEBIAN_MIRROR=${DEBIAN_MIRROR:-$(debian_mirror)}
	PACKAGES=$(cached packages packages_layout fetch_packages "$DEBIAN_SUITE" \
		"${DEBIAN_ARCHS[@]}" "${DEBIAN_PACKAGES[@]}" "${DEBIAN_PROGRAMS[@]}")
	with_lock "$PACKAGES.lock" make_base "$PACKAGES" packages_layout
}

# packages_layout fetches for all architectures at once: most of it is waiting.
packages_layout() {
	local arch pid pids=()
	for arch in "${DEBIAN_ARCHS[@]}"; do
		mkdir -p -- "layout/$arch"
		if [[ $arch == "${DEBIAN_ARCHS[0]}" ]]; then
			fetch_packages "$arch" "${DEBIAN_PACKAGES[@]}" "${DEBIAN_PROGRAMS[@]}" &
		else
			fetch_packages "$arch" "${DEBIAN_PACKAGES[@]}" &
		fi
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
}

# fetch_packages ARCH PACKAGE... has apt fetch and verify packages in folders of
# its own, so that the machine's dpkg need not know foreign architectures.
fetch_packages() {
	local arch=$1 apt
	mkdir -p -- "$arch/lists/partial" "$arch/cache/archives/partial"
	: >"$arch/status"
	echo "deb [signed-by=$DEBIAN_KEYS] $DEBIAN_MIRROR $DEBIAN_SUITE main" >"$arch/sources.list"
	apt=(apt-get -o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o APT::Sandbox::User=root
		-o "Dir::State::lists=$PWD/$arch/lists" -o "Dir::State::status=$PWD/$arch/status"
		-o "Dir::Cache=$PWD/$arch/cache" -o "Dir::Etc::sourcelist=$PWD/$arch/sources.list"
		-o Dir::Etc::sourceparts=- -o Acquire::Languages=none
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
	"${apt[@]}" update
	(cd "layout/$arch" && "${apt[@]}" download "${@:2}")
}

# debian_mirror prints the place whence this machine's apt gets the suite.
debian_mirror() {
	local mirror=''
	! command -v apt-get >/dev/null ||
		mirror=$(apt-get indextargets --format "\$(SITE) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' |
			awk -v suite="$DEBIAN_SUITE" '$2 == suite && $3 == "main" && !n++ {print $1}')
	[[ -n $mirror ]] || die "apt knows no place of Debian $DEBIAN_SUITE: name one in DEBIAN_MIRROR"
	echo "$mirror"
}

# unpack ARCH DIR PACKAGE... adds the files of packages to a folder, through
# symlinks that are there. What takes room and is of no use here stays out.
unpack() {
	local arch=$1 dir=$2 package
	for package in "${@:3}"; do
		dpkg-deb --fsys-tarfile "$PACKAGES/$arch/${package}"_*.deb |
			tar -C "$dir" --keep-directory-symlink --exclude './usr/share/doc/*' --exclude './usr/share/man/*' \
				--exclude './usr/share/lintian' --exclude './usr/lib/*/gconv' \
				--exclude './usr/share/zoneinfo/right' --exclude './usr/share/zoneinfo/posix' -xf -
	done
}
