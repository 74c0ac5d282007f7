package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/sso"
)

// oidcConfig names the OpenID Connect provider of an organisation.
type oidcConfig struct {
	issuer     string // CLICKBOOK_OIDC_ISSUER
	client     string // CLICKBOOK_OIDC_CLIENT
	secret     string // CLICKBOOK_OIDC_SECRET only: other users of a machine can read the arguments of a process
	secretFile string // CLICKBOOK_OIDC_SECRET_FILE
}

func (c *oidcConfig) flags(cmd *cobra.Command, getenv func(string) string) {
	c.secret = getenv("CLICKBOOK_OIDC_SECRET")
	f := cmd.Flags()
	f.StringVar(&c.issuer, "oidc-issuer", getenv("CLICKBOOK_OIDC_ISSUER"),
		"`URL` of the OpenID Connect provider by which members may sign in (or CLICKBOOK_OIDC_ISSUER)")
	f.StringVar(&c.client, "oidc-client", getenv("CLICKBOOK_OIDC_CLIENT"),
		"client `ID` that the provider gave this server (or CLICKBOOK_OIDC_CLIENT)")
	f.StringVar(&c.secretFile, "oidc-secret-file", getenv("CLICKBOOK_OIDC_SECRET_FILE"),
		"`FILE` with the secret of the client (or CLICKBOOK_OIDC_SECRET_FILE; the secret itself in CLICKBOOK_OIDC_SECRET)")
}

// provider returns the provider, the zero Config if there is none.
func (c *oidcConfig) provider() (sso.Config, error) {
	if c.issuer == "" {
		if c.client != "" {
			return sso.Config{}, errors.New("--oidc-client needs --oidc-issuer, the URL of the provider")
		}
		return sso.Config{}, nil
	}
	if !sso.ValidIssuer(c.issuer) {
		return sso.Config{}, fmt.Errorf("invalid --oidc-issuer %q: write its URL, such as https://login.example.org",
			c.issuer)
	}
	secret := c.secret
	if secret == "" && c.secretFile != "" {
		text, err := os.ReadFile(c.secretFile)
		if err != nil {
			return sso.Config{}, fmt.Errorf("read --oidc-secret-file: %w", err)
		}
		secret = strings.TrimSpace(string(text))
	}
	if c.client == "" || secret == "" {
		return sso.Config{}, errors.New("--oidc-issuer needs --oidc-client, and the secret of the client in " +
			"CLICKBOOK_OIDC_SECRET or --oidc-secret-file")
	}
	return sso.Config{Issuer: c.issuer, Client: c.client, Secret: secret}, nil
}
