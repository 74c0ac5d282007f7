package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// compose returns the email in RFC 5322 form. Its text, HTML and calendar object are alternatives, and its attachments
// follow (RFC 2046). The same email is composed to the same bytes, so sending it again repeats it exactly.
func compose(from mail.Address, host string, m messaging.Mail) ([]byte, error) {
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return nil, &messaging.MailRefused{Permanent: true, Code: "invalid_address"}
	}
	if m.FromName != "" {
		from.Name = m.FromName
	}
	var out bytes.Buffer
	out.WriteString(addressField("From", from) + addressField("To", *to) + textField("Subject", m.Subject))
	if reply, err := mail.ParseAddress(m.ReplyTo); err == nil {
		out.WriteString(addressField("Reply-To", *reply))
	}
	fmt.Fprintf(&out, "Date: %s\r\n", m.At.UTC().Format(time.RFC1123Z))
	fmt.Fprintf(&out, "Message-ID: <%s@%s>\r\n", m.Reference, host)
	// Nobody reads what a machine replies to a machine (RFC 3834 5).
	out.WriteString("Auto-Submitted: auto-generated\r\n")
	if m.Urgent {
		out.WriteString("Importance: high\r\nX-Priority: 1\r\n")
	}
	if err := unsubscribe(&out, m.ListUnsubscribe); err != nil {
		return nil, err
	}
	out.WriteString("MIME-Version: 1.0\r\n")
	content := contentOf(m)
	for _, field := range content.fields {
		out.WriteString(field.name + ": " + field.value + "\r\n")
	}
	out.WriteString("\r\n")
	err = content.write(&out)
	return out.Bytes(), err
}

// unsubscribe writes the fields of RFC 2369 and, for https, of RFC 8058.
func unsubscribe(out *bytes.Buffer, url string) error {
	switch {
	case url == "":
		return nil
	case strings.ContainsFunc(url, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }):
		return fmt.Errorf("invalid unsubscribe URL %q: it must be ASCII without spaces", url)
	}
	out.WriteString("List-Unsubscribe: <" + url + ">\r\n")
	if strings.HasPrefix(url, "https://") {
		out.WriteString("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
	}
	return nil
}

// field is a header field of a part, already encoded.
type field struct{ name, value string }

// part is a part of an email: its fields, and what writes its encoded body.
type part struct {
	fields []field
	write  func(io.Writer) error
}

// contentOf returns what follows the header: the text alone, the alternatives, or those with the attachments.
func contentOf(m messaging.Mail) part {
	alternatives := []part{text("text/plain; charset=utf-8", m.Body)}
	if m.HTML != "" {
		alternatives = append(alternatives, text("text/html; charset=utf-8", m.HTML))
	}
	var files []part
	for _, attached := range m.Attachments {
		if isInvitation(attached.ContentType) {
			alternatives = append(alternatives, file(attached, ""))
		}
		files = append(files, file(attached, "attachment"))
	}
	content := alternatives[0]
	if len(alternatives) > 1 {
		content = several("alternative", m.Reference, alternatives)
	}
	if len(files) > 0 {
		content = several("mixed", m.Reference, append([]part{content}, files...))
	}
	return content
}

// isInvitation reports whether a file is a calendar object that a mail program acts on (RFC 6047).
func isInvitation(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "text/calendar" && params["method"] != ""
}

// text returns a part of text in quoted-printable form, which most people could read even undecoded.
func text(contentType, body string) part {
	fields := []field{{"Content-Type", contentType}, {"Content-Transfer-Encoding", "quoted-printable"}}
	return part{fields, func(to io.Writer) error {
		body = strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\n", "\r\n")
		encoded := quotedprintable.NewWriter(to)
		if _, err := encoded.Write([]byte(body)); err != nil {
			return err
		}
		return encoded.Close()
	}}
}

// file returns a part with a file in base64 form. Its disposition is "" for an alternative to the text.
func file(attached messaging.Attachment, disposition string) part {
	kind, params, err := mime.ParseMediaType(attached.ContentType)
	if err != nil { // what cannot be named is bytes
		kind, params = "application/octet-stream", nil
	}
	fields := []field{
		{"Content-Type", foldParameters(mime.FormatMediaType(kind, params))}, {"Content-Transfer-Encoding", "base64"},
	}
	if disposition != "" {
		name := mime.FormatMediaType(disposition, map[string]string{"filename": attached.Name})
		fields = append(fields, field{"Content-Disposition", foldParameters(name)})
	}
	return part{fields, func(to io.Writer) error {
		encoded := base64.StdEncoding.EncodeToString(attached.Body)
		for len(encoded) > maxEncoded {
			if _, err := io.WriteString(to, encoded[:maxEncoded]+"\r\n"); err != nil {
				return err
			}
			encoded = encoded[maxEncoded:]
		}
		_, err := io.WriteString(to, encoded+"\r\n")
		return err
	}}
}

// foldParameters gives each parameter of a header field a line of its own.
func foldParameters(value string) string { return strings.ReplaceAll(value, "; ", ";\r\n ") }

// several returns a part made of parts. The boundary is derived from the reference, and no encoded text can contain it,
// because it begins with "=_" (RFC 2045 6.7).
func several(kind, reference string, parts []part) part {
	sum := sha256.Sum256([]byte(kind + " " + reference))
	boundary := "=_" + hex.EncodeToString(sum[:16])
	contentType := foldParameters(mime.FormatMediaType("multipart/"+kind, map[string]string{"boundary": boundary}))
	return part{[]field{{"Content-Type", contentType}}, func(to io.Writer) error {
		writer := multipart.NewWriter(to)
		if err := writer.SetBoundary(boundary); err != nil {
			return err
		}
		for _, one := range parts {
			header := make(textproto.MIMEHeader)
			for _, f := range one.fields {
				header.Set(f.name, f.value)
			}
			body, err := writer.CreatePart(header)
			if err != nil {
				return err
			}
			if err := one.write(body); err != nil {
				return err
			}
		}
		return writer.Close()
	}}
}
