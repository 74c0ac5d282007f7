package directory

import (
	"context"
	"strings"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Members says in which teams an email address is, and who a member is that did something. What a member
// may do is decided by their team's stream, not here.
type Members struct{ DB readmodel.Reader }

// Member is somebody of a team, also one who has left.
type Member struct {
	ID      domain.MemberID
	Account domain.AccountID // zero for an admin of the installation
	Name    string           // "" until they joined, and once they are erased
	Email   string           // in lower case; "" once they are erased
	Role    string
	Joined  bool
	Removed bool
}

var members = readmodel.Projection{
	Name: "members", Version: 1,
	Tables: []readmodel.Table{{
		Name: "members_v1",
		Columns: `member BYTEA NOT NULL, account BYTEA NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
			role TEXT NOT NULL, joined BIGINT NOT NULL, removed BIGINT NOT NULL`,
		Key:     "member",
		Indexes: []string{"(email, account)", "(account, member)"},
	}},
	Types: domain.NamesOf(team.MemberInvited{}, team.MemberJoined{}, team.MemberRoleChanged{}, team.MemberRemoved{},
		team.MemberErased{}),
	Apply: readmodel.ApplyEach(applyMember),
}

func applyMember(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case team.MemberInvited:
		return w.Exec(`INSERT INTO members_v1 (member, account, name, email, role, joined, removed)
			VALUES ($1, $2, '', $3, $4, 0, 0)`, readmodel.Key(e.Member), readmodel.Key(e.Account),
			strings.ToLower(e.Email.Reveal()), e.Role)
	case team.MemberJoined:
		return w.Exec(`UPDATE members_v1 SET name = $2, joined = 1 WHERE member = $1`, readmodel.Key(e.Member),
			e.Name.Reveal())
	case team.MemberRoleChanged:
		return w.Exec(`UPDATE members_v1 SET role = $2 WHERE member = $1`, readmodel.Key(e.Member), e.Role)
	case team.MemberRemoved:
		return w.Exec(`UPDATE members_v1 SET removed = 1 WHERE member = $1`, readmodel.Key(e.Member))
	case team.MemberErased:
		return w.Exec(`UPDATE members_v1 SET name = '', email = '' WHERE member = $1`, readmodel.Key(e.Member))
	default:
		return domain.Unexpected(r)
	}
}

const memberColumns = `SELECT member, account, name, email, role, joined, removed FROM members_v1 `

func readMember(row readmodel.Row) (m Member, err error) {
	readmodel.ReadID(&m.ID, row, 0)
	readmodel.ReadID(&m.Account, row, 1)
	m.Name, m.Email, m.Role = row.Text(2), row.Text(3), row.Text(4)
	m.Joined, m.Removed = row.Int(5) != 0, row.Int(6) != 0
	return m, nil
}

// WithEmail returns the members with an address who were not removed, in all teams.
func (q Members) WithEmail(ctx context.Context, email string) ([]Member, error) {
	if email == "" { // that of everybody who is erased
		return nil, nil
	}
	return readmodel.List(ctx, q.DB, readMember, memberColumns+`WHERE email = $1 AND removed = 0 ORDER BY account, member`,
		strings.ToLower(email))
}

// Of returns all members that a team ever had, by id. A zero account means the installation.
func (q Members) Of(ctx context.Context, account domain.AccountID) ([]Member, error) {
	return readmodel.List(ctx, q.DB, readMember, memberColumns+`WHERE account = $1 ORDER BY member`,
		readmodel.Key(account))
}
