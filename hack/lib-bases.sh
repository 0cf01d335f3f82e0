# shellcheck shell=bash
# Substitutes for the base images of ./Dockerfile and examples/, made from
# Debian's packages and this machine's Go, for machines without Docker Hub.
# Each is an OCI layout in the cache, named by what it is made of.

DEBIAN_SUITE=bookworm
DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
# The names that Dockerfiles use, as on Docker Hub.
DEBIAN_IMAGE=debian:$DEBIAN_SUITE-slim
GO_IMAGE=golang:1.26-$DEBIAN_SUITE
BUSYBOX_IMAGE=busybox:1.37-musl
# Debian's names of the architectures that there are agents for.
BUSYBOX_ARCHS=(amd64 arm64 ppc64el s390x)

# docker_hub succeeds where the images can be had from Docker Hub itself.
# DT_BASES=hub or DT_BASES=local answers without asking.
docker_hub() {
	case ${DT_BASES:-auto} in
	hub) ;;
	local) return 1 ;;
	*) timeout 20 crane digest "$BUSYBOX_IMAGE" >/dev/null 2>&1 ;;
	esac
}

# push_bases makes sure that the registry has them.
push_bases() {
	if docker_hub; then
		log "Docker Hub answers: base images come from there"
		return
	fi
	bases
	push_base "$DEBIAN_IMAGE" "$DEBIAN_LAYOUT"
	push_base "$GO_IMAGE" "$GO_LAYOUT"
	push_base "$BUSYBOX_IMAGE" "$BUSYBOX_LAYOUT"
}

# push_base NAME LAYOUT pushes an image index, unless it is there.
push_base() {
	local ref=$REGISTRY/library/$1 digest
	digest=sha256:$(sha256sum <"$2/index.json" | cut -d' ' -f1)
	[[ $(crane digest "$ref" 2>/dev/null) == "$digest" ]] || {
		log "pushing $ref"
		crane push --index "$2" "$ref" >/dev/null 2>"$STATE/log/push.log" ||
			die "pushing $ref failed; log: $STATE/log/push.log"
	}
}

# bases makes the layouts, unless they are in the cache.
bases() {
	need gzip=gzip xz=xz-utils dpkg-deb=dpkg /etc/ssl/certs/ca-certificates.crt=ca-certificates \
		debootstrap=debootstrap "$DEBIAN_KEYS"=debian-archive-keyring
	local dir=$CACHE/bases recipe
	mkdir -p -- "$dir"
	recipe=$(declare -f debian_layout busybox_layout go_layout pack_layer add_blob add_image add_index descriptor &&
		echo "$DEBIAN_SUITE" "${BUSYBOX_ARCHS[@]}" && debian_mirror)
	DEBIAN_LAYOUT=$dir/debian-$(hash_of <<<"$recipe")
	BUSYBOX_LAYOUT=$dir/busybox-$(hash_of <<<"$recipe")
	GO_LAYOUT=$dir/go-$( (echo "$recipe" && go version && cat -- "$(ca_bundle)") | hash_of)
	with_lock "$dir.lock" make_bases
}

make_bases() {
	make_base "$DEBIAN_LAYOUT" debian_layout
	make_base "$GO_LAYOUT" go_layout
	make_base "$BUSYBOX_LAYOUT" busybox_layout
}

# make_base LAYOUT FUNCTION calls FUNCTION with an empty folder to work in. The
# layout is in place only when it is whole.
make_base() {
	[[ ! -d $1 ]] || return 0
	log "making $1; log: $1.log"
	rm -rf --one-file-system -- "$1.tmp"
	mkdir -p -- "$1.tmp/layout/blobs/sha256"
	local status MANIFESTS=''
	# Not in a condition, where errexit would be off.
	set +e
	(
		set -e
		cd -- "$1.tmp"
		"$2"
	) >"$1.log" 2>&1
	status=$?
	set -e
	if [[ $status -ne 0 ]]; then
		tail -n 20 -- "$1.log" >&2
		die "making $1 failed; log: $1.log"
	fi
	mv -- "$1.tmp/layout" "$1"
	rm -rf --one-file-system -- "$1.tmp"
}

