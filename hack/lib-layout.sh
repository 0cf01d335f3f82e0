# shellcheck shell=bash
# OCI layouts in the cache, each made once by a function and named by all that
# it depends on.

# cached NAME FUNCTION [MORE...] prints where the layout lies that FUNCTION
# makes. Of MORE, names of functions stand for what they do.
cached() {
	echo "$CACHE/bases/$1-$(recipe "${@:2}" | hash_of)"
}

recipe() {
	local word
	for word in "$@" unpack merge_usr add_root pack_layer add_blob add_image add_index descriptor; do
		echo "$word"
		declare -f "$word" || true
	done
	echo "$DEBIAN_MIRROR"
}

# make_base LAYOUT FUNCTION [ARGUMENT...] calls FUNCTION with an empty folder to
# work in. The layout is in place only when it is whole.
make_base() {
	[[ ! -d $1 ]] || return 0
	log "making $1; log: $1.log"
	rm -rf --one-file-system -- "$1.tmp"
	mkdir -p -- "$1.tmp/layout"
	local status MANIFESTS=''
	# Not in a condition, where errexit would be off.
	set +e
	(
		set -e
		cd -- "$1.tmp"
		"${@:2}"
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
	mkdir -p -- layout/blobs/sha256
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
