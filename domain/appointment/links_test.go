package appointment_test

import (
	"github.com/clickbook/clickbook/domain/appointment"
)

func links() []example {
	revoke := func(generation int) appointment.RevokeLinks {
		return appointment.RevokeLinks{Appointment: id, Generation: generation}
	}
	revoked := func(generation int) appointment.LinksRevoked {
		return appointment.LinksRevoked{Appointment: id, Generation: generation}
	}
	return []example{
		{Name: "links revoked", Given: booking, When: revoke(1), Then: events{revoked(1)}},
		{Name: "links revoked again", Given: append(booking, revoked(1)), When: revoke(2), Then: events{revoked(2)}},
		{Name: "a revocation sent twice", Given: append(booking, revoked(1)), When: revoke(1)},
		{Name: "links of a cancelled appointment", Given: append(booking, cancelled), When: revoke(1), Then: events{revoked(1)}},
		{Name: "links of an unknown appointment", When: revoke(1), Refused: appointment.ErrUnknown},
		{Name: "more than a link can carry", Given: booking, When: revoke(1 << 16), Refused: appointment.ErrLinksSpent},
	}
}
