// What this repository builds: `docker buildx bake` makes the images, and
// `docker buildx bake dt-verify-binary` the program in ./bin. docs/release.md says
// how a release is made.

variable "REGISTRY" {
  default = "docker.io"
}

variable "TAG" {
  default = "latest"
}

// The release, as every program prints it and reports it to an environment. The
// number of a release asks for bases by digest: the frontend image is given every
// secret, and a tag may name other bytes tomorrow.
variable "VERSION" {
  default = "devel"
  validation {
    condition     = can(regex("^[0-9A-Za-z.+_-]{1,80}$", VERSION))
    error_message = "VERSION may have letters, digits and .+_- in it, and 80 of them."
  }
  validation {
    condition = !can(regex("^v?[0-9]+\\.", VERSION)) || (
      can(regex("@sha256:[0-9a-f]{64}$", GO_IMAGE)) && can(regex("@sha256:[0-9a-f]{64}$", BUSYBOX_IMAGE))
    )
    error_message = "A release needs its base images by digest: set GO_IMAGE and BUSYBOX_IMAGE as docs/release.md says."
  }
}

// The base images; see ./Dockerfile.
variable "GO_IMAGE" {
  default = "golang:1.26-bookworm"
}

variable "BUSYBOX_IMAGE" {
  default = "busybox:1.37-musl"
}

// The time of all files and of the image, so that two builds are the same bytes.
variable "SOURCE_DATE_EPOCH" {
  default = "0"
}

variable "PLATFORMS" {
  default = ["linux/amd64", "linux/arm64"]
}

group "default" {
  targets = ["dt-frontend", "dt-verify"]
}

target "image" {
  args = {
    VERSION           = VERSION
    GO_IMAGE          = GO_IMAGE
    BUSYBOX_IMAGE     = BUSYBOX_IMAGE
    SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH
  }
  output = ["type=image,rewrite-timestamp=true"]
  attest = ["type=sbom", "type=provenance,mode=max"]
}

target "dt-frontend" {
  inherits  = ["image"]
  tags      = ["${REGISTRY}/org/dt-frontend:${TAG}"]
  platforms = PLATFORMS
}

target "dt-verify" {
  inherits  = ["image"]
  target    = "dt-verify"
  tags      = ["${REGISTRY}/org/dt-verify:${TAG}"]
  platforms = PLATFORMS
}

// For this machine, be it no Linux.
target "dt-verify-binary" {
  args      = { VERSION = VERSION, GO_IMAGE = GO_IMAGE }
  target    = "dt-verify-binary"
  platforms = ["local"]
  output    = ["type=local,dest=bin"]
}
