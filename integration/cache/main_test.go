package cache

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }
