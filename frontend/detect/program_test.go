package detect

import (
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// A technology that no cluster knows would make every download fail.
func TestTechnologyOf_NamesDocumentedOnes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"java", "node", "nodejs", "nginx", "httpd", "apache2", "php8.2", "php-cgi", "php-fpm83", "dotnet"} {
		require.Contains(t, agent.KnownTechnologies(""), technologyOf(name), name)
	}
}
