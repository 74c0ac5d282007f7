package importing

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/service"
)

// Directory knows what an account has.
type Directory interface {
	// Known returns what an account has as of the end of the log. Of two resources or services with one name, the one
	// that counts comes first.
	Known(ctx context.Context, account domain.AccountID) (Known, error)
}

// Known is what an account has before an import.
type Known struct {
	Resources []KnownResource
	Services  []KnownService
	Clients   []KnownClient // without the erased ones
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

// KnownClient is a client with their name and how to reach them.
type KnownClient struct {
	ID                 domain.ClientID
	Name, Phone, Email string
}
