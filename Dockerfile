# The frontend image: what `# syntax=org/dt-frontend` names.
#
#   docker buildx build -t org/dt-frontend .
#
# dt-verify is no part of it. As an image, and as a program in ./bin:
#
#   docker buildx build --target dt-verify -t org/dt-verify .
#   docker buildx build --target dt-verify-binary -o bin .
#
# Everything is cross-compiled on the builder's own platform; no stage runs
# under emulation.

# The base images. A release names them with their digests: see docs/release.md.
ARG GO_IMAGE=golang:1.26-bookworm
ARG BUSYBOX_IMAGE=busybox:1.37-musl

FROM --platform=$BUILDPLATFORM $GO_IMAGE AS go
WORKDIR /src
# STAMP=RELEASE is the linker's flag for what a program says of its release.
ENV CGO_ENABLED=0 \
    GOFLAGS="-trimpath -buildvcs=false" \
    LDFLAGS="-s -w -buildid=" \
    STAMP="-X github.com/org/dt-frontend/internal/version.linked"

# The frontend, and the helper that its build steps run. They are for the
# platform of the builder that pulls the image. The helper's file does not hold
# the release: the file is part of the key of every step, and a release would
# download all agents again.
FROM go AS commands
ARG TARGETOS TARGETARCH
ARG VERSION=devel
RUN --mount=type=bind,target=. \
    --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build <<'SH'
set -eu
export GOOS=$TARGETOS GOARCH=$TARGETARCH
go build -ldflags "$LDFLAGS $STAMP=$VERSION" -o /out/ ./cmd/dt-frontend
go build -ldflags "$LDFLAGS" -o /out/ ./cmd/dt-install
SH

# The helper that goes into the images that are built. Those may be for any
# platform that has a OneAgent, so that every frontend image carries it for all.
# The entry point reads the signals that the app is to inherit (internal/start/inherit).
FROM go AS start
ARG VERSION=devel
RUN --mount=type=bind,target=. \
    --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build <<'SH'
set -eu
for arch in amd64 arm64 ppc64le s390x; do
    GOOS=linux GOARCH=$arch go build -ldflags "$LDFLAGS -E dt_start_entry $STAMP=$VERSION" -o "/start/linux_$arch/dt-start" ./cmd/dt-start
done
SH

# The audit of images, for the machine that asks for it.
FROM go AS verify
ARG TARGETOS TARGETARCH
ARG VERSION=devel
RUN --mount=type=bind,target=. \
    --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build <<'SH'
set -eu
GOOS=$TARGETOS GOARCH=$TARGETARCH go build -ldflags "$LDFLAGS $STAMP=$VERSION" -o /out/ ./cmd/dt-verify
# It talks to registries, and copies archives to disk.
mkdir -p /image/etc/ssl/certs /image/tmp
cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/
chmod 1777 /image/tmp
SH

FROM scratch AS dt-verify-binary
COPY --from=verify /out/ /

FROM scratch AS dt-verify
ARG VERSION=devel
LABEL org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.title="dt-verify" \
      org.opencontainers.image.description="Audits container images for Dynatrace OneAgent and links to a cluster" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/org/dt-frontend"
COPY --from=verify /image /
COPY --from=dt-verify-binary / /
ENTRYPOINT ["/dt-verify"]

# One busybox to be copied, and one that can be asked for its applets.
FROM $BUSYBOX_IMAGE AS busybox
FROM --platform=$BUILDPLATFORM $BUSYBOX_IMAGE AS applets
RUN busybox --list >/applets

# The root file system that build steps run on. It holds no frontend, so that a
# new release of that leaves the steps' cache as it is.
FROM go AS tools
COPY --from=busybox /bin/busybox /image/tools/bin/busybox
COPY --from=commands /out/dt-install /image/tools/bin/dt-install
RUN --mount=from=applets,source=/applets,target=/applets <<'SH'
set -eu
cd /image/tools
while read -r applet; do
    [ "$applet" = busybox ] || ln -s busybox "bin/$applet"
done </applets
# They name the machine that an agent is for.
ln -sf dt-install bin/uname
ln -sf dt-install bin/arch
# The vendor's installers are shell scripts: they count on these.
for applet in sh tar gzip gunzip xz unxz unzip sed awk dd mktemp tail head md5sum sha256sum uname id cat cut tr grep ls \
    mkdir rm mv cp chmod ln base64 expr test printf sleep wc sort env dirname basename touch find date; do
    [ -L "bin/$applet" ] || { echo "this busybox has no $applet" >&2; exit 1; }
done
mkdir -p etc/ssl/certs dev opt proc root run sys usr var/tmp tmp
# By whatever path a script calls them.
ln -s bin sbin
ln -s ../bin usr/bin
ln -s ../bin usr/sbin
cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/tmp:/bin/sh' >etc/passwd
printf '%s\n' 'root:x:0:' 'nobody:x:65534:' >etc/group
chmod 0755 bin/busybox bin/dt-install
chmod 0644 etc/passwd etc/group etc/ssl/certs/ca-certificates.crt
find . -type d -exec chmod 0755 {} +
chmod 0700 root
chmod 1777 tmp var/tmp
# For people who look into the image.
ln -s tools/bin/dt-install /image/dt-install
SH

FROM scratch
ARG VERSION=devel
# For dt-install, when people run it from this image.
ENV DT_FRONTEND_VERSION=$VERSION
LABEL org.opencontainers.image.version="$VERSION" \
      moby.buildkit.frontend.network.none="true" \
      moby.buildkit.frontend.caps="moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,moby.buildkit.frontend.gitquerystring,moby.buildkit.frontend.contexts.zstd" \
      org.opencontainers.image.title="dt-frontend" \
      org.opencontainers.image.description="A BuildKit frontend whose images carry Dynatrace OneAgent, with no link to a cluster in them" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/org/dt-frontend"
COPY --from=tools /image /
COPY --from=start /start /start
COPY --from=commands /out/dt-frontend /dt-frontend
ENTRYPOINT ["/dt-frontend"]
