package middleware_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
)

func TestNormalComposesEveryTextOfARequest(t *testing.T) {
	const decomposed, composed = "Jose\u0301", "Jos\u00e9"
	id := uuid.New()
	given := api.RegisterClientRequestObject{
		Account: id, Body: &api.Contact{Name: decomposed, Address: decomposed + " 1", Country: "CA"},
	}
	want := api.RegisterClientRequestObject{
		Account: id, Body: &api.Contact{Name: composed, Address: composed + " 1", Country: "CA"},
	}
	var got any
	next := func(_ context.Context, _ http.ResponseWriter, _ *http.Request, request any) (any, error) {
		got = request
		return nil, nil
	}
	if _, err := middleware.Normal(next, "")(t.Context(), nil, nil, given); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	rules := api.SetReminderRulesRequestObject{Body: &api.ReminderRules{Rules: []api.ReminderRule{{Id: decomposed}}}}
	if _, err := middleware.Normal(next, "")(t.Context(), nil, nil, rules); err != nil {
		t.Fatal(err)
	}
	if id := got.(api.SetReminderRulesRequestObject).Body.Rules[0].Id; id != composed {
		t.Errorf("a text in a list is %+q", id)
	}
}
