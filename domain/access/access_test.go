package access_test

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/domaintest"
)

type example = domaintest.Example[access.Command, access.Event]

var (
	clinic = domain.DeriveID[domain.AccountID]("clinic")
	school = domain.DeriveID[domain.AccountID]("school")
	hash   = strings.Repeat("0a", 32)
	other  = strings.Repeat("0b", 32)
)

func given(events ...access.Event) []access.Event { return events }

func TestAccess(t *testing.T) {
	issued := access.KeyIssued{Account: clinic, Prefix: "cb_x7Qp", Hash: hash, Role: access.Owner, Label: "front desk"}
	admin := access.KeyIssued{Prefix: "cb_root", Hash: hash, Role: access.Admin}
	revoked := access.KeyRevoked{Account: clinic, Prefix: "cb_x7Qp"}
	revoke := access.Revoke{Account: clinic, Prefix: "cb_x7Qp"}
	examples := []example{
		{Name: "is issued", When: access.Issue(issued), Then: given(issued)},
		{Name: "is issued to an admin", When: access.Issue(admin), Then: given(admin)},
		{
			Name: "two keys of one prefix", Given: given(issued),
			When:    access.Issue{Account: clinic, Prefix: "cb_x7Qp", Hash: other, Role: access.Owner},
			Refused: access.ErrExists,
		},
		{Name: "does not come back", Given: given(issued, revoked), When: access.Issue(issued), Refused: access.ErrExists},
		{Name: "is revoked", Given: given(issued), When: revoke, Then: given(revoked)},
		{Name: "unknown is not revoked", When: revoke, Refused: access.ErrUnknown},
		{
			Name: "another account's is not revoked", Given: given(issued),
			When: access.Revoke{Account: school, Prefix: "cb_x7Qp"}, Refused: access.ErrUnknown,
		},
	}
	for name, spoil := range map[string]func(*access.Issue){
		"admin of an account":  func(c *access.Issue) { c.Role = access.Admin },
		"owner of nothing":     func(c *access.Issue) { c.Account = domain.AccountID{} },
		"a role we don't know": func(c *access.Issue) { c.Role = "root" },
	} {
		command := access.Issue(issued)
		spoil(&command)
		examples = append(examples, example{Name: name, When: command, Refused: access.ErrRole})
	}
	for name, spoil := range map[string]func(*access.Issue){
		"a hash cut short":       func(c *access.Issue) { c.Hash = hash[1:] },
		"a key instead of hash":  func(c *access.Issue) { c.Hash = strings.Repeat("Zz", 32) },
		"a prefix with a dash":   func(c *access.Issue) { c.Prefix = "cb-x" },
		"a prefix of two":        func(c *access.Issue) { c.Prefix = "cb" },
		"the key as its prefix ": func(c *access.Issue) { c.Prefix = strings.Repeat("a", 21) },
	} {
		command := access.Issue(issued)
		spoil(&command)
		examples = append(examples, example{Name: name, When: command, Refused: access.ErrKey})
	}
	domaintest.Run(t, access.Decider, examples)
}
