package image

import (
	"io"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
)

// dockerHub is the host that serves docker.io, and its key in docker's config.
const (
	dockerHub    = "registry-1.docker.io"
	dockerHubKey = "https://index.docker.io/v1/"
)

// dockerCredentials returns what looks up a registry's credentials in the
// config of the docker command, or asks the helpers that it names. The config
// is read when the first registry asks for any.
func dockerCredentials() func(host string) (user, secret string, err error) {
	var file *configfile.ConfigFile
	return func(host string) (string, string, error) {
		if file == nil {
			file = config.LoadDefaultConfigFile(io.Discard)
		}
		if host == dockerHub {
			host = dockerHubKey
		}
		auth, err := file.GetAuthConfig(host)
		if err != nil {
			return "", "", err
		}
		if auth.IdentityToken != "" {
			return "", auth.IdentityToken, nil
		}
		return auth.Username, auth.Password, nil
	}
}
