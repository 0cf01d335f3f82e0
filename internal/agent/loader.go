package agent

// Gcompat lets musl run programs made for glibc. It brings a loader of glibc's
// name, with which an agent for glibc cannot live.
const Gcompat = "/lib/libgcompat.so.0"
