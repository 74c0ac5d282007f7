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

// schemes are the accepted ones and what the client calls them.
var schemes = map[string]string{
	"esdb": "esdb", "esdb+discover": "esdb+discover", "kurrentdb": "esdb", "kurrentdb+discover": "esdb+discover",
}

// parameters are what may stand behind the question mark. The client only logs what it does not know, so a slip of
// the pen would change nothing and say nothing.
var parameters = []string{
	"tls", "tlsVerifyCert", "tlsCAFile", "userCertFile", "userKeyFile", "nodePreference", "maxDiscoverAttempts",
	"discoveryInterval", "gossipTimeout", "keepAliveInterval", "keepAliveTimeout", "defaultDeadline",
}

// CheckURL says what is wrong with a URL that Open would refuse whatever the nodes say. It connects to nothing.
func CheckURL(url string) error {
	_, err := parse(url)
	return err
}

// parse reads a store's URL. No sentence holds a password, so none quotes what stands before the hosts.
func parse(text string) (*esdb.Configuration, error) {
	scheme, rest, found := strings.Cut(text, "://")
	client, known := schemes[strings.ToLower(scheme)]
	switch {
	case !found || strings.ContainsAny(scheme, "@/?"):
		return nil, errors.New("the store's URL must begin with esdb:// or kurrentdb://")
	case !known:
		return nil, fmt.Errorf("the store's URL begins with %q, where esdb, esdb+discover, kurrentdb or "+
			"kurrentdb+discover must stand", scheme)
	}
	authority, query, _ := strings.Cut(rest, "?")
	if strings.Contains(rest, "#") || strings.Contains(query, "@") {
		return nil, errors.New("the store's URL holds a #, or an @ behind a ?: in a password and elsewhere, " +
			"write # as %23, ? as %3F and @ as %40")
	}
	user, hosts := "", authority
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		user, hosts = authority[:at], authority[at+1:]
	}
	hosts = strings.TrimSuffix(hosts, "/")
	if hosts == "" || strings.ContainsAny(hosts, "/@ ") || strings.Contains(user, "/") {
		return nil, errors.New("the store's URL must name host:port behind the scheme, and no path; " +
			"in a user's name or password, / and @ are written as %2F and %40")
	}
	for host := range strings.SplitSeq(hosts, ",") {
		name, port, given := strings.Cut(host, ":")
		if n, err := strconv.ParseUint(port, 10, 16); name == "" || given && (err != nil || n == 0) {
			return nil, errors.New("the store's URL must name host:port behind the scheme, or several with commas between, " +
				"where a port is a number and an IPv6 address has a name")
		}
	}
	if err := checkParameters(query); err != nil {
		return nil, err
	}
	config, err := esdb.ParseConnectionString(client + "://" + hosts + "?" + query)
	if err != nil {
		return nil, fmt.Errorf("the store's URL cannot be used: %w", err)
	}
	if config.Username, config.Password, err = credentials(user); err != nil {
		return nil, err
	}
	return config, checkConfig(config, strings.ToLower(query))
}

func checkParameters(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("the store's URL has parameters that cannot be read: %w", err)
	}
	seen := map[string]bool{}
	for key, given := range values {
		known := slices.ContainsFunc(parameters, func(name string) bool { return strings.EqualFold(name, key) })
		if !known {
			return fmt.Errorf("the store's URL has a parameter %q, which is none of: %s", key, strings.Join(parameters, ", "))
		}
		if len(given) > 1 || seen[strings.ToLower(key)] {
			return fmt.Errorf("the store's URL has the parameter %s twice", key)
		}
		seen[strings.ToLower(key)] = true
		if strings.EqualFold(key, "keepAliveInterval") && len(given[0]) < len("10000") && given[0] != "-1" {
			return errors.New("the store's URL asks for a keepAliveInterval that is neither 10000 ms or more nor -1 for none")
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
		return "", "", errors.New("the store's URL has a user or a password in which a % is not written as %25")
	case name == "" || password == "":
		return "", "", errors.New("the store's URL must give a user and a password, or neither")
	}
	return name, password, nil
}

// checkConfig refuses what the client would accept and not do.
func checkConfig(config *esdb.Configuration, query string) error {
	switch {
	case config.NodePreference != esdb.NodePreferenceLeader:
		return fmt.Errorf("the store's URL asks for nodePreference=%s, but what is written must be read at once, so it is "+
			"always the leader: leave it out", config.NodePreference)
	case config.DisableTLS && config.Username != "":
		return errors.New("the store's URL has a password and tls=false, but a password is sent through TLS only: " +
			"take one of them out")
	case config.DisableTLS && (config.UserCertFile != "" || config.RootCAs != nil):
		return errors.New("the store's URL has certificates and tls=false: take one of them out")
	case config.MaxDiscoverAttempts < 1 || config.DiscoveryInterval < 0 || config.GossipTimeout < 1:
		return errors.New("the store's URL has a maxDiscoverAttempts or gossipTimeout below 1, " +
			"or a negative discoveryInterval")
	case config.DefaultDeadline != nil && *config.DefaultDeadline < time.Millisecond:
		return errors.New("the store's URL has a defaultDeadline that is no number of milliseconds")
	}
	if err := config.Validate(); err != nil {
		return fmt.Errorf("the store's URL cannot be used: %w", err)
	}
	if !strings.Contains(query, "maxdiscoverattempts=") {
		config.MaxDiscoverAttempts = 1 // trying again is the supervisor's part, which does not lock anybody in
	}
	return nil
}

// addresses are the hosts of a URL.
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
