package dbschema

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/adapters/internal/fault"
)

// parameters are the allowed parameters of a URL: our own, and those of libpq that the driver supports. A password
// belongs before the @, where programs that print URLs hide it.
var parameters = []string{
	"application_name", "channel_binding", "connect_timeout", "host", "krbspn", "krbsrvname", "max_protocol_version",
	"min_protocol_version", "options", "passfile", "port", "require_auth", "schema", "sslcert", "sslcertmode", "sslkey",
	"sslmode", "sslnegotiation", "sslrootcert", "sslsni", "target_session_attrs",
}

// schemaName matches names that PostgreSQL takes without quotes and that leave room for a suffix.
var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,49}$`)

const connectTimeout = 10 * time.Second // if the URL names none

const example = "postgres://user:password@host:5432/database"

// parse parses a URL. It does not repeat errors of net/url and of the driver about the URL itself, because they may
// quote a misplaced password.
func parse(text, schema string) (*pgxpool.Config, string, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, "", urlFault("the URL of the store cannot be read: write %s, with special characters of the "+
			"password as %%XX", example)
	}
	if parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" {
		return nil, "", urlFault("unknown scheme %q: the URL of a PostgreSQL store is %s", parsed.Scheme, example)
	}
	if strings.Trim(parsed.Path, "/") == "" {
		return nil, "", urlFault("the URL of the store has no database: write %s", example)
	}
	query, err := url.ParseQuery(parsed.RawQuery)
	if err != nil {
		return nil, "", urlFault("the parameters of the URL cannot be read: write special characters as %%XX")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		switch {
		case !slices.Contains(parameters, name):
			return nil, "", urlFault("unknown parameter %q in the URL of the store: use one of %s",
				name, strings.Join(parameters, ", "))
		case len(query[name]) > 1:
			return nil, "", urlFault("the URL of the store has the parameter %s twice", name)
		}
	}
	if query.Has("schema") {
		schema = query.Get("schema")
	}
	if !schemaName.MatchString(schema) || strings.HasPrefix(schema, "pg_") {
		return nil, "", urlFault("invalid schema %q: write up to 50 small letters, digits and underscores, "+
			"beginning with a letter but not with pg_", schema)
	}
	timeout := query.Has("connect_timeout")
	query.Del("schema")
	parsed.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // the driver, like libpq, decodes no other spaces
	config, err := pgxpool.ParseConfig(parsed.String())
	if err != nil {
		return nil, "", fault.New(ErrURL, err, "invalid parameter in the URL of the store")
	}
	if !timeout {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	runtime := config.ConnConfig.RuntimeParams
	runtime["search_path"] = schema
	if runtime["application_name"] == "" {
		runtime["application_name"] = "clickbook"
	}
	return config, schema, nil
}

func urlFault(format string, args ...any) *fault.Fault {
	return fault.New(ErrURL, nil, format, args...)
}
