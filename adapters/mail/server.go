package mail

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/adapters/internal/loopback"
)

// Server is the mail server that emails are submitted to, as a URL says it:
//
//	smtps://user@mail.example.org?from=ClickBook <bookings@example.org>&bounces=bounces@example.org
//
// With smtps the connection begins with TLS (RFC 8314). With smtp it must become TLS by STARTTLS before anything is
// said, except to this machine itself, where it is plain. tls=starttls and tls=none say otherwise; a password is never
// sent without TLS to another machine.
type Server struct {
	Host     string
	Port     int
	Security Security
	User     string
	From     mail.Address
	// Bounces is the address whose variants, such as bounces+…@example.org, get the reports of emails that did not
	// arrive (see ReturnPaths). "" sends them to From.
	Bounces string
	Name    string // of this machine in EHLO; "" for its host name

	// TLS is the configuration of the connection, nil for that of the system.
	TLS *tls.Config

	password string
}

// Security is how a connection to a mail server is protected.
type Security string

// The kinds of protection.
const (
	ImplicitTLS Security = "tls"      // from the first byte
	StartTLS    Security = "starttls" // before anything that matters, or not at all
	Plain       Security = "none"
)

const (
	portSMTPS      = 465 // RFC 8314
	portSubmission = 587 // RFC 6409
)

// ParseServer parses the URL of a mail server. The password may be in the URL or apart from it. The error names all
// problems, and never the password.
func ParseServer(raw, password string) (Server, error) {
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Host == "" || parsed.Scheme != "smtp" && parsed.Scheme != "smtps" {
		return Server{}, errors.New(
			"invalid URL of the mail server: write smtps://USER@HOST?from=ADDRESS, and @ in USER as %40")
	}
	s := Server{Host: parsed.Hostname(), User: parsed.User.Username(), password: password}
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if inURL, given := parsed.User.Password(); given {
		if password != "" && password != inURL {
			wrong("the mail server has two passwords, in its URL and apart from it: give one")
		}
		s.password = inURL
	}
	query, err := url.ParseQuery(parsed.RawQuery)
	if err != nil {
		wrong("invalid query in the URL of the mail server: encode & and %% in its values as %%26 and %%25")
	}
	known := []string{"from", "bounces", "tls", "name"}
	for name, values := range query {
		if !slices.Contains(known, name) {
			wrong("unknown %q in the URL of the mail server: it takes %s", name, strings.Join(known, ", "))
		}
		if len(values) > 1 {
			wrong("%q is given twice in the URL of the mail server: give it once", name)
		}
	}
	if (parsed.Path != "" && parsed.Path != "/") || parsed.Fragment != "" {
		wrong("the URL of the mail server has a path: write only HOST and ?from=")
	}
	problems = append(problems, s.setSecurity(parsed.Scheme, query.Get("tls")), s.setPort(parsed.Port()),
		s.setAddresses(query.Get("from"), query.Get("bounces")), s.setName(query.Get("name")), s.checkLogin())
	return s, errors.Join(problems...)
}

func (s *Server) setSecurity(scheme, given string) error {
	switch {
	case scheme == "smtps" && (given == "" || given == string(ImplicitTLS)):
		s.Security = ImplicitTLS
	case scheme == "smtps":
		return fmt.Errorf("invalid tls=%q with smtps: write smtp://, or leave tls out", given)
	case given == string(Plain), given == "" && loopback.Is(s.Host):
		s.Security = Plain
	case given == string(StartTLS), given == "":
		s.Security = StartTLS
	default:
		return fmt.Errorf("invalid tls=%q: write starttls or none, or smtps:// instead of smtp://", given)
	}
	return nil
}

func (s *Server) setPort(given string) (err error) {
	if given == "" {
		s.Port = portSubmission
		if s.Security == ImplicitTLS {
			s.Port = portSMTPS
		}
		return nil
	}
	if s.Port, err = strconv.Atoi(given); err != nil || s.Port < 1 || s.Port > 65535 {
		return fmt.Errorf("invalid port %q of the mail server: write a number up to 65535", given)
	}
	return nil
}

func (s *Server) setAddresses(from, bounces string) error {
	var problems []error
	address, err := mail.ParseAddress(from)
	switch {
	case from == "":
		problems = append(problems, errors.New(
			"the sender is missing in the URL of the mail server: add ?from=ClickBook <bookings@example.org>"))
	case err != nil:
		problems = append(problems, fmt.Errorf("invalid from=%q: write bookings@example.org", from))
	default:
		s.From = *address
		s.From.Name = cmp.Or(s.From.Name, "ClickBook")
	}
	if bounces == "" {
		return errors.Join(problems...)
	}
	address, err = mail.ParseAddress(bounces)
	if err != nil || len(localPart(address.Address)) > maxBounceLocal || strings.ContainsAny(bounces, "+<>\" ") {
		problems = append(problems, fmt.Errorf(
			"invalid bounces=%q: write an address such as bounces@example.org, with at most %d characters before the @ and no +",
			bounces, maxBounceLocal))
	} else {
		s.Bounces = address.Address
	}
	return errors.Join(problems...)
}

func (s *Server) setName(given string) error {
	if strings.ContainsFunc(given, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("invalid name=%q: write the host name of this machine", given)
	}
	s.Name = given
	return nil
}

func (s *Server) checkLogin() error {
	switch {
	case s.User == "" && s.password != "":
		return errors.New("the mail server has a password and no user: write smtps://USER@HOST")
	case s.User != "" && s.password == "":
		return errors.New(
			"the password of the mail server is missing: give a file with --smtp-password-file, or CLICKBOOK_SMTP_PASSWORD")
	case s.User != "" && s.Security == Plain && !loopback.Is(s.Host):
		return errors.New("tls=none would send the password in the clear to another machine: leave tls out")
	}
	return nil
}

// String returns the URL with dots for the password.
func (s Server) String() string {
	scheme, login := "smtp", ""
	if s.Security == ImplicitTLS {
		scheme = "smtps"
	}
	if s.User != "" {
		login = url.User(s.User).String() + ":••••@"
	}
	return scheme + "://" + login + s.address()
}

// GoString keeps the password out of %#v.
func (s Server) GoString() string { return s.String() }

// Describe says in words where mail goes, for the operator.
func (s Server) Describe() string {
	how := map[Security]string{
		ImplicitTLS: "by TLS", StartTLS: "by STARTTLS", Plain: "without encryption",
	}[s.Security]
	text := fmt.Sprintf("mail goes to %s %s, from %s", s, how, s.From.Address)
	if s.Bounces == "" {
		return text + "; without bounces= nobody is told of mail that comes back"
	}
	return text + ", bounces to " + s.Bounces
}

func (s Server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// localPart and domainOf return what is before and after the last @ of an address.
func localPart(address string) string { return address[:max(0, strings.LastIndexByte(address, '@'))] }
func domainOf(address string) string  { return address[strings.LastIndexByte(address, '@')+1:] }
