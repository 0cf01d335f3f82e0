package cluster_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

type manifest struct {
	Technologies           map[string]map[string][]manifestFile
	Version                string
	TenantUUID             string
	TenantToken            string
	CommunicationEndpoints []string
}

type manifestFile struct{ Path, MD5, Version, BinaryType, TechnologyVersion string }

// primary is the library that a platform's processes are given.
func (m manifest) primary(t *testing.T, platform string) string {
	t.Helper()
	var found []string
	for _, f := range m.Technologies["process"][platform] {
		if f.BinaryType == "primary" {
			found = append(found, f.Path)
		}
	}
	require.Len(t, found, 1)
	return found[0]
}

// customised are files that a cluster delivers otherwise than the manifest has
// them.
var customised = []string{"agent/conf/ruxitagentproc.conf", "dynatrace-env.sh"}

func readManifest(t *testing.T, root string) manifest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "manifest.json"))
	require.NoError(t, err)
	var m manifest
	require.NoError(t, json.Unmarshal(data, &m))
	return m
}

// mismatches are the files that differ from the manifest and should not.
func mismatches(t *testing.T, root string) []string {
	t.Helper()
	return slices.DeleteFunc(allMismatches(t, root), func(p string) bool { return slices.Contains(customised, p) })
}

// allMismatches are the files that differ from the manifest.
func allMismatches(t *testing.T, root string) (wrong []string) {
	t.Helper()
	for _, platforms := range readManifest(t, root).Technologies {
		for _, files := range platforms {
			for _, f := range files {
				data, err := os.ReadFile(filepath.Join(root, f.Path))
				require.NoError(t, err)
				sum := md5.Sum(data)
				if hex.EncodeToString(sum[:]) != f.MD5 {
					wrong = append(wrong, f.Path)
				}
			}
		}
	}
	slices.Sort(wrong)
	return slices.Compact(wrong)
}
