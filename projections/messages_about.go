package projections

import (
	"context"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// About is the account and the appointment that a message is about. The appointment is zero for none.
type About struct {
	Message     domain.MessageID
	Account     domain.AccountID
	Appointment domain.AppointmentID
}

// askedAtOnce is how many messages one query asks for. It is always the same number, so that the database knows the
// statement.
const askedAtOnce = 32

// About returns what messages are about. Unknown ones are not among them.
func (q Messages) About(ctx context.Context, of []domain.MessageID) (found []About, err error) {
	read := func(row readmodel.Row) (a About, err error) {
		readmodel.ReadID(&a.Message, row, 0)
		readmodel.ReadID(&a.Account, row, 1)
		readmodel.ReadID(&a.Appointment, row, 2)
		return a, nil
	}
	for some := range slices.Chunk(of, askedAtOnce) {
		some = append(slices.Clone(some), make([]domain.MessageID, askedAtOnce-len(some))...)
		var w readmodel.Where
		readmodel.OneOf(&w, "message", some, func(id domain.MessageID) any { return readmodel.Key(id) })
		part, err := readmodel.List(ctx, q.DB, read, `SELECT message, account, appointment FROM messages_v5 `+w.String()+
			` ORDER BY message`, w.Args...)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	return found, nil
}
