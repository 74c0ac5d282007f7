package httpapi_test

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
)

// prefix returns the prefix of a key.
func prefix(key string) string { return strings.Split(key, "_")[1] }

func TestLastAdminKeyIsNotRevoked(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.refused(409, "key_last_admin", w.admin, "DELETE", "/keys/"+prefix(w.admin), nil)
	w.must(200, w.admin, "GET", "/whoami", nil)
	w.refused(404, "key_unknown", w.admin, "DELETE", "/keys/aaaaaaaa", nil)
	w.refused(404, "key_unknown", w.admin, "DELETE", "/keys/"+prefix(acc.owner), nil) // a key of an account

	second := w.must(201, w.admin, "POST", "/keys", object{"role": "admin"})
	w.must(200, second.text("key"), "DELETE", "/keys/"+prefix(w.admin), nil)
	w.refused(401, "key_unknown", w.admin, "GET", "/whoami", nil)
	w.must(200, second.text("key"), "DELETE", "/keys/"+prefix(w.admin), nil) // again
	w.refused(409, "key_last_admin", second.text("key"), "DELETE", "/keys/"+second.text("prefix"), nil)
	w.must(200, second.text("key"), "DELETE", acc.path+"/keys/"+prefix(acc.owner), nil)
}

// TestAdminsCannotRevokeEachOtherAtOnce lets every admin key revoke all others at the same time.
func TestAdminsCannotRevokeEachOtherAtOnce(t *testing.T) {
	w := newWorld(t)
	admins := []string{w.admin}
	for range 5 {
		admins = append(admins, w.issue(domain.AccountID{}, access.Admin))
	}
	w.must(200, w.admin, "GET", "/keys?after="+w.head().String(), nil)
	var all sync.WaitGroup
	for _, by := range admins {
		all.Go(func() {
			for _, other := range admins {
				if other != by {
					out := httptest.NewRecorder()
					w.handler.ServeHTTP(out, w.request(by, "DELETE", "/keys/"+prefix(other), nil))
				}
			}
		})
	}
	all.Wait()
	valid := 0
	for _, key := range admins {
		out := httptest.NewRecorder()
		w.handler.ServeHTTP(out, w.request(key, "GET", "/whoami", nil))
		if out.Code == 200 {
			valid++
		}
	}
	if valid != 1 {
		t.Errorf("%d admin keys are left, want 1: each admin revoked all others", valid)
	}
}
