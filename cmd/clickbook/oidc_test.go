package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOrganisationIsConfiguredWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const issuer = "https://login.example.org"
	for name, c := range map[string]struct {
		given  oidcConfig
		secret string
		fault  string
	}{
		"none":                   {},
		"from the environment":   {given: oidcConfig{issuer, "me", "s3cret", ""}, secret: "s3cret"},
		"from a file":            {given: oidcConfig{issuer, "me", "", file}, secret: "from a file"},
		"on this machine":        {given: oidcConfig{"http://127.0.0.1:9000", "me", "s", ""}, secret: "s"},
		"without encryption":     {given: oidcConfig{"http://login.example.org", "me", "s", ""}, fault: "--oidc-issuer"},
		"no URL":                 {given: oidcConfig{"login", "me", "s", ""}, fault: "--oidc-issuer"},
		"without a client":       {given: oidcConfig{issuer, "", "s", ""}, fault: "--oidc-client"},
		"without a secret":       {given: oidcConfig{issuer, "me", "", ""}, fault: "CLICKBOOK_OIDC_SECRET"},
		"a client only":          {given: oidcConfig{"", "me", "", ""}, fault: "--oidc-issuer"},
		"a file that is missing": {given: oidcConfig{issuer, "me", "", file + "x"}, fault: "--oidc-secret-file"},
	} {
		got, err := c.given.provider()
		if got.Secret != c.secret || (err != nil) != (c.fault != "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
