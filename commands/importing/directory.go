package importing

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/service"
)

// Directory knows what an account has.
type Directory interface {
	// Known returns the resources and services of an account as of the end of the log. Of two with one name, the one
	// that counts comes first.
	Known(ctx context.Context, account domain.AccountID) (Known, error)
	// ClientsWithPhone returns the clients of an account with a phone number in E.164.
	ClientsWithPhone(ctx context.Context, account domain.AccountID, phone string) ([]KnownClient, error)
}

// Known is what an account has before an import.
type Known struct {
	Resources []KnownResource
	Services  []KnownService
}

// KnownResource is a resource with its name.
type KnownResource struct {
	ID   domain.ResourceID
	Name string
}

// KnownService is a service with the policy in force.
type KnownService struct {
	ID      domain.ServiceID
	Policy  service.Policy
	Version int // of the policy
	Retired bool
}

// KnownClient is a client with their name.
type KnownClient struct {
	ID   domain.ClientID
	Name string
}
