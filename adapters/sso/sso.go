// Package sso signs members in through the OpenID Connect provider of their organisation. The provider says who
// somebody is, by an email address that it has verified; what they may do is decided by their team. It makes nobody a
// member who was not invited.
package sso

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/clickbook/clickbook/adapters/internal/loopback"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
)

// The paths of the two steps, below people.LinkPath.
const (
	BeginPath = people.LinkPath + "sso"
	BackPath  = BeginPath + "/back"
)

// Refusals of the second step.
var (
	ErrAnotherBrowser = domain.Refuse(domain.Disallowed, "sso_another_browser",
		"this sign-in was begun in another browser, or took longer than five minutes; begin again")
	ErrNotVerified = domain.Refuse(domain.Disallowed, "sso_email_not_verified",
		"your organisation did not confirm your email address, so it is not known who you are; sign in by email")
	ErrNobody = domain.Refuse(domain.Disallowed, "sso_nobody",
		"nobody with your email address is a member; ask an owner to invite you")
	ErrDeclined = domain.Refuse(domain.Disallowed, "sso_declined",
		"your organisation did not sign you in; begin again, or sign in by email")
)

// timeout bounds one request to the provider.
const timeout = 10 * time.Second

// cookieName is the cookie that ties the two steps to one browser.
const cookieName = "__Host-clickbook-sso"

// Config names the provider.
type Config struct {
	Issuer, Client, Secret string
	Base                   string // the address of this server
}

// ValidIssuer reports whether a provider can have a URL: it is encrypted, or on this machine.
func ValidIssuer(issuer string) bool {
	at, err := url.Parse(issuer)
	return err == nil && at.Host != "" && (at.Scheme == "https" || at.Scheme == "http" && loopback.Is(at.Hostname()))
}

// Provider signs in through a provider.
type Provider struct {
	config Config
	people *people.People

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier // nil until the provider was asked for its addresses
	exchange oauth2.Config
}

// New returns a provider. It is asked when somebody first signs in, so that a server starts without it.
func New(config Config, with *people.People) *Provider {
	return &Provider{config: config, people: with}
}

func (p *Provider) discover(ctx context.Context) (*oidc.IDTokenVerifier, oauth2.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.verifier != nil {
		return p.verifier, p.exchange, nil
	}
	// The provider's keys are read again later, so its context must outlive the request.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: timeout}),
		p.config.Issuer)
	if err != nil {
		return nil, oauth2.Config{}, fmt.Errorf("ask %s for its addresses: %w", p.config.Issuer, err)
	}
	p.verifier = found.VerifierContext(
		oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: timeout}),
		&oidc.Config{ClientID: p.config.Client, Now: p.people.Engine.Now})
	p.exchange = oauth2.Config{
		ClientID: p.config.Client, ClientSecret: p.config.Secret, Endpoint: found.Endpoint(),
		RedirectURL: p.config.Base + BackPath, Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
	return p.verifier, p.exchange, nil
}

// begun is what is kept between the steps.
type begun struct {
	Nonce    string            `json:"nonce"`
	Verifier string            `json:"verifier"` // of PKCE
	Browser  [sha256.Size]byte `json:"browser"`  // hash of the cookie
}

// Begin returns where to send the browser, and the cookie that it needs.
func (p *Provider) Begin(ctx context.Context) (address string, cookie *http.Cookie, err error) {
	_, exchange, err := p.discover(ctx)
	if err != nil {
		return "", nil, err
	}
	browser := rand.Text()
	kept := begun{Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Browser: sha256.Sum256([]byte(browser))}
	data, err := json.Marshal(kept)
	if err != nil {
		return "", nil, err
	}
	state, err := p.people.Keep(ctx, people.Sso, people.Place{}, data)
	if err != nil {
		return "", nil, err
	}
	address = exchange.AuthCodeURL(state, oidc.Nonce(kept.Nonce), oauth2.S256ChallengeOption(kept.Verifier))
	return address, made(browser, 300), nil
}

func made(value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: age, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// Spent removes the cookie of the first step.
func Spent() *http.Cookie { return made("", -1) }

// Finish checks what the provider sent back with the browser, and begins a session.
func (p *Provider) Finish(r *http.Request) (secret string, err error) {
	ctx, query := r.Context(), r.URL.Query()
	data, ok, err := p.people.Take(ctx, people.Sso, people.Place{}, query.Get("state"))
	if err != nil {
		return "", err
	}
	var kept begun
	browser, missing := r.Cookie(cookieName)
	if !ok || missing != nil || json.Unmarshal(data, &kept) != nil {
		return "", ErrAnotherBrowser
	}
	sum := sha256.Sum256([]byte(browser.Value))
	if subtle.ConstantTimeCompare(sum[:], kept.Browser[:]) != 1 {
		return "", ErrAnotherBrowser
	}
	if query.Get("code") == "" {
		return "", ErrDeclined
	}
	claims, err := p.claims(ctx, query.Get("code"), kept)
	if err != nil {
		return "", err
	}
	at, ok, err := p.people.Recognise(ctx, claims.Email, claims.Name)
	if err == nil && !ok {
		err = ErrNobody
	}
	if err != nil {
		return "", err
	}
	return p.people.Begin(ctx, at, people.ByOrganisation, r.UserAgent())
}

// claims are what a provider says of somebody.
type claims struct {
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
	Name     string `json:"name"`
}

var errNonce = errors.New("the token of the provider has another nonce")

func (p *Provider) claims(ctx context.Context, code string, kept begun) (said claims, err error) {
	verifier, exchange, err := p.discover(ctx)
	if err != nil {
		return said, err
	}
	ctx = oidc.ClientContext(ctx, &http.Client{Timeout: timeout})
	tokens, err := exchange.Exchange(ctx, code, oauth2.VerifierOption(kept.Verifier))
	if err != nil {
		return said, fmt.Errorf("exchange the code of %s: %w", p.config.Issuer, err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return said, fmt.Errorf("verify the token of %s: %w", p.config.Issuer, err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(kept.Nonce)) != 1 {
		return said, errNonce
	}
	if err := token.Claims(&said); err != nil {
		return said, fmt.Errorf("read the token of %s: %w", p.config.Issuer, err)
	}
	if !said.Verified || said.Email == "" {
		return said, ErrNotVerified
	}
	return said, nil
}