# debian_mirror prints the place whence this machine's apt gets the suite, and
# nothing on a machine that knows none: then debootstrap has its own.
debian_mirror() {
	apt-get indextargets --format "\$(SITE) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' |
		awk -v suite="$DEBIAN_SUITE" '$2 == suite && $3 == "main" && !n++ {print $1}'
}

# ca_bundle prints the path of the certificates that this machine trusts.
ca_bundle() { echo "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}"; }

# debian_layout is debootstrap's smallest system, slimmed as Docker Hub's is.
debian_layout() {
	local mirror epoch
	mirror=$(debian_mirror)
	debootstrap --variant=minbase --keyring="$DEBIAN_KEYS" "$DEBIAN_SUITE" rootfs ${mirror:+"$mirror"}
	# All that debootstrap wrote is as old as the release it wrote.
	epoch=$(date -d "$(sed -n 's/^Date: //p' rootfs/var/lib/apt/lists/*Release | head -n 1)" +%s)
	bash -euo pipefail -s rootfs <<'SLIM'
cd "$1"
printf '#!/bin/sh\nexit 101\n' >usr/sbin/policy-rc.d
chmod 0755 usr/sbin/policy-rc.d
echo force-unsafe-io >etc/dpkg/dpkg.cfg.d/docker-apt-speedup
cat >etc/dpkg/dpkg.cfg.d/docker <<'DPKG'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/lintian/*
DPKG
cat >etc/apt/apt.conf.d/docker-clean <<'APT'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
APT
find usr/share/doc ! -type d ! -name copyright -delete
find usr/share/doc -depth -type d -empty -delete
rm -rf usr/share/{man,info,locale,lintian}/* var/lib/apt/lists/* var/cache/apt/* var/cache/ldconfig/*
find var/log -type f -delete
rm -f var/cache/debconf/*-old var/lib/dpkg/*-old etc/resolv.conf etc/hostname
: >etc/machine-id
SLIM
	pack_layer rootfs "$epoch" debian.tar --exclude './dev/*' --exclude './proc/*' --exclude './sys/*'
	add_image "$(dpkg --print-architecture)" \
		'{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["bash"]}' debian.tar
	add_index
}

# go_layout is Debian with this machine's Go and the certificates it trusts,
# without which no module could be downloaded in a build step.
go_layout() {
	local goroot
	goroot=$(go env GOROOT)
	gzip -dc -- "$DEBIAN_LAYOUT"/base.tar.gz >debian.tar
	mkdir -p go/usr/local/go go/go/bin go/go/src certs/etc/ssl/certs
	chmod 1777 go/go go/go/bin go/go/src
	# Tests are as large as the rest of the tree.
	tar -C "$goroot" --exclude './test' --exclude './api' --exclude './doc' --exclude testdata \
		--exclude '*_test.go' -cf - . | tar -C go/usr/local/go -xf -
	chmod -R u+w go/usr/local/go
	cp -- "$(ca_bundle)" certs/etc/ssl/certs/ca-certificates.crt
	pack_layer go 0 go.tar --owner=0 --group=0
	pack_layer certs 0 certs.tar --owner=0 --group=0
	add_image "$(go env GOARCH)" \
		'{"Env":["PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","GOTOOLCHAIN=local","GOPATH=/go"],"Cmd":["bash"],"WorkingDir":"/go"}' \
		debian.tar go.tar certs.tar
	add_index
}

# busybox_layout is Debian's static busybox for each architecture. apt fetches
# and verifies the packages in folders of its own, so that the machine's dpkg
# need not know the foreign architectures.
busybox_layout() {
	local arch apt
	# debootstrap wrote down where it found the packages.
	tar -xzOf "$DEBIAN_LAYOUT/base.tar.gz" ./etc/apt/sources.list |
		sed "s,^deb ,deb [signed-by=$DEBIAN_KEYS] ," >sources.list
	for arch in "${BUSYBOX_ARCHS[@]}"; do
		mkdir -p "$arch/lists/partial" "$arch/cache/archives/partial" "$arch/root/bin" "$arch/root/tmp"
		: >"$arch/status"
		apt=(-o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o APT::Sandbox::User=root
			-o "Dir::State::lists=$PWD/$arch/lists" -o "Dir::State::status=$PWD/$arch/status"
			-o "Dir::Cache=$PWD/$arch/cache" -o "Dir::Etc::sourcelist=$PWD/sources.list"
			-o Dir::Etc::sourceparts=- -o Acquire::Languages=none
			-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
		apt-get "${apt[@]}" update
		(cd "$arch" && apt-get "${apt[@]}" download busybox-static && dpkg-deb -x busybox-static_*.deb package)
		install -m 0755 "$arch"/package/*bin/busybox "$arch/root/bin/busybox" 2>/dev/null ||
			install -m 0755 "$arch"/package/usr/bin/busybox "$arch/root/bin/busybox"
		ln -s busybox "$arch/root/bin/sh"
		chmod 1777 "$arch/root/tmp"
		pack_layer "$arch/root" 0 "$arch.tar" --owner=0 --group=0
		add_image "${arch/ppc64el/ppc64le}" \
			'{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["sh"]}' "$arch.tar"
	done
	add_index
}

# pack_layer DIR EPOCH TAR [OPTION...] writes a layer that depends on nothing
# but the files: no file in it is younger than EPOCH.
pack_layer() {
	local dir=$1 epoch=$2 tar=$3
	shift 3
	tar -C "$dir" --sort=name --numeric-owner --mtime="@$epoch" --clamp-mtime --format=gnu \
		"$@" -cf - . >"$tar"
}

# add_blob FILE moves a file into the layout and prints "DIGEST SIZE".
add_blob() {
	local digest size
	digest=$(sha256sum <"$1" | cut -d' ' -f1)
	size=$(stat -c %s -- "$1")
	mv -- "$1" "layout/blobs/sha256/$digest"
	echo "sha256:$digest $size"
}

# add_image ARCH CONFIG TAR... adds an image with these layers to the layout.
add_image() {
	local arch=$1 config=$2 tar digest size diffs='' layers=''
	shift 2
	for tar; do
		diffs+=${diffs:+,}'"sha256:'$(sha256sum <"$tar" | cut -d' ' -f1)'"'
		gzip -n4 <"$tar" >"$tar.gz"
		read -r digest size < <(add_blob "$tar.gz")
		layers+=${layers:+,}$(descriptor layer.v1.tar+gzip "$digest" "$size")
		# Other images are made on top of the first.
		[[ -e layout/base.tar.gz ]] || ln -s "blobs/sha256/${digest#sha256:}" layout/base.tar.gz
	done
	printf '{"created":"1970-01-01T00:00:00Z","architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]}}' \
		"$arch" "$config" "$diffs" >config.json
	read -r digest size < <(add_blob config.json)
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}' \
		"$(descriptor config.v1+json "$digest" "$size")" "$layers" >manifest.json
	read -r digest size < <(add_blob manifest.json)
	MANIFESTS+=${MANIFESTS:+,}$(descriptor manifest.v1+json "$digest" "$size" \
		',"platform":{"os":"linux","architecture":"'"$arch"'"}')
}

# add_index makes the layout's top out of the images that were added.
add_index() {
	echo '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}' \
		"$MANIFESTS" >layout/index.json
}

# descriptor TYPE DIGEST SIZE [MORE] prints an OCI descriptor.
descriptor() {
	printf '{"mediaType":"application/vnd.oci.image.%s","digest":"%s","size":%s%s}' "$1" "$2" "$3" "${4:-}"
}
