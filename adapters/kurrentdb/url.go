package kurrentdb

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// schemes maps the accepted schemes to those of the client.
var schemes = map[string]string{
	"esdb": "esdb", "esdb+discover": "esdb+discover", "kurrentdb": "esdb", "kurrentdb+discover": "esdb+discover",
}

// parameters are the accepted ones. The client only logs an unknown parameter, so a typing error would have no effect
// and go unnoticed.
var parameters = []string{
	"tls", "tlsVerifyCert", "tlsCAFile", "userCertFile", "userKeyFile", "nodePreference", "maxDiscoverAttempts",
	"discoveryInterval", "gossipTimeout", "keepAliveInterval", "keepAliveTimeout", "defaultDeadline",
}

// CheckURL returns an error for a URL that Open would refuse without asking a node. It connects to nothing.
func CheckURL(url string) error {
	_, err := parse(url)
	return err
}

// parse reads a store's URL. Its errors do not quote what comes before the hosts, because that may contain a
// password.
func parse(text string) (*esdb.Configuration, error) {
	scheme, rest, found := strings.Cut(text, "://")
	client, known := schemes[strings.ToLower(scheme)]
	switch {
	case !found || strings.ContainsAny(scheme, "@/?"):
		return nil, errors.New("the store's URL must begin with esdb:// or kurrentdb://")
	case !known:
		return nil, fmt.Errorf("the store's URL begins with %q: write esdb, esdb+discover, kurrentdb or "+
			"kurrentdb+discover", scheme)
	}
	authority, query, _ := strings.Cut(rest, "?")
	if strings.Contains(rest, "#") || strings.Contains(query, "@") {
		return nil, errors.New("the store's URL contains a #, or an @ after a ?: in a password and elsewhere, " +
			"write # as %23, ? as %3F and @ as %40")
	}
	user, hosts := "", authority
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		user, hosts = authority[:at], authority[at+1:]
	}
	hosts = strings.TrimSuffix(hosts, "/")
	if hosts == "" || strings.ContainsAny(hosts, "/@ ") || strings.Contains(user, "/") {
		return nil, errors.New("the store's URL must name host:port after the scheme, and no path; " +
			"in a user's name or password, write / as %2F and @ as %40")
	}
	for host := range strings.SplitSeq(hosts, ",") {
		name, port, given := strings.Cut(host, ":")
		if n, err := strconv.ParseUint(port, 10, 16); name == "" || given && (err != nil || n == 0) {
			return nil, errors.New("the store's URL must name host:port after the scheme, or several separated by commas, " +
				"where a port is a number; give an IPv6 address a name")
		}
	}
	if err := checkParameters(query); err != nil {
		return nil, err
	}
	config, err := esdb.ParseConnectionString(client + "://" + hosts + "?" + query)
	if err != nil {
		return nil, fmt.Errorf("the store's URL is invalid: %w", err)
	}
	if config.Username, config.Password, err = credentials(user); err != nil {
		return nil, err
	}
	return config, checkConfig(config, strings.ToLower(query))
}

func checkParameters(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("the store's URL has unreadable parameters: %w", err)
	}
	seen := map[string]bool{}
	for key, given := range values {
		known := slices.ContainsFunc(parameters, func(name string) bool { return strings.EqualFold(name, key) })
		if !known {
			return fmt.Errorf("the store's URL has a parameter %q, which is unknown: write one of %s",
				key, strings.Join(parameters, ", "))
		}
		if len(given) > 1 || seen[strings.ToLower(key)] {
			return fmt.Errorf("the store's URL has the parameter %s twice: remove one", key)
		}
		seen[strings.ToLower(key)] = true
		if strings.EqualFold(key, "keepAliveInterval") && len(given[0]) < len("10000") && given[0] != "-1" {
			return errors.New("the store's URL has an invalid keepAliveInterval: write 10000 ms or more, or -1 for none")
		}
	}
	return nil
}

func credentials(user string) (name, password string, err error) {
	if user == "" {
		return "", "", nil
	}
	name, password, _ = strings.Cut(user, ":")
	name, errName := url.PathUnescape(name)
	password, errPassword := url.PathUnescape(password)
	switch {
	case errName != nil || errPassword != nil:
		return "", "", errors.New("the store's URL has a % in the user or the password: write it as %25")
	case name == "" || password == "":
		return "", "", errors.New("the store's URL must have a user and a password, or neither")
	}
	return name, password, nil
}

// checkConfig refuses settings that the client would accept and ignore.
func checkConfig(config *esdb.Configuration, query string) error {
	switch {
	case config.NodePreference != esdb.NodePreferenceLeader:
		return fmt.Errorf("the store's URL has nodePreference=%s, but reads must see the last append, so it is "+
			"always the leader: remove it", config.NodePreference)
	case config.DisableTLS && config.Username != "":
		return errors.New("the store's URL has a password and tls=false, but a password is sent through TLS only: " +
			"remove one of them")
	case config.DisableTLS && (config.UserCertFile != "" || config.RootCAs != nil):
		return errors.New("the store's URL has certificates and tls=false: remove one of them")
	case config.MaxDiscoverAttempts < 1 || config.DiscoveryInterval < 0 || config.GossipTimeout < 1:
		return errors.New("the store's URL has a maxDiscoverAttempts or gossipTimeout below 1, " +
			"or a negative discoveryInterval")
	case config.DefaultDeadline != nil && *config.DefaultDeadline < time.Millisecond:
		return errors.New("the store's URL has an invalid defaultDeadline: write a number of milliseconds")
	}
	if err := config.Validate(); err != nil {
		return fmt.Errorf("the store's URL is invalid: %w", err)
	}
	if !strings.Contains(query, "maxdiscoverattempts=") {
		config.MaxDiscoverAttempts = 1 // the supervisor retries instead, and blocks no caller
	}
	return nil
}

// addresses returns the hosts of a URL.
func addresses(config *esdb.Configuration) []string {
	if len(config.GossipSeeds) == 0 {
		return []string{config.Address}
	}
	var all []string
	for _, seed := range config.GossipSeeds {
		all = append(all, seed.String())
	}
	return all
}
