// What this repository builds: `docker buildx bake` makes the images, and
// `docker buildx bake dt-verify-binary` the program in ./bin.

variable "REGISTRY" {
  default = "docker.io"
}

variable "TAG" {
  default = "latest"
}

// The release, as dt-start reports it to an environment.
variable "VERSION" {
  default = "devel"
}

variable "PLATFORMS" {
  default = ["linux/amd64", "linux/arm64"]
}

group "default" {
  targets = ["dt-frontend", "dt-verify"]
}

target "dt-frontend" {
  args      = { VERSION = VERSION }
  tags      = ["${REGISTRY}/org/dt-frontend:${TAG}"]
  platforms = PLATFORMS
}

target "dt-verify" {
  target    = "dt-verify"
  tags      = ["${REGISTRY}/org/dt-verify:${TAG}"]
  platforms = PLATFORMS
}

// For this machine, be it no Linux.
target "dt-verify-binary" {
  target    = "dt-verify-binary"
  platforms = ["local"]
  output    = ["type=local,dest=bin"]
}
