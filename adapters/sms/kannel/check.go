package kannel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Check implements sms.Checked. It sends credentials without a number: an smsbox says that the number is missing only
// if the credentials are right. If the bearerbox is known, at least one link to a carrier must be up.
func (p *Provider) Check(ctx context.Context) error {
	request, err := p.request(ctx, p.caller, sendPath, p.credentials())
	if err != nil {
		return err
	}
	reply, err := p.caller.Do(request)
	switch {
	case err != nil:
		return fmt.Errorf("the smsbox did not reply: check that it runs, and %s: %w", fieldBase, err)
	case reply.Status == http.StatusForbidden || reply.Status == http.StatusUnauthorized:
		return fmt.Errorf("the smsbox refused the credentials: check %s and %s", fieldUser, fieldPassword)
	case reply.Status != http.StatusBadRequest || !strings.HasPrefix(string(reply.Body), "Missing receiver"):
		return fmt.Errorf("unexpected reply with status %d: check that %s is the address of an smsbox",
			reply.Status, fieldBase)
	}
	if p.status == nil {
		return nil
	}
	return p.checkLinks(ctx)
}

func (p *Provider) checkLinks(ctx context.Context) error {
	query := url.Values{"password": {p.config.Secret(fieldStatusPassword)}}
	request, err := p.request(ctx, p.status, "/status.txt", query)
	if err != nil {
		return err
	}
	reply, err := p.status.Do(request)
	switch said := string(reply.Body); {
	case err != nil:
		return fmt.Errorf("the bearerbox did not reply: check %s: %w", fieldStatus, err)
	case reply.Status != http.StatusOK || strings.HasPrefix(said, "Denied"):
		return fmt.Errorf("the bearerbox did not show its status: check %s and %s", fieldStatus, fieldStatusPassword)
	case !strings.Contains(said, "(online"):
		return errors.New("no link to a carrier is online: texts wait in Kannel; look at its smsc groups")
	}
	return nil
}
