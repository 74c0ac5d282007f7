package httpapi

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

// Carriers are the kinds of providers that the installation can use, and what providers send it.
type Carriers interface {
	Kinds() []sms.Kind
	Kind(name string) (sms.Kind, bool)
	Open(name string, known provider.State) (messaging.Provider, error)
	CheckSenders(
		country string, terms []route.Term, known func(name string) (provider.State, error),
	) (at int, invalid, err error)
	Address(name, kind string) string
	Counts(name string) sms.Counts
	Check(ctx context.Context, name string, text messaging.Text) (sms.Check, error)
	Checked(reference string) (sms.Check, bool)
	Call(ctx context.Context, name string, call sms.Call) error
}

func (h *handlers) ListProviderKinds(
	_ context.Context, _ api.ListProviderKindsRequestObject,
) (api.ListProviderKindsResponseObject, error) {
	kinds := h.Carriers.Kinds()
	shown := make([]api.ProviderKind, len(kinds))
	for i, kind := range kinds {
		shown[i] = api.ProviderKind{Kind: kind.Name, Title: kind.Title, Fields: each(kind.Fields, shownField)}
	}
	return api.ListProviderKinds200JSONResponse{Items: shown}, nil
}

func shownField(field sms.Field) api.ProviderKindField {
	return api.ProviderKindField{
		Name: field.Name, Help: field.Help, Secret: field.Secret, Generated: field.Generated, Default: field.Default,
		Required: !field.Optional && !field.Generated,
	}
}

func (h *handlers) RegisterProvider(
	ctx context.Context, r api.RegisterProviderRequestObject,
) (api.RegisterProviderResponseObject, error) {
	kind, ok := h.Carriers.Kind(r.Body.Kind)
	if !ok {
		return nil, h.unknownKind(r.Body.Kind)
	}
	cmd := provider.Register{
		Provider: r.Body.Provider, Kind: r.Body.Kind, Label: r.Body.Label, Settings: settingsOf(r.Body.Settings),
	}
	for _, name := range slices.Sorted(maps.Keys(r.Body.Secrets)) {
		cmd.Secrets = append(cmd.Secrets, provider.NewSecret{Name: name, Value: domain.Secret(r.Body.Secrets[name])})
	}
	cmd.Secrets = kind.Generate(cmd.Secrets)
	known := provider.State{Kind: cmd.Kind, Settings: cmd.Settings}
	for _, secret := range cmd.Secrets {
		known.Secrets = append(known.Secrets, provider.Secret{Name: secret.Name, Values: []domain.Private{secret.Value}})
	}
	if err := checkConfiguration(kind, known); err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, cmd)
	return api.RegisterProvider201JSONResponse{CreatedJSONResponse: created(name(r.Body.Provider), outcome)}, err
}

func (h *handlers) unknownKind(kind string) error {
	var names []string
	for _, one := range h.Carriers.Kinds() {
		names = append(names, one.Name)
	}
	if h.Simulated {
		return problem.Invalid("kind", "this installation is a trial: its providers are of the kind simulated, not %q; "+
			"start another data directory to send real texts", kind)
	}
	return problem.Invalid("kind", "no provider is of the kind %q here; use %s", kind, strings.Join(names, ", "))
}

func settingsOf(given map[string]string) []provider.Setting {
	settings := make([]provider.Setting, 0, len(given))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		settings = append(settings, provider.Setting{Name: name, Value: given[name]})
	}
	return settings
}

// checkConfiguration refuses a configuration with all its problems at once.
func checkConfiguration(kind sms.Kind, known provider.State) error {
	problems := kind.Check(known)
	if len(problems) == 0 {
		return nil
	}
	sentences := make([]string, len(problems))
	for i, one := range problems {
		sentences[i] = one.Error()
	}
	return problem.Invalid("settings", "the configuration cannot be used: %s", strings.Join(sentences, "; "))
}

