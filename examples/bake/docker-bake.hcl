// Two images with OneAgent, of a Dockerfile that does not mention it.
//
//   export DT_API_URL=… DT_API_TOKEN=… DT_TENANT=…
//   docker buildx bake

group "default" {
  targets = ["app", "job"]
}

// What every image with the agent inherits. Never make a secret a variable or an
// arg of bake: `bake --print` and the builder's history show those.
target "_oneagent" {
  args = {
    // A syntax line in the Dockerfile does the same.
    BUILDKIT_SYNTAX = "org/dt-frontend"
    DYNATRACE       = "on-missing-secret=skip"
  }
  secret = [
    { id = "DT_API_URL", env = "DT_API_URL" },
    { id = "DT_API_TOKEN", env = "DT_API_TOKEN" },
    { id = "DT_TENANT", env = "DT_TENANT" },
  ]
}

target "app" {
  inherits = ["_oneagent"]
  target   = "app"
  tags     = ["example/app"]
}

target "job" {
  inherits = ["_oneagent"]
  target   = "job"
  tags     = ["example/job"]
}
