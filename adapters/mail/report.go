package mail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
)

// Refusals of a report.
var (
	ErrNoReport = domain.Refuse(domain.Invalid, "bounce_invalid",
		"this is not a delivery status report (RFC 3464); post the whole email as it arrived")
	ErrNotOurs = domain.Refuse(domain.Invalid, "bounce_forged",
		"this report was not sent to the return path of an email of this installation; post those that arrive at the "+
			"address in bounces=, with their To or Delivered-To")
)

// Limits of a report. It may carry the whole email that it is about after the part that matters.
const (
	maxReportParts  = 10
	maxReportStatus = 64 << 10
)

// ReadBounce reads a report about an email of this installation (RFC 3464). The address that it was sent to says which
// email it is about, and is signed. ok is false for a report that the email is delayed or has arrived.
func (r ReturnPaths) ReadBounce(report []byte, at time.Time) (bounce messaging.Bounce, ok bool, err error) {
	read, err := mail.ReadMessage(bytes.NewReader(report))
	if err != nil {
		return bounce, false, ErrNoReport
	}
	status, err := statusOf(read)
	if err != nil {
		return bounce, false, ErrNoReport
	}
	reference, ours := r.recipient(read.Header)
	if !ours {
		return bounce, false, ErrNotOurs
	}
	id, err := domain.ParseID[domain.MessageID](reference)
	if err != nil {
		return bounce, false, ErrNotOurs
	}
	code := statusCode.FindString(status.Get("Status"))
	bounce = messaging.Bounce{Message: id, Permanent: !strings.HasPrefix(code, "4"), Code: code, At: at}
	return bounce, strings.EqualFold(strings.TrimSpace(status.Get("Action")), "failed"), nil
}

var (
	statusCode = regexp.MustCompile(`[245]\.\d{1,3}\.\d{1,3}\b`)
	addresses  = regexp.MustCompile(`[^\s<>,;:"()]+@[^\s<>,;:"()]+`)
)

// recipient returns the reference of the email whose return path the report was sent to.
func (r ReturnPaths) recipient(header mail.Header) (reference string, ok bool) {
	for _, name := range []string{"To", "Delivered-To", "X-Original-To", "Envelope-To"} {
		for _, field := range header[textproto.CanonicalMIMEHeaderKey(name)] {
			for _, address := range addresses.FindAllString(field, maxReportParts) {
				if reference, ok := r.Message(address); ok {
					return reference, true
				}
			}
		}
	}
	return "", false
}

var errNoStatus = errors.New("no delivery status")

// statusOf returns what a report says about its recipient: the first who failed, else the first.
func statusOf(report *mail.Message) (textproto.MIMEHeader, error) {
	kind, params, err := mime.ParseMediaType(report.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" {
		return nil, errNoStatus
	}
	parts := multipart.NewReader(report.Body, params["boundary"])
	for range maxReportParts {
		part, err := parts.NextPart() // it decodes quoted-printable
		if err != nil {
			return nil, err
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if kind == "message/delivery-status" || kind == "message/global-delivery-status" {
			return failedOf(io.LimitReader(part, maxReportStatus))
		}
	}
	return nil, errNoStatus
}

// failedOf reads the groups of fields of a delivery status: one about the email, then one for each recipient.
func failedOf(status io.Reader) (found textproto.MIMEHeader, err error) {
	groups := textproto.NewReader(bufio.NewReader(status))
	for {
		group, err := groups.ReadMIMEHeader()
		action := strings.ToLower(strings.TrimSpace(group.Get("Action")))
		if action == "failed" {
			return group, nil
		}
		if action != "" && found == nil {
			found = group
		}
		switch {
		case err == nil:
		case found != nil:
			return found, nil
		default:
			return nil, errNoStatus
		}
	}
}
