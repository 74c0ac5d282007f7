package httpapi

import (
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/sms"
)

// Base is the path of the API.
const Base = openapi.Base

// maxCalls bounds the calls of providers that are handled at once. More wait at the provider, which calls again.
const maxCalls = 64

var (
	errCallForged = problem.New(http.StatusUnauthorized, "call_forged",
		"this call is not from the provider, or was made before")
	errCallMalformed = problem.New(http.StatusBadRequest, "call_malformed", "this call cannot be read")
	errCallTooLarge  = problem.New(http.StatusRequestEntityTooLarge, "body_too_large",
		"the body is larger than %d bytes", sms.MaxBody)
	errCallsBusy = &problem.Problem{
		Status: http.StatusServiceUnavailable, Code: "busy", RetryAfter: 1,
		Detail: "too many calls at once; call again in a second",
	}
)

// serveCallbacks serves the addresses at which providers report. They are not operations of the document, because
// every provider has its own form of a call. The provider verifies the raw body before anything of it is read.
func serveCallbacks(router *mux.Router, carriers Carriers, now func() time.Time) {
	slots := make(chan struct{}, maxCalls)
	handle := func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			middleware.Refuse(w, r, errCallsBusy)
			return
		}
		if err := takeCall(w, r, carriers, now()); err != nil {
			middleware.Refuse(w, r, err)
			return
		}
		w.WriteHeader(http.StatusOK)
	}
	router.HandleFunc(Base+"/callbacks/{provider:[a-z0-9-]{1,40}}/{kind:receipts|inbound}", handle).
		Methods(http.MethodGet, http.MethodPost)
}

func takeCall(w http.ResponseWriter, r *http.Request, carriers Carriers, now time.Time) error {
	vars := mux.Vars(r)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, sms.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errCallTooLarge
	case err != nil:
		return errCallMalformed
	}
	at := carriers.Address(vars["provider"], vars["kind"])
	if r.URL.RawQuery != "" {
		at += "?" + r.URL.RawQuery
	}
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	err = carriers.Call(r.Context(), vars["provider"], sms.Call{
		Kind: vars["kind"], Method: r.Method, URL: at, Header: r.Header, Body: body, From: from, At: now,
	})
	switch {
	case errors.Is(err, sms.ErrForged):
		return errCallForged
	case errors.Is(err, sms.ErrMalformed):
		return errCallMalformed
	}
	return err
}
