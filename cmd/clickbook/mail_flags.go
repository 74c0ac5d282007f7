package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/mail"
)

// mailConfig says which mail server emails go to. Flags override the environment.
type mailConfig struct {
	url          string // CLICKBOOK_SMTP
	passwordFile string // CLICKBOOK_SMTP_PASSWORD_FILE
	password     string // CLICKBOOK_SMTP_PASSWORD
}

// flags adds the flags of a mail server. The help never shows a URL from the environment, which may hold a password.
func (c *mailConfig) flags(cmd *cobra.Command, getenv func(string) string) {
	cmd.Flags().StringVar(&c.url, "smtp", "",
		"`URL` of the mail server: smtps://USER@HOST?from=ADDRESS&bounces=ADDRESS (or CLICKBOOK_SMTP)")
	cmd.Flags().StringVar(&c.passwordFile, "smtp-password-file", getenv("CLICKBOOK_SMTP_PASSWORD_FILE"),
		"`FILE` with the password of USER (or CLICKBOOK_SMTP_PASSWORD_FILE, or the password in CLICKBOOK_SMTP_PASSWORD)")
	c.url, c.password = getenv("CLICKBOOK_SMTP"), getenv("CLICKBOOK_SMTP_PASSWORD")
}

// server returns the mail server, nil if none is configured.
func (c *mailConfig) server() (*mail.Server, error) {
	if c.url == "" {
		if c.passwordFile != "" || c.password != "" {
			return nil, errors.New("a password for the mail server needs its URL: give --smtp (or CLICKBOOK_SMTP)")
		}
		return nil, nil // emails are written to files
	}
	password := c.password
	var problem error
	if c.passwordFile != "" {
		text, err := os.ReadFile(c.passwordFile)
		if err != nil {
			problem = fmt.Errorf("cannot read --smtp-password-file: %w", err)
		}
		if password != "" {
			problem = errors.Join(problem, errors.New(
				"the password of the mail server is in a file and in CLICKBOOK_SMTP_PASSWORD: give one"))
		}
		if password = strings.TrimRight(string(text), "\r\n"); password == "" && err == nil {
			problem = errors.Join(problem, fmt.Errorf("%s is empty: write the password of the mail server into it",
				c.passwordFile))
		}
	}
	server, err := mail.ParseServer(c.url, password)
	return &server, errors.Join(problem, err)
}