func (h *handlers) ConfigureProvider(
	ctx context.Context, r api.ConfigureProviderRequestObject,
) (api.ConfigureProviderResponseObject, error) {
	known, kind, err := h.carrier(ctx, r.Provider)
	if err != nil {
		return nil, err
	}
	known.Settings = settingsOf(r.Body.Settings)
	if err := checkConfiguration(kind, known); err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, provider.Configure{Provider: r.Provider, Settings: known.Settings})
	return api.ConfigureProvider200JSONResponse{DoneJSONResponse: done(name(r.Provider), outcome)}, err
}

func (h *handlers) SetProviderSecret(
	ctx context.Context, r api.SetProviderSecretRequestObject,
) (api.SetProviderSecretResponseObject, error) {
	known, kind, err := h.carrier(ctx, r.Provider)
	if err != nil {
		return nil, err
	}
	secret := provider.NewSecret{Name: r.Secret, Value: domain.Secret(r.Body.Value)}
	known.Secrets = slices.DeleteFunc(slices.Clone(known.Secrets), func(one provider.Secret) bool {
		return one.Name == r.Secret
	})
	known.Secrets = append(known.Secrets, provider.Secret{Name: secret.Name, Values: []domain.Private{secret.Value}})
	if err := checkConfiguration(kind, known); err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, provider.SetSecret{Provider: r.Provider, NewSecret: secret})
	return api.SetProviderSecret200JSONResponse{DoneJSONResponse: done(name(r.Provider), outcome)}, err
}

func (h *handlers) DropProviderSecret(
	ctx context.Context, r api.DropProviderSecretRequestObject,
) (api.DropProviderSecretResponseObject, error) {
	outcome, err := h.run(ctx, provider.DropSecret{Provider: r.Provider, Name: r.Secret})
	return api.DropProviderSecret200JSONResponse{DoneJSONResponse: done(name(r.Provider), outcome)}, err
}

// carrier returns a registered provider and its kind.
func (h *handlers) carrier(ctx context.Context, name string) (provider.State, sms.Kind, error) {
	known, _, err := commands.Load(ctx, h.Engine, provider.Decider, provider.Stream(name))
	if err != nil {
		return known, sms.Kind{}, err
	}
	if known.Kind == "" {
		return known, sms.Kind{}, provider.ErrUnknown
	}
	kind, ok := h.Carriers.Kind(known.Kind)
	if !ok {
		return known, kind, h.unknownKind(known.Kind)
	}
	return known, kind, nil
}

// checkText is what a test text says unless the caller says otherwise.
const checkText = "ClickBook test: this provider sends texts."

func (h *handlers) CheckProvider(
	ctx context.Context, r api.CheckProviderRequestObject,
) (api.CheckProviderResponseObject, error) {
	text := messaging.Text{From: r.Body.From, Body: r.Body.Text}
	if text.Body == "" {
		text.Body = checkText
	}
	if r.Body.To != "" {
		number, err := domain.ParsePhone(r.Body.To, "")
		if err != nil {
			return nil, problem.Invalid("to", "%s", err)
		}
		text.To, text.Country = number.E164, number.Country
	}
	check, err := h.Carriers.Check(ctx, r.Provider, text)
	return api.CheckProvider200JSONResponse(shownCheck(check)), err
}

func (h *handlers) ReadProviderCheck(
	_ context.Context, r api.ReadProviderCheckRequestObject,
) (api.ReadProviderCheckResponseObject, error) {
	check, ok := h.Carriers.Checked(r.Reference)
	if !ok {
		return nil, problem.ErrUnknown
	}
	return api.ReadProviderCheck200JSONResponse(shownCheck(check)), nil
}

func shownCheck(check sms.Check) api.ProviderCheck {
	return api.ProviderCheck{
		Credentials: check.Credentials, Reference: check.Reference, State: check.State, Code: check.Code,
		ProviderId: check.ProviderID,
	}
}
