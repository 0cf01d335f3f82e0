# shellcheck shell=bash
# Substitutes for the base images of ./Dockerfile and examples/, made from
# Debian's packages and this machine's Go, for machines without Docker Hub.
# Each is an OCI layout in the cache, named by what it is made of.

# shellcheck source-path=SCRIPTDIR source=lib-layout.sh
source "$HACK/lib-layout.sh"
# shellcheck source-path=SCRIPTDIR source=lib-packages.sh
source "$HACK/lib-packages.sh"
# shellcheck source-path=SCRIPTDIR source=lib-roots.sh
source "$HACK/lib-roots.sh"

# The names that Dockerfiles use, as on Docker Hub.
DEBIAN_IMAGE=debian:$DEBIAN_SUITE-slim
GO_IMAGE=golang:1.26-$DEBIAN_SUITE
BUSYBOX_IMAGE=busybox:1.37-musl

# docker_hub succeeds where the images can be had from Docker Hub itself.
# DT_BASES=hub or DT_BASES=local answers without asking.
docker_hub() {
	case ${DT_BASES:-auto} in
	hub) ;;
	local) return 1 ;;
	*) timeout 20 crane digest "$BUSYBOX_IMAGE" >/dev/null 2>&1 ;;
	esac
}

# push_bases makes sure that the registry has them, and what tests want.
push_bases() {
	push_roots
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
	need gzip=gzip /etc/ssl/certs/ca-certificates.crt=ca-certificates debootstrap=debootstrap
	packages
	DEBIAN_LAYOUT=$(cached debian debian_layout)
	BUSYBOX_LAYOUT=$(cached busybox roots_layout busybox_root "$PACKAGES")
	GO_LAYOUT=$(cached go debian_layout go_layout "$(go version)" "$(sha256sum <"$(ca_bundle)")")
	with_lock "$CACHE/bases.lock" make_bases
}

make_bases() {
	make_base "$DEBIAN_LAYOUT" debian_layout
	make_base "$GO_LAYOUT" go_layout
	make_base "$BUSYBOX_LAYOUT" roots_layout busybox
}

# ca_bundle prints the path of the certificates that this machine trusts.
ca_bundle() { echo "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}"; }

# debian_layout is debootstrap's smallest system, slimmed as Docker Hub's is.
debian_layout() {
	local epoch
	debootstrap --variant=minbase --keyring="$DEBIAN_KEYS" "$DEBIAN_SUITE" rootfs "$DEBIAN_MIRROR"
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
