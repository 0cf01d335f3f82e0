# shellcheck shell=bash
# Good images: what is in an image that has nothing to do with a cluster. An audit
# must find nothing in them. They are the base images of tests, and one image for
# each line below with what Debian's packages hold, each package in a layer of its
# own, as it is. Nothing was run to make them.

# NAME PACKAGE..., most of them language runtimes.
GOOD_IMAGES=(
	'apache apache2-bin'
	'elixir elixir'
	'erlang erlang-base'
	'gcc gcc-12 cpp-12'
	'git git'
	'guile guile-3.0 guile-3.0-libs'
	'haproxy haproxy'
	'icu libicu72'
	'java openjdk-17-jre-headless'
	'lua lua5.4 liblua5.4-0'
	'mariadb mariadb-server-core'
	'mono mono-runtime-sgen libmono-corlib4.5-cil'
	'nginx nginx'
	'nodejs nodejs libnode108'
	'ocaml ocaml-base'
	'perl perl-base libperl5.36 perl-modules-5.36'
	'php php8.2-cli php8.2-common php8.2-opcache'
	'postgresql postgresql-15'
	'prolog swi-prolog-core'
	'python python3.11-minimal libpython3.11-minimal libpython3.11-stdlib python3-cryptography'
	'r r-base-core'
	'ruby ruby3.1 libruby3.1'
	'rust rustc libstd-rust-1.63'
	'sbcl sbcl'
	'tcl tcl8.6 libtcl8.6'
	'tomcat libtomcat10-java'
)

# good_images makes sure that the images are in the cache, and prints the
# directories of their layouts, one a line.
good_images() {
	local layout name
	bases >&2
	printf '%s\n' "$DEBIAN_LAYOUT" "$GO_LAYOUT" "$BUSYBOX_LAYOUT"
	# shellcheck disable=SC2153 # lib-roots.sh has them
	for name in "${ROOT_IMAGES[@]}"; do
		layout=$(root_layout "$name")
		with_lock "$layout.lock" make_base "$layout" roots_layout "$name" >&2
		echo "$layout"
	done
	layout=$(cached good good_layouts fetch_packages good_image "$DEBIAN_SUITE" "${GOOD_IMAGES[@]}")
	with_lock "$layout.lock" make_base "$layout" good_layouts >&2
	printf '%s\n' "$layout"/*
}

# good_layouts makes a directory of layouts, out of packages for one architecture.
good_layouts() {
	local line words packages=()
	for line in "${GOOD_IMAGES[@]}"; do
		read -ra words <<<"$line"
		packages+=("${words[@]:1}")
	done
	mkdir -p -- packages/layout/amd64
	(cd packages && fetch_packages amd64 "${packages[@]}")
	for line in "${GOOD_IMAGES[@]}"; do
		read -ra words <<<"$line"
		good_image "${words[@]}"
	done
}

# good_image NAME PACKAGE... makes one layout.
good_image() {
	local name=$1 debs=$PWD/packages/layout/amd64 package tars=()
	mkdir -p -- "images/$name/layout"
	(
		cd -- "images/$name" || exit
		# shellcheck disable=SC2034 # add_image and add_index go by it
		MANIFESTS=''
		for package in "${@:2}"; do
			dpkg-deb --fsys-tarfile "$debs/${package}"_*.deb >"$package.tar"
			tars+=("$package.tar")
		done
		add_image amd64 '{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]}' "${tars[@]}"
		add_index
	)
	mv -- "images/$name/layout" "layout/$name"
	rm -rf --one-file-system -- "images/$name"
}
