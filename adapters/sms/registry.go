package sms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

// Registry opens the registered providers by their kinds, and keeps each open until its configuration changes. It
// implements messaging.Providers.
type Registry struct {
	kinds  []Kind
	config Config // without what belongs to one provider
	lookup func(ctx context.Context, provider, providerID string) (reference string, ok bool)
	public string // the public address of the server, without a slash at the end

	mu   sync.Mutex // guards open
	open map[string]opened
}

type opened struct {
	version  string // of the configuration
	provider messaging.Provider
	err      error
}

// RegistryOptions is what every provider of an installation shares.
type RegistryOptions struct {
	Public string // the public address of the server, such as https://book.example.org
	Base   string // the path of the API, such as /api/v1
	Client *http.Client
	Now    func() time.Time
	Log    *slog.Logger
	// Lookup returns the reference of the text to which a provider gave an id, for Config.Lookup. Nil finds none.
	Lookup func(ctx context.Context, provider, providerID string) (reference string, ok bool)
}

// NewRegistry returns a registry of the kinds that an installation allows.
func NewRegistry(options RegistryOptions, kinds ...Kind) *Registry {
	return &Registry{
		kinds: kinds, public: strings.TrimSuffix(options.Public, "/") + options.Base, lookup: options.Lookup,
		config: Config{Client: options.Client, Now: options.Now, Log: options.Log}, open: make(map[string]opened),
	}
}

// Kinds returns the kinds that the installation allows.
func (r *Registry) Kinds() []Kind { return r.kinds }

// Kind returns the kind of a name.
func (r *Registry) Kind(name string) (Kind, bool) {
	at := slices.IndexFunc(r.kinds, func(kind Kind) bool { return kind.Name == name })
	if at < 0 {
		return Kind{}, false
	}
	return r.kinds[at], true
}

// Address returns the public address of a provider's callbacks of a kind, Receipts or Inbound.
func (r *Registry) Address(name, kind string) string {
	return r.public + "/callbacks/" + name + "/" + kind
}

// Find implements messaging.Providers.
func (r *Registry) Find(name string, known provider.State) messaging.Provider {
	found, err := r.Open(name, known)
	if err != nil {
		return nil
	}
	return found
}

// Open returns the open provider of a name, or why its configuration cannot be used: all problems at once.
func (r *Registry) Open(name string, known provider.State) (messaging.Provider, error) {
	version := versionOf(known)
	r.mu.Lock()
	defer r.mu.Unlock()
	if now, ok := r.open[name]; ok && now.version == version {
		return now.provider, now.err
	}
	now := opened{version: version}
	now.provider, now.err = r.connect(name, known)
	r.open[name] = now
	return now.provider, now.err
}

// CheckSenders returns the first sender of a route that its provider or the country does not allow, by its place in
// the terms, and why. It skips providers whose configuration cannot be used; Open says so.
func (r *Registry) CheckSenders(
	country string, terms []route.Term, known func(name string) (provider.State, error),
) (at int, invalid, err error) {
	for at, term := range terms {
		if term.Sender == "" || country == route.Elsewhere { // which country it will be is not known
			continue
		}
		state, err := known(term.Provider)
		if err != nil {
			return at, nil, err
		}
		opened, unusable := r.Open(term.Provider, state)
		if unusable != nil {
			continue
		}
		if rules, ok := opened.(SenderRules); ok {
			if invalid := rules.CheckSender(country, term.Sender); invalid != nil {
				return at, invalid, nil
			}
		}
	}
	return 0, nil, nil
}

func (r *Registry) connect(name string, known provider.State) (messaging.Provider, error) {
	kind, ok := r.Kind(known.Kind)
	if !ok {
		return nil, r.unknownKind(name, known.Kind)
	}
	if problems := kind.Check(known); len(problems) > 0 {
		return nil, fmt.Errorf("provider %s: %w", name, errors.Join(problems...))
	}
	config := kind.configOf(known)
	config.Provider = name
	config.Callback = func(kind string) string { return r.Address(name, kind) }
	config.Client, config.Now, config.Log = r.config.Client, r.config.Now, r.config.Log
	if r.lookup != nil {
		config.Lookup = func(ctx context.Context, id string) (string, bool) { return r.lookup(ctx, name, id) }
	}
	found, err := kind.Open(config)
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", name, err)
	}
	return found, nil
}

func (r *Registry) unknownKind(name, kind string) error {
	var names []string
	for _, one := range r.kinds {
		names = append(names, one.Name)
	}
	return fmt.Errorf("provider %s: this installation has no providers of kind %q, only %s; disable it, or "+
		"register one of those", name, kind, strings.Join(names, ", "))
}

// versionOf identifies a configuration.
func versionOf(known provider.State) string {
	var version strings.Builder
	part := func(text string) { fmt.Fprintf(&version, "%d:%s", len(text), text) }
	part(known.Kind)
	for _, setting := range known.Settings {
		part(setting.Name)
		part(setting.Value)
	}
	for _, secret := range known.Secrets {
		part(secret.Name)
		for _, value := range secret.Values {
			part(value.Reveal())
		}
	}
	return version.String()
}
