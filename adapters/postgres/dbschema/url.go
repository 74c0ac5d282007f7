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

// parameters may stand behind the question mark: our own, and those of libpq that the driver knows. Passwords have
// their place before the @, where everybody who prints a URL hides them.
var parameters = []string{
	"application_name", "channel_binding", "connect_timeout", "host", "krbspn", "krbsrvname", "max_protocol_version",
	"min_protocol_version", "options", "passfile", "port", "require_auth", "schema", "sslcert", "sslcertmode", "sslkey",
	"sslmode", "sslnegotiation", "sslrootcert", "sslsni", "target_session_attrs",
}

// schemaName is what PostgreSQL takes without quotes, and short enough for a suffix.
var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,49}$`)

const connectTimeout = 10 * time.Second // where the URL names none

const example = "postgres://user:password@host:5432/database"

// parse reads a URL. What the standard library or the driver say of a malformed one may quote a mislaid password, so
// it is not repeated.
func parse(text, schema string) (*pgxpool.Config, string, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, "", urlFault("the store's URL cannot be read: it looks like %s, and what is special in a password is "+
			"written as %%XX", example)
	}
	if parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" {
		return nil, "", urlFault("the scheme %q is not known here: a PostgreSQL store is named %s", parsed.Scheme, example)
	}
	if strings.Trim(parsed.Path, "/") == "" {
		return nil, "", urlFault("the store's URL names no database: it looks like %s", example)
	}
	query, err := url.ParseQuery(parsed.RawQuery)
	if err != nil {
		return nil, "", urlFault("the parameters of the store's URL cannot be read: what is special is written as %%XX")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		switch {
		case !slices.Contains(parameters, name):
			return nil, "", urlFault("the store's URL has a parameter %q, which is not known; there are %s",
				name, strings.Join(parameters, ", "))
		case len(query[name]) > 1:
			return nil, "", urlFault("the store's URL has the parameter %s twice", name)
		}
	}
	if query.Has("schema") {
		schema = query.Get("schema")
	}
	if !schemaName.MatchString(schema) || strings.HasPrefix(schema, "pg_") {
		return nil, "", urlFault("%q cannot be a schema: its name is up to 50 small letters, digits and underscores, "+
			"begins with a letter, and not with pg_", schema)
	}
	timeout := query.Has("connect_timeout")
	query.Del("schema")
	parsed.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // the driver knows no other spaces, like libpq
	config, err := pgxpool.ParseConfig(parsed.String())
	if err != nil {
		return nil, "", fault.New(ErrURL, err, "a parameter of the store's URL is wrong")
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
