package middleware

import (
	"context"
	"net/http"
	"reflect"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain"
)

// Normal puts every text of a request into Unicode normal form C: body and parameters, now and in later routes. So a
// name, a template or a reason is the same bytes however it was typed.
func Normal(next api.StrictHandlerFunc, _ string) api.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		if request == nil {
			return next(ctx, w, r, request)
		}
		normal := reflect.New(reflect.TypeOf(request)).Elem()
		normal.Set(reflect.ValueOf(request))
		normalize(normal)
		return next(ctx, w, r, normal.Interface())
	}
}

// normalize changes the texts that a value holds. It leaves alone what has no exported fields, such as a time.
func normalize(value reflect.Value) {
	switch value.Kind() {
	case reflect.String:
		if text := value.String(); value.CanSet() {
			value.SetString(domain.NFC(text))
		}
	case reflect.Pointer:
		if !value.IsNil() {
			normalize(value.Elem())
		}
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Type().Field(i).IsExported() {
				normalize(value.Field(i))
			}
		}
	case reflect.Slice:
		for i := range value.Len() {
			normalize(value.Index(i))
		}
	default: // numbers, ids and open streams
	}
}
